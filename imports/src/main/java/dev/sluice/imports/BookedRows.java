package dev.sluice.imports;

import java.sql.SQLException;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;

/// How transactions are written.
///
/// @param whose they are
record BookedRows(Whose whose) implements Load.Destination<BookedRow> {
    private static final List<String> NAMES = List.of(
            "id",
            "account",
            "booked",
            "valued",
            "amount",
            "currency",
            "description",
            "counterparty",
            "counterparty_account",
            "reference",
            "balance",
            "bank_category",
            "mcc",
            "formula",
            "line");

    @Override
    public String table() {
        return "transactions";
    }

    @Override
    public List<String> names() {
        return NAMES;
    }

    @Override
    public Map<String, String> same(long number) {
        return Map.of("import", Long.toString(number), "owner", whose.owner());
    }

    @Override
    public void put(long id, BookedRow row, BulkRows rows) throws SQLException {
        LocalDate valued = row.valued();
        rows.number(id);
        rows.text(whose.account(row));
        rows.text(row.booked().toString());
        rows.text(valued == null || valued.equals(row.booked()) ? null : valued.toString());
        rows.number(row.amountMinor());
        rows.text(whose.currency(row));
        rows.text(row.description());
        rows.text(row.counterparty());
        rows.text(row.counterpartyAccount());
        rows.text(row.reference());
        rows.number(row.balanceMinor());
        rows.text(row.bankCategory());
        rows.text(row.mcc());
        rows.number(row.formula() ? 1 : 0);
        rows.number(row.line());
    }
}
