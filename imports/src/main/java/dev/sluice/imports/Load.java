package dev.sluice.imports;

import dev.sluice.categories.Decision;
import dev.sluice.core.StopToken;
import dev.sluice.db.LongTransaction;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One import on its way into the database, in one transaction: first its rows, then their categories, then what is
/// known of it all. Until [#commit] nobody sees any of it. Used by one platform thread, which has the next rows
/// and decisions made by another meanwhile; a stop interrupts the statement that is running.
final class Load implements AutoCloseable {
    private static final List<String> ROW = List.of(
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
    private static final List<String> DECISION =
            List.of("transaction_id", "merchant", "category", "confidence", "source");
    private static final List<String> REJECT =
            List.of("number", "line", "byte_offset", "column_name", "code", "message", "raw");

    private final LongTransaction transaction;
    private final Order order;
    private final StopToken stop;
    private final StopToken.Registration interrupting;
    /// Of the rows that were not there, by their distance from the first.
    private final BitSet fresh = new BitSet();
    private long lastRow;

    /// Whose import it is, and the numbers that are its own.
    ///
    /// @param firstRow the id of the first record's transaction; the next one has the next
    /// @param account of rows that name none
    /// @param currency of amounts that name none
    record Order(long number, long firstRow, String owner, String account, String currency) {}

    /// @param transaction is closed by [#close]
    Load(LongTransaction transaction, Order order, StopToken stop) {
        this.transaction = transaction;
        this.order = order;
        this.stop = stop;
        this.lastRow = order.firstRow() - 1;
        this.interrupting = stop.onStopSlowly(reason -> transaction.interrupt());
    }

    /// Adds those rows that are not there yet.
    ///
    /// @param source gives one after the other, then null; asked by another thread
    /// @return how many were added
    long add(Supplier<@Nullable BookedRow> source) {
        var numbering = new Numbering(order);
        long added = 0;
        try (var ahead = new Ahead<>("import-rows", () -> numbering.prepared(source.get()));
                var claims = Claims.of(transaction)) {
            BulkRows rows = BulkRows.of(
                    transaction,
                    "transactions",
                    ROW,
                    Map.of("import", Long.toString(order.number()), "owner", order.owner()));
            for (List<Prepared> part = ahead.take(); part != null; part = ahead.take()) {
                stop.check();
                added += add(part, claims, rows);
                lastRow += part.size();
            }
            rows.finish();
            return added;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private long add(List<Prepared> part, Claims claims, BulkRows rows) throws SQLException {
        part.sort(Prepared.BY_FINGERPRINT);
        var found = new ArrayList<Prepared>(part.size());
        claims.claim(part, found::add);
        found.sort(Comparator.comparingLong(Prepared::id));
        for (Prepared prepared : found) {
            fresh.set(Math.toIntExact(prepared.id() - order.firstRow()));
            write(prepared, rows);
        }
        return found.size();
    }

    private void write(Prepared prepared, BulkRows rows) throws SQLException {
        BookedRow row = prepared.row();
        rows.number(prepared.id());
        rows.text(prepared.account());
        rows.text(row.booked().toString());
        rows.text(row.valued() == null ? null : row.valued().toString());
        rows.number(row.amountMinor());
        rows.text(prepared.currency());
        rows.text(row.description());
        rows.text(row.counterparty());
        rows.text(row.counterpartyAccount());
        rows.text(row.reference());
        rows.number(row.balanceMinor());
        rows.text(row.bankCategory());
        rows.text(row.mcc());
        rows.number(row.formula() ? 1 : 0);
        rows.number(row.line());
        rows.end();
    }

    private record Decided(long id, Decision decision) {}

    /// Decides on the category of each row that was added.
    ///
    /// @param source gives all rows once more, in the same order, then null; asked by another thread
    /// @param decide asked by that thread, too
    /// @param model the version that decides
    void categorize(Supplier<@Nullable BookedRow> source, Function<BookedRow, Decision> decide, String model) {
        var deciding = new Supplier<@Nullable Decided>() {
            private int place = -1;

            @Override
            public @Nullable Decided get() {
                BookedRow row = next();
                while (row != null && !fresh.get(place)) {
                    row = next();
                }
                return row == null ? null : new Decided(order.firstRow() + place, decide.apply(row));
            }

            private @Nullable BookedRow next() {
                place++;
                return source.get();
            }
        };
        try (var ahead = new Ahead<>("import-categories", deciding)) {
            BulkRows decisions = BulkRows.of(transaction, "decisions", DECISION, Map.of("model", model));
            for (List<Decided> part = ahead.take(); part != null; part = ahead.take()) {
                stop.check();
                for (Decided decided : part) {
                    Decision decision = decided.decision();
                    decisions.number(decided.id());
                    decisions.text(decision.merchant());
                    decisions.text(decision.category().word());
                    decisions.real(decision.confidence());
                    decisions.text(decision.source().word());
                    decisions.end();
                }
            }
            decisions.finish();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /// Writes down what is known of the import and what was rejected.
    void finish(Imported imported, List<Reject> rejects) {
        try {
            BulkRows of = BulkRows.of(transaction, "rejects", REJECT, Map.of("import", Long.toString(order.number())));
            int number = 0;
            for (Reject reject : rejects) {
                number++;
                of.number(number);
                of.number(reject.line());
                of.number(reject.offset());
                of.text(reject.column());
                of.text(reject.code());
                of.text(reject.message());
                of.text(reject.raw());
                of.end();
            }
            of.finish();
            Ledger.insert(transaction.connection(), imported);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /// The last id that a row may have; less than the first where there are none.
    long lastRow() {
        return lastRow;
    }

    void commit() {
        transaction.commit();
    }

    /// A statement fails because it was interrupted, or by itself.
    private RuntimeException failed(SQLException failure) {
        stop.check();
        return transaction.translated(failure);
    }

    @Override
    public void close() {
        interrupting.close();
        transaction.close();
    }
}
