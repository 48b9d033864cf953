package dev.sluice.categories;

/// The name by which corrections know a merchant: the words of the bank's text in capitals A–Z, without what changes
/// from one transaction to the next (dates, card and store numbers, references, IBANs), without who only passed the
/// payment on (`SQ *`, `PAYPAL *`), without city, state and country at the end. Empty where nothing remains.
///
/// It may change with the version of Sluice only where both spellings are kept: corrections are looked up by it.
public final class Merchant {
    private Merchant() {}

    /// The key of a bank's text.
    public static String key(String text) {
        return new Text(text).key();
    }

    /// The key of a transaction: of its counterparty, where that names a merchant, else of its description.
    public static String key(Booking booking) {
        return named(booking).key();
    }

    /// The text that names the merchant.
    static Text named(Booking booking) {
        String counterparty = booking.counterparty();
        if (counterparty == null || counterparty.isBlank()) {
            return new Text(booking.description());
        }
        Text text = new Text(counterparty);
        if (text.named() > 0 && !text.isProcessor()) {
            return text;
        }
        Text description = new Text(booking.description());
        return description.named() > 0 ? description : text;
    }
}
