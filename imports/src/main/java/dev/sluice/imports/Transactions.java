package dev.sluice.imports;

import dev.sluice.categories.Category;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/// The transactions that are there: found, put right, handed out. Safe for use by many threads; every call may block.
public final class Transactions {
    private static final String ROW = "SELECT t.*, i.job, d.merchant, d.category, d.confidence, d.source, d.model"
            + " FROM transactions t JOIN imports i ON i.number = t.import JOIN decisions d ON d.transaction_id = t.id";
    private static final RowMapper<Booked> BOOKED = (row, context) -> new Booked(
            row.getLong("id"),
            row.getString("job"),
            row.getString("account"),
            row.getString("booked"),
            row.getString("valued"),
            row.getLong("amount"),
            row.getString("currency"),
            row.getString("description"),
            row.getString("counterparty"),
            row.getString("counterparty_account"),
            row.getString("reference"),
            row.getObject("balance") == null ? null : (Long) row.getLong("balance"),
            row.getString("bank_category"),
            row.getString("mcc"),
            row.getInt("formula") != 0,
            row.getLong("line"),
            row.getString("category"),
            row.getDouble("confidence"),
            row.getString("source"),
            row.getString("model"));

    private final Ledger ledger;
    private final Clock clock;

    Transactions(Ledger ledger, Clock clock) {
        this.ledger = ledger;
        this.clock = clock;
    }

    public BookedQuery.Page list(BookedQuery query) {
        var where = new Where(query);
        return ledger.database().read(handle -> {
            long total = where.bind(handle.createQuery(
                            "SELECT COUNT(*) FROM transactions t JOIN decisions d ON d.transaction_id = t.id WHERE "
                                    + where.all()))
                    .mapTo(Long.class)
                    .one();
            List<Booked> found = where.bind(handle.createQuery(ROW + " WHERE " + where.page()
                            + " ORDER BY t.booked DESC, t.id DESC LIMIT " + (query.limit() + 1)))
                    .map(BOOKED)
                    .list();
            boolean more = found.size() > query.limit();
            List<Booked> page = more ? found.subList(0, query.limit()) : found;
            Booked last = more ? page.getLast() : null;
            return new BookedQuery.Page(
                    page, total, last == null ? null : new BookedQuery.After(last.booked(), last.id()));
        });
    }

    /// Hands all of them to `each`, one after the other, newest day first; the query's limit does not count.
    public void each(BookedQuery query, Consumer<Booked> each) {
        var where = new Where(query);
        ledger.database().read(handle -> {
            try (Stream<Booked> all = where
                    .bind(handle.createQuery(ROW + " WHERE " + where.all() + " ORDER BY t.booked DESC, t.id DESC"))
                    .map(BOOKED)
                    .stream()) {
                all.forEach(each);
            }
            return true;
        });
    }

    public Optional<Booked> find(String owner, long id) {
        return ledger.database()
                .read(handle -> handle.createQuery(ROW + " WHERE t.owner = :owner AND t.id = :id")
                        .bind("owner", owner)
                        .bind("id", id)
                        .map(BOOKED)
                        .findOne());
    }

    /// Puts the category of a transaction right: at once for all of its owner's with the same merchant, and for those
    /// that come later.
    ///
    /// @return how many changed
    /// @throws ProblemException `not_found`; `invalid_request` where there is no such category
    public long correct(String owner, long id, String category) {
        if (Category.of(category) == null) {
            throw new ProblemException(ErrorCode.INVALID_REQUEST, "there is no category " + category);
        }
        Instant now = clock.instant();
        return ledger.database().write(transaction -> {
            Handle handle = transaction.handle();
            String merchant = handle.createQuery("SELECT d.merchant FROM decisions d JOIN transactions t"
                            + " ON t.id = d.transaction_id WHERE t.owner = :owner AND t.id = :id")
                    .bind("owner", owner)
                    .bind("id", id)
                    .mapTo(String.class)
                    .findOne()
                    .orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND, "there is no transaction " + id));
            if (merchant.isEmpty()) {
                return change(handle, "transaction_id = :id", category, Map.of("id", id));
            }
            handle.createUpdate("INSERT INTO corrections (owner, merchant, category, created)"
                            + " VALUES (:owner, :merchant, :category, :at) ON CONFLICT (owner, merchant)"
                            + " DO UPDATE SET category = excluded.category, created = excluded.created")
                    .bind("owner", owner)
                    .bind("merchant", merchant)
                    .bind("category", category)
                    .bind("at", Micros.of(now))
                    .execute();
            return change(
                    handle,
                    "merchant = :merchant AND transaction_id IN (SELECT id FROM transactions WHERE owner = :owner)",
                    category,
                    Map.of("merchant", merchant, "owner", owner));
        });
    }

    private static long change(Handle handle, String which, String category, Map<String, Object> bound) {
        return handle.createUpdate(
                        "UPDATE decisions SET category = :category, confidence = 1, source = 'user' WHERE " + which)
                .bind("category", category)
                .bindMap(bound)
                .execute();
    }

    /// The conditions of a query, and the values that they stand on.
    private static final class Where {
        private final Map<String, Object> bound = new TreeMap<>();
        private final StringBuilder all = new StringBuilder("t.owner = :owner");
        private final String page;

        Where(BookedQuery query) {
            bound.put("owner", query.owner());
            and("t.account = :account", "account", query.account());
            and("d.category = :category", "category", query.category());
            and(
                    "(LOWER(t.description) LIKE :text ESCAPE '!' OR LOWER(t.counterparty) LIKE :text ESCAPE '!')",
                    "text",
                    like(query.text()));
            List<Long> imports = query.imports();
            if (imports != null) {
                all.append(imports.isEmpty() ? " AND 1 = 0" : " AND t.import IN (" + numbers(imports) + ")");
            }
            BookedQuery.After after = query.after();
            if (after == null) {
                page = all.toString();
            } else {
                bound.put("day", after.booked());
                bound.put("behind", after.id());
                page = all + " AND (t.booked < :day OR (t.booked = :day AND t.id < :behind))";
            }
        }

        private void and(String condition, String name, @Nullable String value) {
            if (value != null) {
                all.append(" AND ").append(condition);
                bound.put(name, value);
            }
        }

        private static String numbers(List<Long> imports) {
            return String.join(", ", imports.stream().map(String::valueOf).toList());
        }

        private static @Nullable String like(@Nullable String text) {
            return text == null ? null : "%" + text.toLowerCase(Locale.ROOT).replaceAll("([!%_])", "!$1") + "%";
        }

        String all() {
            return all.toString();
        }

        String page() {
            return page;
        }

        Query bind(Query query) {
            return query.bindMap(bound);
        }
    }
}
