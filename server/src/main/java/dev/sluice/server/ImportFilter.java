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
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/// What of that which imports have brought a request's query asks for. Safe for use by many threads.
final class ImportFilter {
    private static final int USUAL = 100;
    private static final int MOST = 1000;

    private final Imports imports;
    private final ImportStatuses statuses;

    ImportFilter(Imports imports, ImportStatuses statuses) {
        this.imports = imports;
        this.statuses = statuses;
    }

    /// @param query its parameters by their names
    /// @throws ProblemException `invalid_request`
    BookedQuery transactions(Request request, Function<String, @Nullable String> query) {
        Owner owner = Access.meant(request, query.apply("owner"));
        return new BookedQuery(
                owner.name(),
                word(query, "account"),
                imports(request, owner, query.apply("import")),
                word(query, "category"),
                word(query, "q"),
                limit(query.apply("limit")),
                after(word(query, "after")));
    }

    /// How many of something a page has.
    ///
    /// @throws ProblemException `invalid_request`
    static int limit(@Nullable String limit) {
        if (limit == null) {
            return USUAL;
        }
        if (!limit.matches("[1-9][0-9]{0,3}") || Integer.parseInt(limit) > MOST) {
            throw invalid("limit", "a limit is a number from 1 to " + MOST + ", not " + limit);
        }
        return Integer.parseInt(limit);
    }

    /// The number behind which a page begins; null: it is the first.
    ///
    /// @throws ProblemException `invalid_request`
    static @Nullable Long number(@Nullable String after) {
        if (after == null) {
            return null;
        }
        if (!after.matches("\\d{1,18}")) {
            throw invalid("after", "after is the next of the page before, not " + after);
        }
        return Long.valueOf(after);
    }

    /// @param format as the query says it
    /// @throws ProblemException `invalid_request` where it is neither
    static boolean wantsCsv(@Nullable String format, @Nullable String accept) {
        if (format == null) {
            return accept != null && accept.startsWith("text/csv");
        }
        return switch (format) {
            case "csv" -> true;
            case "json" -> false;
            default -> throw invalid("format", "the format is json or csv, not " + format);
        };
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

    /// The numbers of the imports that an id means; null: of all. Of one that has no rows there is nothing to show.
    @Nullable
    List<Long> imports(Request request, Owner owner, @Nullable String id) {
        if (id == null || id.isEmpty()) {
            return null;
        }
        return statuses.meant(Identity.of(request), id).stream()
                .map(job -> imports.there(owner, job))
                .flatMap(Optional::stream)
                .map(Imported::number)
                .toList();
    }

    private static ProblemException invalid(String field, String message) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, message, Map.of("field", field));
    }
}
