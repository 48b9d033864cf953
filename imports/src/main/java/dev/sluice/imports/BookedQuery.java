package dev.sluice.imports;

import dev.sluice.categories.Suggestion;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which transactions are asked for, newest day first.
///
/// @param account or null: of all
/// @param imports numbers of imports, or null: of all
/// @param category its word, or null: of all
/// @param text that the description or the counterparty contains, in upper or lower case; null: any
/// @param limit at the most so many
/// @param after the place behind which to go on, as the page before said it; null: from the first
public record BookedQuery(
        String owner,
        @Nullable String account,
        @Nullable List<Long> imports,
        @Nullable String category,
        @Nullable String text,
        int limit,
        @Nullable After after) {

    /// A place in the order of transactions.
    public record After(String booked, long id) {
        static After of(Booked transaction) {
            return new After(transaction.booked(), transaction.id());
        }
    }

    BookedQuery behind(After place) {
        return new BookedQuery(owner, account, imports, category, text, limit, place);
    }

    /// @param suggestions of those that are uncategorized, by their ids: the best three categories, best first
    /// @param total how many there are in all, without regard to the page
    /// @param next where the next page begins; null where there is none
    public record Page(
            List<Booked> transactions,
            Map<Long, List<Suggestion>> suggestions,
            long total,
            @Nullable After next) {}
}
