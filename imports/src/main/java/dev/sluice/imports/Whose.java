package dev.sluice.imports;

/// Whose rows an import brings, and what those have that do not say it themselves.
///
/// @param currency as ISO 4217
record Whose(String owner, String account, String currency) {
    String account(BookedRow row) {
        String said = row.account();
        return said == null ? account : said;
    }

    String currency(BookedRow row) {
        String said = row.currency();
        return said == null ? currency : said;
    }
}
