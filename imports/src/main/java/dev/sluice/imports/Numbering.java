package dev.sluice.imports;

import org.jspecify.annotations.Nullable;

/// Gives rows their ids, and what they are known again by, in the order of their file. Used by one thread.
final class Numbering {
    private final Load.Order order;
    private final Fingerprint fingerprint;
    private final Occurrences occurrences = new Occurrences();
    private long next;

    Numbering(Load.Order order) {
        this.order = order;
        this.fingerprint = new Fingerprint(order.owner());
        this.next = order.firstRow();
    }

    @Nullable
    Prepared prepared(@Nullable BookedRow row) {
        if (row == null) {
            return null;
        }
        String account = row.account() == null ? order.account() : row.account();
        String currency = row.currency() == null ? order.currency() : row.currency();
        String counterparty = row.counterparty();
        fingerprint.of(
                account,
                row.booked().toEpochDay(),
                row.amountMinor(),
                currency,
                row.description().isBlank() && counterparty != null ? counterparty : row.description(),
                row.reference(),
                row.balanceMinor());
        return new Prepared(
                next++,
                row,
                account,
                currency,
                fingerprint.high(),
                fingerprint.low(),
                occurrences.next(fingerprint.low()));
    }
}
