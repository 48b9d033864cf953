package dev.sluice.imports;

import dev.sluice.csv.Survey;
import dev.sluice.csv.Warning;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A bank's file: its rows are to become transactions.
///
/// @param whose they are
record BankReading(Survey survey, Mapping mapping, Whose whose) implements Reading<BookedRow> {
    @Override
    public List<Warning> doubts() {
        return mapping.warnings();
    }

    @Override
    public List<Warning> problems() {
        return mapping.problems();
    }

    @Override
    public List<String> uses() {
        return mapping.roles().stream().map(Role::word).toList();
    }

    @Override
    public @Nullable OwnTable table() {
        return null;
    }

    @Override
    public Class<BookedRow> type() {
        return BookedRow.class;
    }

    @Override
    public RowMaker maker() {
        return new Bookkeeping(mapping, whose.currency());
    }

    @Override
    public Function<BookedRow, Fingerprint> fingerprints() {
        var fingerprint = new Fingerprint(whose.owner());
        return row -> {
            String counterparty = row.counterparty();
            fingerprint.of(
                    whose.account(row),
                    row.booked().toEpochDay(),
                    row.amountMinor(),
                    whose.currency(row),
                    row.description().isBlank() && counterparty != null ? counterparty : row.description(),
                    row.reference(),
                    row.balanceMinor());
            return fingerprint;
        };
    }

    /// Two equal coffees on a day are two.
    @Override
    public boolean counted() {
        return true;
    }

    @Override
    public Load.Destination<BookedRow> destination() {
        return new BookedRows(whose);
    }

    @Override
    public String settings() {
        return whose.currency();
    }
}
