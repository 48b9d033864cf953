package dev.sluice.state;

import dev.sluice.core.BatchId;
import dev.sluice.core.Event;
import dev.sluice.core.EventLog;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.db.Database;
import dev.sluice.db.Times;
import dev.sluice.db.Transaction;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

final class SqlEventLog implements EventLog {
    private static final Logger log = LoggerFactory.getLogger(SqlEventLog.class);
    /// Rows that one transaction deletes: about a millisecond, so that a cancel behind it does not notice.
    private static final int CHUNK = 200;

    private static final Duration SUBMISSIONS_KEPT = Duration.ofHours(24);

    private final Database database;
    private final Clock clock;
    private final State.Settings settings;
    private final String epoch;
    private final List<Consumer<List<Event>>> listeners = new CopyOnWriteArrayList<>();
    /// The last event that the listeners have seen. Written on the writer's thread only.
    private long told;

    SqlEventLog(Database database, Clock clock, Ids ids, State.Settings settings) {
        this.database = database;
        this.clock = clock;
        this.settings = settings;
        this.epoch = database.read(SqlEventLog::storedEpoch).isEmpty() ? begin(ids.secret()) : stored();
        this.told = position();
    }

    private static List<String> storedEpoch(Handle handle) {
        return handle.createQuery("SELECT epoch FROM event_log WHERE id = 1")
                .mapTo(String.class)
                .list();
    }

    private String begin(String word) {
        database.write(transaction -> transaction
                .handle()
                .createUpdate(
                        "INSERT INTO event_log (id, epoch, last) VALUES (1, :epoch, 0) ON CONFLICT (id) DO NOTHING")
                .bind("epoch", word)
                .execute());
        return stored();
    }

    private String stored() {
        return database.read(SqlEventLog::storedEpoch).getFirst();
    }

    /// The job with the newest of its events in this transaction.
    Told told(Transaction transaction, Job job) {
        return new Told(job, group(transaction).newest(job.id()));
    }

    EventGroup group(Transaction transaction) {
        return transaction.ending(EventGroup.class, () -> new EventGroup(this));
    }

    @Override
    public String epoch() {
        return epoch;
    }

    @Override
    public long position() {
        return database.read(handle -> handle.createQuery("SELECT last FROM event_log WHERE id = 1")
                .mapTo(Long.class)
                .one());
    }

    @Override
    public long floor() {
        return database.read(handle -> handle.createQuery("""
                        SELECT COALESCE((SELECT MIN(seq) FROM events), (SELECT last + 1 FROM event_log WHERE id = 1))
                        """).mapTo(Long.class).one());
    }

    @Override
    public List<Event> read(long after, long upTo, @Nullable JobId job, int limit) {
        return database.read(handle -> handle.createQuery("SELECT * FROM events WHERE seq > :after AND seq <= :upTo"
                        + (job == null ? "" : " AND job = :job") + " ORDER BY seq LIMIT :limit")
                .bind("after", after)
                .bind("upTo", upTo)
                .bind("limit", limit)
                .bind("job", job == null ? null : job.value())
                .map((row, context) -> Rows.event(row))
                .list());
    }

    @Override
    public List<Event> ofBatch(long after, long upTo, BatchId batch, int limit) {
        return database.read(handle -> handle.createQuery("""
                        SELECT * FROM events WHERE seq > :after AND seq <= :upTo
                        AND job IN (SELECT id FROM jobs WHERE batch = :batch) ORDER BY seq LIMIT :limit
                        """)
                .bind("after", after)
                .bind("upTo", upTo)
                .bind("limit", limit)
                .bind("batch", batch.value())
                .map((row, context) -> Rows.event(row))
                .list());
    }

    /// What other writers of the same database have committed since our last group, up to and including `upTo`:
    /// they cannot commit anything before it any more.
    List<Event> missed(Handle handle, long upTo) {
        if (told >= upTo) {
            return List.of();
        }
        return handle.createQuery("SELECT * FROM events WHERE seq > :told AND seq <= :upTo ORDER BY seq")
                .bind("told", told)
                .bind("upTo", upTo)
                .map((row, context) -> Rows.event(row))
                .list();
    }

    /// On the writer's thread.
    void publish(List<Event> events) {
        told = events.getLast().seq();
        List<Event> group = List.copyOf(events);
        for (Consumer<List<Event>> listener : listeners) {
            try {
                listener.accept(group);
            } catch (RuntimeException e) {
                log.error("a listener failed on events {}–{}", group.getFirst().seq(), told, e);
            }
        }
    }

    @Override
    public void subscribe(Consumer<List<Event>> listener) {
        listeners.add(listener);
    }

    @Override
    public void trim() {
        Instant now = clock.instant();
        while (database.write(transaction -> dropOldest(transaction.handle(), now)) == CHUNK) {
            log.debug("dropped {} events", CHUNK);
        }
        while (database.write(transaction -> dropSubmissions(transaction.handle(), now)) == CHUNK) {
            log.debug("dropped {} idempotency keys", CHUNK);
        }
    }

    /// Drops from the oldest on, so that what is held has no holes, whatever the times are.
    private int dropOldest(Handle handle, Instant now) {
        long first = handle.createQuery("""
                        SELECT COALESCE(MIN(seq), 0) FROM (
                          SELECT seq FROM (SELECT seq, at FROM events ORDER BY seq LIMIT :chunk) AS oldest
                          WHERE at >= :since AND seq > (SELECT last FROM event_log WHERE id = 1) - :count
                        ) AS kept
                        """)
                .bind("chunk", CHUNK)
                .bind("since", Times.micros(now.minus(settings.eventAge())))
                .bind("count", settings.eventCount())
                .mapTo(Long.class)
                .one();
        return handle.createUpdate("""
                        DELETE FROM events WHERE seq IN (SELECT seq FROM events ORDER BY seq LIMIT :chunk)
                        AND (:first = 0 OR seq < :first)
                        """)
                .bind("chunk", CHUNK)
                .bind("first", first)
                .execute();
    }

    private static int dropSubmissions(Handle handle, Instant now) {
        return handle.createUpdate("""
                        DELETE FROM submissions WHERE at < :since AND (owner, word) IN
                          (SELECT owner, word FROM submissions WHERE at < :since LIMIT :chunk)
                        """)
                .bind("since", Times.micros(now.minus(SUBMISSIONS_KEPT)))
                .bind("chunk", CHUNK)
                .execute();
    }

    static long submissionsKeptSince(Instant now) {
        return Times.micros(now.minus(SUBMISSIONS_KEPT));
    }
}
