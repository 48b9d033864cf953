package dev.sluice.imports;

import dev.sluice.categories.Categorizer;
import dev.sluice.categories.Category;
import dev.sluice.categories.Decision;
import dev.sluice.categories.Suggestion;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.db.Times;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/// The transactions that are there: found, put right, handed out. Safe for use by many threads; every call may block.
public final class Transactions {
    private static final int PAGE = 1_000;
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
    private final Supplier<Categorizer> categorizer;
    private final Clock clock;

    /// @param categorizer is asked for when the first uncategorized transaction is listed
    Transactions(Ledger ledger, Supplier<Categorizer> categorizer, Clock clock) {
        this.ledger = ledger;
        this.categorizer = categorizer;
        this.clock = clock;
    }

    public BookedQuery.Page list(BookedQuery query) {
        var where = new Where(query);
        BookedQuery.Page found = ledger.database().read(handle -> {
            // Only a category is not known without the decisions.
            String all = query.category() == null
                    ? "transactions t"
                    : "transactions t JOIN decisions d ON d.transaction_id = t.id";
            long total = where.bind(handle.createQuery("SELECT COUNT(*) FROM " + all + " WHERE " + where.all()))
                    .mapTo(Long.class)
                    .one();
            List<Booked> rows = page(handle, where, query.limit() + 1);
            boolean more = rows.size() > query.limit();
            List<Booked> page = more ? rows.subList(0, query.limit()) : rows;
            return new BookedQuery.Page(page, Map.of(), total, more ? BookedQuery.After.of(page.getLast()) : null);
        });
        return new BookedQuery.Page(
                found.transactions(), suggestions(found.transactions()), found.total(), found.next());
    }

    /// Decided anew: they are not stored, and the model may have learnt.
    private Map<Long, List<Suggestion>> suggestions(List<Booked> transactions) {
        var suggestions = new HashMap<Long, List<Suggestion>>();
        for (Booked one : transactions) {
            if (one.isUncategorized()) {
                Decision now = categorizer.get().decide(one.booking(), merchant -> null);
                suggestions.put(
                        one.id(),
                        now.suggestions().isEmpty()
                                ? List.of(new Suggestion(now.category(), now.confidence()))
                                : now.suggestions());
            }
        }
        return suggestions;
    }

    private static List<Booked> page(Handle handle, Where where, int limit) {
        return where.bind(handle.createQuery(
                        ROW + " WHERE " + where.page() + " ORDER BY t.booked DESC, t.id DESC LIMIT " + limit))
                .map(BOOKED)
                .list();
    }

    /// Hands all of them to `each`, one after the other, newest day first; the query's limit does not count. They are
    /// read a page at a time: however long `each` takes, it keeps nobody from the database.
    public void each(BookedQuery query, Consumer<Booked> each) {
        List<Booked> page = page(query);
        while (!page.isEmpty()) {
            page.forEach(each);
            page = page.size() < PAGE ? List.of() : page(query.behind(BookedQuery.After.of(page.getLast())));
        }
    }

    private List<Booked> page(BookedQuery query) {
        return ledger.database().read(handle -> page(handle, new Where(query), PAGE));
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
                    .bind("at", Times.micros(now))
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
                page = all + " AND (t.booked, t.id) < (:day, :behind)";
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
