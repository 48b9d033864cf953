package dev.sluice.server;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.imports.BookedQuery;
import dev.sluice.imports.Imported;
import dev.sluice.imports.Imports;
import dev.sluice.wire.TransactionListDocument;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Which transactions a request's query asks for. Safe for use by many threads.
final class TransactionFilter {
    private static final int USUAL = 100;
    private static final int MOST = 1000;

    private final Imports imports;
    private final ImportStatuses statuses;

    TransactionFilter(Imports imports, ImportStatuses statuses) {
        this.imports = imports;
        this.statuses = statuses;
    }

    /// @param query its parameters by their names
    /// @throws ProblemException `invalid_request`
    BookedQuery of(Function<String, @Nullable String> query) {
        String limit = query.apply("limit");
        if (limit != null && (!limit.matches("[1-9][0-9]{0,3}") || Integer.parseInt(limit) > MOST)) {
            throw invalid("limit", "a limit is a number from 1 to " + MOST + ", not " + limit);
        }
        return new BookedQuery(
                Owner.LOCAL.name(),
                word(query, "account"),
                numbers(word(query, "import")),
                word(query, "category"),
                word(query, "q"),
                limit == null ? USUAL : Integer.parseInt(limit),
                after(word(query, "after")));
    }

    private static @Nullable String word(Function<String, @Nullable String> query, String name) {
        String value = query.apply(name);
        return value == null || value.isEmpty() ? null : value;
    }

    private static BookedQuery.@Nullable After after(@Nullable String next) {
        if (next == null) {
            return null;
        }
        return TransactionListDocument.after(next)
                .orElseThrow(() -> invalid("after", "after is the next of the page before, not " + next));
    }

    /// Of one that has no rows there is nothing to show.
    private @Nullable List<Long> numbers(@Nullable String id) {
        if (id == null) {
            return null;
        }
        return statuses.meant(id).stream()
                .map(job -> imports.there(Owner.LOCAL, job))
                .flatMap(Optional::stream)
                .map(Imported::number)
                .toList();
    }

    private static ProblemException invalid(String field, String message) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, message, Map.of("field", field));
    }
}
