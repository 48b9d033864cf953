package dev.sluice.notify;

import dev.sluice.core.Owner;
import dev.sluice.db.Database;
import dev.sluice.db.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// What has to be told, and what was. Safe for use by many threads.
public final class Deliveries {
    /// So many may wait for one receiver.
    static final int MOST_WAITING = 10_000;
    /// Rows that one transaction changes: about a millisecond, so that a cancel behind it does not notice.
    private static final int CHUNK = 200;

    private static final int PAGE = 200;

    private final Database database;
    private final Clock clock;
    private final Duration age;
    private final Duration kept;

    Deliveries(Database database, Clock clock, NotifySettings settings) {
        this.database = database;
        this.clock = clock;
        this.age = settings.age();
        this.kept = settings.kept();
    }

    /// A message before it is written down.
    record Fresh(
            String id,
            Owner owner,
            Delivery.Channel channel,
            String target,
            @Nullable Long seq,
            String type,
            @Nullable String job,
            @Nullable String topic,
            String body) {}

    /// One for each target and event, whoever writes it.
    void add(Handle handle, List<Fresh> fresh) {
        if (fresh.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        try (var insert = handle.prepareBatch("""
                INSERT INTO deliveries
                  (id, owner, channel, target, seq, type, job, topic, body, state, attempts, not_before, created, expires)
                VALUES (:id, :owner, :channel, :target, :seq, :type, :job, :topic, :body, 'waiting', 0, :now, :now, :expires)
                ON CONFLICT (target, seq) DO NOTHING
                """)) {
            for (Fresh one : fresh) {
                insert.bind("id", one.id())
                        .bind("owner", one.owner().name())
                        .bind("channel", one.channel().word())
                        .bind("target", one.target())
                        .bindBySqlType("seq", one.seq(), Types.BIGINT)
                        .bind("type", one.type())
                        .bind("job", one.job())
                        .bind("topic", one.topic())
                        .bind("body", one.body())
                        .bind("now", Times.micros(now))
                        .bind("expires", Times.micros(now.plus(age)))
                        .add();
            }
            insert.execute();
        }
    }

    /// How many wait for a receiver, but no more than there may be.
    int waiting(String target) {
        return database.read(handle -> handle.createQuery("SELECT COUNT(*) FROM (SELECT 1 FROM deliveries"
                        + " WHERE target = :target AND state = 'waiting' LIMIT :most) AS waiting")
                .bind("target", target)
                .bind("most", MOST_WAITING)
                .mapTo(Integer.class)
                .one());
    }

    /// Those whose turn it is, the longest due first, none of receivers or owners that have enough under way.
    List<Delivery> due(Collection<String> targets, Collection<String> owners, int limit) {
        Instant now = clock.instant();
        return database.read(handle -> {
            var query = handle.createQuery("SELECT * FROM deliveries WHERE state = 'waiting' AND not_before <= :now"
                            + (targets.isEmpty() ? "" : " AND target NOT IN (<targets>)")
                            + (owners.isEmpty() ? "" : " AND owner NOT IN (<owners>)")
                            + " ORDER BY not_before, id LIMIT :limit")
                    .bind("now", Times.micros(now))
                    .bind("limit", limit);
            if (!targets.isEmpty()) {
                query.bindList("targets", List.copyOf(targets));
            }
            if (!owners.isEmpty()) {
                query.bindList("owners", List.copyOf(owners));
            }
            return query.map((row, context) -> delivery(row)).list();
        });
    }

    /// When the next one is due that is not yet.
    Optional<Instant> next() {
        return database.read(handle -> handle.createQuery(
                        "SELECT MIN(not_before) AS next FROM deliveries WHERE state = 'waiting' AND not_before > :now")
                .bind("now", Times.micros(clock.instant()))
                .map((row, context) -> Optional.ofNullable(Times.instantOrNull(row, "next")))
                .one());
    }

    /// Takes some for the next try, which has until then: of several nodes one gets each. What a node that died had
    /// taken is tried again then, under the same id.
    ///
    /// @return those that were got, as they are now
    List<Delivery> take(List<Delivery> wanted, Instant until) {
        if (wanted.isEmpty()) {
            return List.of();
        }
        return database.write(transaction -> {
            var got = new ArrayList<Delivery>();
            for (Delivery one : wanted) {
                transaction
                        .handle()
                        .createQuery("UPDATE deliveries SET not_before = :until, attempts = attempts + 1"
                                + " WHERE id = :id AND state = 'waiting' AND not_before = :before RETURNING *")
                        .bind("until", Times.micros(until))
                        .bind("id", one.id())
                        .bind("before", Times.micros(one.notBefore()))
                        .map((row, context) -> delivery(row))
                        .findOne()
                        .ifPresent(got::add);
            }
            return got;
        });
    }

    /// Notes how a try ended.
    ///
    /// @param next when it is tried again; null: not by itself
    void settle(
            Delivery tried,
            Delivery.State state,
            @Nullable Instant next,
            @Nullable Integer status,
            @Nullable String answer) {
        database.write(transaction -> transaction
                .handle()
                .createUpdate("UPDATE deliveries SET"
                        + " state = CASE WHEN :state = 'waiting' THEN state ELSE CAST(:state AS TEXT) END,"
                        + " not_before = :next, tried = :tried, status = :status, answer = :answer"
                        + " WHERE id = :id AND attempts = :attempts AND state IN ('waiting', 'held')")
                .bind("state", state.word())
                .bind("next", Times.micros(next == null ? tried.notBefore() : next))
                .bind("tried", Times.micros(clock.instant()))
                .bindBySqlType("status", status, Types.INTEGER)
                .bind("answer", answer)
                .bind("id", tried.id())
                .bind("attempts", tried.attempts())
                .execute());
    }

    /// What a receiver was sent, newest first.
    ///
    /// @param before the last of an earlier page, or null
    public List<Delivery> list(String target, @Nullable String before, int limit) {
        return database.read(handle -> handle.createQuery("SELECT * FROM deliveries WHERE target = :target"
                        + (before == null ? "" : " AND id < :before") + " ORDER BY id DESC LIMIT :limit")
                .bind("target", target)
                .bind("before", before)
                .bind("limit", Math.clamp(limit, 1, PAGE))
                .map((row, context) -> delivery(row))
                .list());
    }

    public Optional<Delivery> find(String id) {
        return database.read(handle -> handle.createQuery("SELECT * FROM deliveries WHERE id = :id")
                .bind("id", id)
                .map((row, context) -> delivery(row))
                .findOne());
    }

    /// Sends it again from now on, under its id.
    ///
    /// @return false where it has not ended yet
    boolean again(String id) {
        Instant now = clock.instant();
        return database.write(transaction -> transaction
                        .handle()
                        .createUpdate("UPDATE deliveries SET state = 'waiting', attempts = 0, not_before = :now,"
                                + " expires = :expires WHERE id = :id AND state IN ('delivered', 'failed')")
                        .bind("now", Times.micros(now))
                        .bind("expires", Times.micros(now.plus(age)))
                        .bind("id", id)
                        .execute())
                > 0;
    }

    /// Holds what waits for a receiver, or lets it go on.
    void hold(String target, boolean held) {
        String from = held ? "waiting" : "held";
        inChunks(handle -> handle.createUpdate("UPDATE deliveries SET state = :to WHERE id IN"
                        + " (SELECT id FROM deliveries WHERE target = :target AND state = :from LIMIT :chunk)")
                .bind("to", held ? "held" : "waiting")
                .bind("from", from)
                .bind("target", target)
                .bind("chunk", CHUNK)
                .execute());
    }

    void forget(String target) {
        inChunks(handle -> handle.createUpdate("DELETE FROM deliveries WHERE id IN"
                        + " (SELECT id FROM deliveries WHERE target = :target LIMIT :chunk)")
                .bind("target", target)
                .bind("chunk", CHUNK)
                .execute());
    }

    /// Gives up what is too old and drops what was kept for long enough.
    void trim() {
        Instant now = clock.instant();
        inChunks(handle -> handle.createUpdate("UPDATE deliveries SET state = 'failed' WHERE id IN"
                        + " (SELECT id FROM deliveries WHERE state = 'held' AND expires <= :now LIMIT :chunk)")
                .bind("now", Times.micros(now))
                .bind("chunk", CHUNK)
                .execute());
        inChunks(handle -> handle.createUpdate("DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries"
                        + " WHERE state <> 'waiting' AND created < :before AND state <> 'held' LIMIT :chunk)")
                .bind("before", Times.micros(now.minus(kept.compareTo(age) > 0 ? kept : age)))
                .bind("chunk", CHUNK)
                .execute());
    }

    private interface Chunk {
        int in(Handle handle);
    }

    private void inChunks(Chunk chunk) {
        int changed;
        do {
            changed = database.write(transaction -> chunk.in(transaction.handle()));
        } while (changed == CHUNK);
    }

    private static Delivery delivery(ResultSet row) throws SQLException {
        int status = row.getInt("status");
        Integer said = row.wasNull() ? null : status;
        return new Delivery(
                row.getString("id"),
                new Owner(row.getString("owner")),
                constant(Delivery.Channel.class, row.getString("channel")),
                row.getString("target"),
                row.getString("type"),
                row.getString("job"),
                row.getString("topic"),
                row.getString("body"),
                constant(Delivery.State.class, row.getString("state")),
                row.getInt("attempts"),
                Times.instant(row, "not_before"),
                Times.instant(row, "created"),
                Times.instant(row, "expires"),
                Times.instantOrNull(row, "tried"),
                said,
                row.getString("answer"));
    }

    private static <E extends Enum<E>> E constant(Class<E> type, String word) {
        return Enum.valueOf(type, word.toUpperCase(Locale.ROOT));
    }
}
