package dev.sluice.imports;

import dev.sluice.categories.Decision;
import dev.sluice.categories.Source;
import dev.sluice.core.StopToken;
import dev.sluice.db.Dialect;
import dev.sluice.db.LongTransaction;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One import on its way into the database, in one transaction: first its rows, then their categories, then what is
/// known of it all. Until [#commit] nobody sees any of it. Used by one platform thread, which has the next rows
/// and decisions made by another meanwhile; a stop interrupts the statement that is running.
final class Load implements AutoCloseable {
    private static final List<String> DECISION =
            List.of("transaction_id", "merchant", "category", "confidence", "source");
    private static final List<String> REJECT =
            List.of("number", "line", "byte_offset", "column_name", "code", "message", "raw");

    private final LongTransaction transaction;
    private final Order order;
    private final StopToken stop;
    private final StopToken.Registration interrupting;
    /// The rows that are new, by their distance from the first.
    private final BitSet fresh = new BitSet();
    private long lastRow;

    /// The numbers that are an import's own.
    ///
    /// @param firstRow the id of the first row; the next one has the next
    record Order(long number, long firstRow) {}

    /// Where rows go, and how.
    ///
    /// @param <R> what they are
    interface Destination<R> {
        String table();

        /// The columns whose values each row says for itself, its id first.
        List<String> names();

        /// Values by the names of columns in which all rows have the same.
        Map<String, String> same(long number);

        /// @param rows where the values are put, in the order of their names
        void put(long id, R row, BulkRows rows) throws SQLException;
    }

    /// @param transaction is closed by [#close]
    Load(LongTransaction transaction, Order order, StopToken stop) {
        this.transaction = transaction;
        this.order = order;
        this.stop = stop;
        this.lastRow = order.firstRow() - 1;
        this.interrupting = stop.onStopSlowly(reason -> transaction.interrupt());
    }

    /// Finds out which rows are not there yet.
    ///
    /// @return how many they are
    int claim(Fingerprints all) {
        lastRow = order.firstRow() + all.size() - 1;
        try (var claims = Claims.of(transaction)) {
            for (int first = 0; first < all.size(); ) {
                int[] sorted = all.sorted(first);
                for (int at = 0; at < sorted.length; at += claims.most()) {
                    stop.awaitDecision();
                    int[] some = Arrays.copyOfRange(sorted, at, Math.min(sorted.length, at + claims.most()));
                    claims.claim(all, some, order.firstRow(), fresh::set);
                }
                first += sorted.length;
            }
            return fresh.cardinality();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /// Writes the rows that are new.
    ///
    /// @param source gives all rows, in the order in which they were claimed, then null; asked by another thread
    <R> void add(Supplier<@Nullable R> source, Destination<R> into) {
        try (var ahead = new Ahead<>("import-rows", fresh(source))) {
            BulkRows rows = BulkRows.of(transaction, into.table(), into.names(), into.same(order.number()));
            for (List<Added<R>> part = ahead.take(); part != null; part = ahead.take()) {
                for (Added<R> added : part) {
                    stop.awaitDecision();
                    into.put(added.id(), added.row(), rows);
                    rows.end();
                }
            }
            rows.finish();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private record Added<R>(long id, R row) {}

    /// Of what `source` gives that which is new.
    private <R> Supplier<@Nullable Added<R>> fresh(Supplier<@Nullable R> source) {
        return new Supplier<>() {
            private int place = -1;

            @Override
            public @Nullable Added<R> get() {
                R row = next();
                while (row != null && !fresh.get(place)) {
                    row = next();
                }
                return row == null ? null : new Added<>(order.firstRow() + place, row);
            }

            private @Nullable R next() {
                place++;
                return source.get();
            }
        };
    }

    private record Decided(long id, Decision decision) {}

    /// Decides on the category of each row that was added.
    ///
    /// @param source gives all rows once more, in the same order, then null; asked by another thread
    /// @param decide asked by a third one
    /// @param model the version that decides
    void categorize(Supplier<@Nullable BookedRow> source, Function<BookedRow, Decision> decide, String model) {
        try (var rows = new Ahead<>("import-rows", fresh(source));
                var ahead = new Ahead<>("import-categories", decided(rows, decide))) {
            BulkRows decisions = BulkRows.of(transaction, "decisions", DECISION, Map.of("model", model));
            for (List<Decided> part = ahead.take(); part != null; part = ahead.take()) {
                for (Decided one : part) {
                    stop.awaitDecision();
                    Decision decision = one.decision();
                    decisions.number(one.id());
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

    private Supplier<@Nullable Decided> decided(Ahead<Added<BookedRow>> rows, Function<BookedRow, Decision> decide) {
        return new Supplier<>() {
            private Iterator<Added<BookedRow>> part = Collections.emptyIterator();

            @Override
            public @Nullable Decided get() {
                while (!part.hasNext()) {
                    List<Added<BookedRow>> next = rows.take();
                    if (next == null) {
                        return null;
                    }
                    part = next.iterator();
                }
                stop.awaitDecision();
                Added<BookedRow> added = part.next();
                return new Decided(added.id(), decide.apply(added.row()));
            }
        };
    }

    /// What an owner has put right until now.
    KnownCorrections corrections(String owner) {
        try {
            return KnownCorrections.read(transaction.connection(), owner);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /// What the owner has put right since the rows' categories were decided holds for them too; until the commit
    /// nothing more is.
    void correct(String owner, KnownCorrections decided) {
        try (PreparedStatement change = transaction
                .connection()
                .prepareStatement("UPDATE decisions SET category = ?, confidence = 1, source = ?"
                        + " WHERE merchant = ? AND transaction_id BETWEEN ? AND ?")) {
            if (transaction.dialect() == Dialect.POSTGRES) {
                try (Statement lock = transaction.connection().createStatement()) {
                    lock.execute("LOCK TABLE corrections IN SHARE MODE");
                }
            }
            for (Map.Entry<String, String> one :
                    corrections(owner).since(decided).entrySet()) {
                change.setString(1, one.getValue());
                change.setString(2, Source.USER.word());
                change.setString(3, one.getKey());
                change.setLong(4, order.firstRow());
                change.setLong(5, lastRow);
                change.executeUpdate();
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /// Writes down what is known of the import and what was rejected.
    void finish(Imported imported, Rejects rejects) {
        try {
            BulkRows of = BulkRows.of(transaction, "rejects", REJECT, Map.of("import", Long.toString(order.number())));
            int number = 0;
            for (Reject reject : rejects.rows()) {
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
            Ledger.insert(transaction.connection(), imported, rejects.head());
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /// Files with the same header have their columns read in this way from then on.
    void remember(Imported imported, Mapping mapping) {
        try {
            Ledger.remember(transaction.connection(), imported.owner(), mapping, imported.created());
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
