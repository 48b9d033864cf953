package dev.sluice.google;

import dev.sluice.db.Database;
import dev.sluice.db.Schema;
import dev.sluice.db.Times;
import dev.sluice.db.Transaction;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// What is to be remembered of the accounts of one storage, by all nodes. Safe for use by many threads.
final class AccountRows {
    static final Schema SCHEMA = new Schema("google", 1);

    private final Database database;
    private final String storage;

    /// An account that a user has connected.
    ///
    /// @param sealed its refresh token
    /// @param since when it was connected last
    record Connected(String account, String sealed, Instant since) {
        @Override
        public String toString() {
            return account + " since " + since;
        }
    }

    /// All that there is.
    ///
    /// @param sent bytes by account and hour since 1970, of all storages
    record Known(List<Connected> connected, Map<String, Aside> asides, Map<String, SortedMap<Long, Long>> sent) {}

    /// Brings the tables up to date.
    AccountRows(Database database, String storage) {
        this.database = database;
        this.storage = storage;
        database.migrate(SCHEMA);
    }

    /// @param hour the first that still counts
    Known known(long hour) {
        return database.read(handle -> new Known(connected(handle), asides(handle), sent(handle, hour)));
    }

    private List<Connected> connected(Handle handle) {
        return handle.createQuery("SELECT account, token, connected FROM google_accounts WHERE storage = :storage")
                .bind("storage", storage)
                .map((row, context) -> new Connected(
                        row.getString("account"), row.getString("token"), Times.instant(row, "connected")))
                .list();
    }

    private Map<String, Aside> asides(Handle handle) {
        var asides = new HashMap<String, Aside>();
        handle.createQuery("SELECT account, since, ends, reason FROM google_set_aside WHERE storage = :storage")
                .bind("storage", storage)
                .map((row, context) -> {
                    long ends = row.getLong("ends");
                    Instant until = row.wasNull() ? null : Times.instant(ends);
                    return Map.entry(
                            row.getString("account"),
                            new Aside(Times.instant(row, "since"), until, row.getString("reason")));
                })
                .forEach(entry -> asides.put(entry.getKey(), entry.getValue()));
        return asides;
    }

    private static Map<String, SortedMap<Long, Long>> sent(Handle handle, long hour) {
        var sent = new HashMap<String, SortedMap<Long, Long>>();
        handle.createQuery("SELECT account, hour, bytes FROM google_sent WHERE hour >= :hour")
                .bind("hour", hour)
                .map((row, context) -> sent.computeIfAbsent(
                                row.getString("account"), account -> new TreeMap<Long, Long>())
                        .put(row.getLong("hour"), row.getLong("bytes")))
                .list();
        return sent;
    }

    /// It is not set aside any more.
    void connect(String account, String sealed, Instant now) {
        database.write(transaction -> {
            transaction
                    .handle()
                    .createUpdate("""
                            INSERT INTO google_accounts (storage, account, token, connected)
                            VALUES (:storage, :account, :token, :now)
                            ON CONFLICT (storage, account)
                            DO UPDATE SET token = excluded.token, connected = excluded.connected
                            """)
                    .bind("storage", storage)
                    .bind("account", account)
                    .bind("token", sealed)
                    .bind("now", Times.micros(now))
                    .execute();
            return delete(transaction, "google_set_aside", account);
        });
    }

    /// @return false where it was not connected
    boolean disconnect(String account) {
        return database.write(transaction -> {
            delete(transaction, "google_set_aside", account);
            return delete(transaction, "google_accounts", account) > 0;
        });
    }

    private int delete(Transaction transaction, String table, String account) {
        return transaction
                .handle()
                .createUpdate("DELETE FROM " + table + " WHERE storage = :storage AND account = :account")
                .bind("storage", storage)
                .bind("account", account)
                .execute();
    }

    /// @param connected when the account was connected that is meant; null for one of a key file
    /// @return false where it has been connected anew since, or is no more
    boolean setAside(String account, Aside aside, @Nullable Instant connected) {
        Instant until = aside.until();
        return database.write(transaction -> (connected == null || stands(transaction, account, connected))
                && insert(transaction, account, aside, until == null ? null : Times.micros(until)) > 0);
    }

    private boolean stands(Transaction transaction, String account, Instant connected) {
        return transaction
                .handle()
                .createQuery("SELECT connected FROM google_accounts WHERE storage = :storage AND account = :account"
                        + transaction.lockingRows())
                .bind("storage", storage)
                .bind("account", account)
                .mapTo(Long.class)
                .findOne()
                .filter(known -> known == Times.micros(connected))
                .isPresent();
    }

    private int insert(Transaction transaction, String account, Aside aside, @Nullable Long ends) {
        return transaction
                .handle()
                .createUpdate("""
                        INSERT INTO google_set_aside (storage, account, since, ends, reason)
                        VALUES (:storage, :account, :since, :ends, :reason)
                        ON CONFLICT (storage, account)
                        DO UPDATE SET since = excluded.since, ends = excluded.ends, reason = excluded.reason
                        """)
                .bind("storage", storage)
                .bind("account", account)
                .bind("since", Times.micros(aside.since()))
                .bind("ends", ends)
                .bind("reason", aside.reason())
                .execute();
    }

    /// Those whose time is over may be used again.
    void takeBack(Instant now) {
        database.write(transaction -> transaction
                .handle()
                .createUpdate("DELETE FROM google_set_aside WHERE storage = :storage AND ends <= :now")
                .bind("storage", storage)
                .bind("now", Times.micros(now))
                .execute());
    }

    /// Counts bytes before they are sent.
    ///
    /// @param oldest the first hour that still counts: what lies before is forgotten
    void count(String account, long hour, long bytes, long oldest) {
        database.write(transaction -> {
            transaction
                    .handle()
                    .createUpdate("DELETE FROM google_sent WHERE account = :account AND hour < :oldest")
                    .bind("account", account)
                    .bind("oldest", oldest)
                    .execute();
            return transaction
                    .handle()
                    .createUpdate("""
                            INSERT INTO google_sent (account, hour, bytes) VALUES (:account, :hour, :bytes)
                            ON CONFLICT (account, hour) DO UPDATE SET bytes = google_sent.bytes + excluded.bytes
                            """)
                    .bind("account", account)
                    .bind("hour", hour)
                    .bind("bytes", bytes)
                    .execute();
        });
    }
}
