package dev.sluice.imports;

import java.util.List;
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
    public record After(String booked, long id) {}

    /// @param total how many there are in all, without regard to the page
    /// @param next where the next page begins; null where there is none
    public record Page(
            List<Booked> transactions, long total, @Nullable After next) {}
}
