package dev.sluice.wire;

import dev.sluice.csv.Column;
import dev.sluice.csv.Dialect;
import dev.sluice.csv.Survey;
import dev.sluice.csv.Warning;
import dev.sluice.imports.BookedRow;
import dev.sluice.imports.OwnTable;
import dev.sluice.imports.Preview;
import dev.sluice.imports.Reject;
import dev.sluice.imports.TableRow;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an import of a file would make of it.
///
/// @param encodingAssumed whether nothing in the file shows it
/// @param quote absent: fields stand between none
/// @param header whether a record names the columns
/// @param tableLine where the table begins, from 1
/// @param records below the header and above the footer
/// @param footer how many records at the end are no part of the table
/// @param uneven how many records have another number of fields than there are columns
/// @param confidence that the dialect is right, 0–1
/// @param alternatives delimiters that it could be otherwise, the likeliest first
/// @param table in which its rows would go, and what the first records come to there; absent: they would be
/// transactions
/// @param rows the transactions that the first records come to; none where there are problems
/// @param rejects those of the first records that are wrong
/// @param warnings what a person should know of it
/// @param problems what keeps it from being imported as it is
public record PreviewDocument(
        String filename,
        long size,
        String encoding,
        boolean encodingAssumed,
        String delimiter,
        @Nullable String quote,
        boolean header,
        long tableLine,
        long records,
        long footer,
        long uneven,
        double confidence,
        List<String> alternatives,
        List<Place> columns,
        @Nullable Rows table,
        List<Row> rows,
        List<Reject> rejects,
        List<Remark> warnings,
        List<Remark> problems) {
    /// A column.
    ///
    /// @param role that it has: `booked`, `amount`, `ignore`; of a file for a table the column that takes its values
    /// @param holds the type of what it holds
    /// @param dates their pattern: `dd.MM.yyyy`
    /// @param dateOrder `year_first`, `day_first`, `month_first`
    /// @param decimalMark `comma`, `point`
    public record Place(
            String name,
            String role,
            String holds,
            @Nullable String dates,
            @Nullable String dateOrder,
            @Nullable String decimalMark) {
        static Place of(Column column, String role) {
            return new Place(
                    column.name(),
                    role,
                    word(column.type()),
                    column.datePattern(),
                    column.dateOrder() == null ? null : word(column.dateOrder()),
                    column.decimalMark() == null ? null : word(column.decimalMark()));
        }
    }

    /// A transaction as it would be.
    ///
    /// @param amount as a decimal number
    public record Row(
            long line,
            String booked,
            @Nullable String valued,
            String amount,
            @Nullable String currency,
            String description,
            @Nullable String counterparty,
            @Nullable String counterpartyAccount,
            @Nullable String reference,
            @Nullable String balance,
            @Nullable String bankCategory,
            @Nullable String mcc,
            @Nullable String account,
            boolean formula) {
        static Row of(BookedRow row) {
            Long balance = row.balanceMinor();
            return new Row(
                    row.line(),
                    row.booked().toString(),
                    row.valued() == null ? null : row.valued().toString(),
                    TransactionDocument.decimal(row.amountMinor(), row.currency()),
                    row.currency(),
                    row.description(),
                    row.counterparty(),
                    row.counterpartyAccount(),
                    row.reference(),
                    balance == null ? null : TransactionDocument.decimal(balance, row.currency()),
                    row.bankCategory(),
                    row.mcc(),
                    row.account(),
                    row.formula());
        }
    }

    /// Rows of a table as they would be.
    ///
    /// @param name of the table's profile
    /// @param rows each with its line, and its values by the columns' names
    public record Rows(String name, List<TableLine> rows) {}

    /// @param line of the file, from 1
    /// @param values by the columns' names
    public record TableLine(long line, Map<String, Object> values) {}

    /// Something about the file.
    ///
    /// @param code stable, in snake case
    /// @param line where it shows first, from 1; absent where it is about the whole
    public record Remark(
            String code, String message, @Nullable Long line) {
        static List<Remark> of(List<Warning> warnings) {
            return warnings.stream()
                    .map(warning -> new Remark(
                            warning.code(), warning.message(), warning.line() == 0 ? null : (Long) warning.line()))
                    .toList();
        }
    }

    public static PreviewDocument of(String filename, Preview preview) {
        Survey survey = preview.survey();
        Dialect dialect = survey.dialect();
        return new PreviewDocument(
                filename,
                survey.size(),
                survey.encoding().charset().name(),
                survey.encoding().assumed(),
                String.valueOf(dialect.delimiter()),
                dialect.quote() == Dialect.NO_QUOTE ? null : String.valueOf(dialect.quote()),
                survey.header(),
                survey.tableLine(),
                survey.records(),
                survey.footer(),
                survey.uneven(),
                survey.confidence(),
                survey.alternatives().stream()
                        .map(other -> String.valueOf(other.delimiter()))
                        .distinct()
                        .toList(),
                places(preview),
                table(preview),
                preview.rows().stream()
                        .filter(BookedRow.class::isInstance)
                        .map(row -> Row.of((BookedRow) row))
                        .toList(),
                preview.rows().stream()
                        .filter(Reject.class::isInstance)
                        .map(Reject.class::cast)
                        .toList(),
                Remark.of(preview.warnings()),
                Remark.of(preview.problems()));
    }

    private static List<Place> places(Preview preview) {
        return preview.survey().columns().stream()
                .map(column -> Place.of(column, preview.uses().get(column.index())))
                .toList();
    }

    private static @Nullable Rows table(Preview preview) {
        OwnTable table = preview.table();
        return table == null
                ? null
                : new Rows(
                        table.name(),
                        preview.rows().stream()
                                .filter(TableRow.class::isInstance)
                                .map(TableRow.class::cast)
                                .map(row -> new TableLine(row.line(), TableRowDocument.values(table, row)))
                                .toList());
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
