package dev.sluice.wire;

import dev.sluice.imports.BookedQuery;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A page of transactions, newest day first. Wire contract §3.
///
/// @param total how many there are in all, without regard to the page
/// @param next what asks for the page behind it, as `after`
public record TransactionListDocument(
        List<TransactionDocument> transactions,
        long total,
        @Nullable String next) {
    private static final Pattern PLACE = Pattern.compile("(\\d{4}-\\d{2}-\\d{2}):(\\d{1,18})");

    public TransactionListDocument {
        transactions = List.copyOf(transactions);
    }

    public static TransactionListDocument of(BookedQuery.Page page) {
        BookedQuery.After next = page.next();
        return new TransactionListDocument(
                page.transactions().stream()
                        .map(one ->
                                TransactionDocument.of(one, page.suggestions().get(one.id())))
                        .toList(),
                page.total(),
                next == null ? null : next.booked() + ":" + next.id());
    }

    /// The place that a page's `next` names; empty where the word is none.
    public static Optional<BookedQuery.After> after(String next) {
        Matcher place = PLACE.matcher(next);
        return place.matches()
                ? Optional.of(new BookedQuery.After(place.group(1), Long.parseLong(place.group(2))))
                : Optional.empty();
    }
}
