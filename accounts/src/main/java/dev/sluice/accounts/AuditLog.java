package dev.sluice.accounts;

import dev.sluice.core.Ids;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.db.Database;
import dev.sluice.db.Times;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What was done, by whom, from where. Entries are only ever added, until they are too old. They are written behind
/// those who add them, in groups: a crash can lose the last few milliseconds'; a stop loses none. Of refusals only so
/// many a second are written, and then how many were not: a flood of them fills no disk. Safe for use by many threads.
public final class AuditLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AuditLog.class);
    private static final int QUEUE = 10_000;
    private static final int GROUP = 500;
    private static final int REFUSALS_A_SECOND = 20;
    private static final int LONGEST = 500;

    private final Database database;
    private final Clock clock;
    private final Ids ids;
    private final Duration age;
    private final BlockingQueue<Task> queue = new ArrayBlockingQueue<>(QUEUE);
    private final Thread thread;
    private volatile boolean closed;
    private long second;
    private int refusals;
    private long dropped;

    private sealed interface Task {
        record Add(AuditEntry entry) implements Task {}

        record Flush(CountDownLatch done) implements Task {}
    }

    /// Which entries are asked for, newest first.
    ///
    /// @param after the id of the last of the page before
    public record Query(
            @Nullable String who,
            @Nullable String action,
            @Nullable String outcome,
            @Nullable Instant since,
            @Nullable Instant until,
            int limit,
            @Nullable String after) {}

    AuditLog(Database database, Clock clock, Ids ids, Duration age) {
        this.database = database;
        this.clock = clock;
        this.ids = ids;
        this.age = age;
        this.thread = Thread.ofVirtual().name("audit").start(this::run);
    }

    /// @param outcome `done`, or the code of a problem
    public void add(
            Owner who,
            Caller.Via via,
            String address,
            String action,
            @Nullable String target,
            String outcome,
            @Nullable String detail) {
        if (!outcome.equals("done") && isTooMany(action)) {
            return;
        }
        put(new Task.Add(new AuditEntry(
                ids.unique(),
                clock.instant(),
                who.name(),
                via.word(),
                address,
                action,
                cut(target),
                outcome,
                cut(detail))));
    }

    /// What was asked for is not as important as how often it was.
    private synchronized boolean isTooMany(String action) {
        long now = clock.instant().getEpochSecond();
        if (now != second) {
            if (dropped > 0) {
                log.warn("{} refusals were not written into the audit log: there were too many at once", dropped);
                put(new Task.Add(new AuditEntry(
                        ids.unique(),
                        clock.instant(),
                        Owner.LOCAL.name(),
                        Caller.Via.LOCAL.word(),
                        "here",
                        "refusals_left_out",
                        null,
                        "done",
                        dropped + " refusals, the last of them: " + action)));
            }
            second = now;
            refusals = 0;
            dropped = 0;
        }
        if (++refusals > REFUSALS_A_SECOND) {
            dropped++;
            return true;
        }
        return false;
    }

    private static @Nullable String cut(@Nullable String text) {
        return text == null || text.length() <= LONGEST ? text : text.substring(0, LONGEST);
    }

    private void put(Task task) {
        if (closed) {
            return;
        }
        try {
            queue.put(task);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        var group = new ArrayList<Task>(GROUP);
        while (!closed || !queue.isEmpty()) {
            try {
                Task first = queue.poll(1, TimeUnit.SECONDS);
                if (first == null) {
                    continue;
                }
                group.add(first);
                queue.drainTo(group, GROUP - 1);
                write(group);
            } catch (InterruptedException e) {
                log.debug("woken up to end");
            } catch (ProblemException e) {
                log.error("{} entries of the audit log could not be written", group.size(), e);
            } finally {
                group.forEach(task -> {
                    if (task instanceof Task.Flush flush) {
                        flush.done().countDown();
                    }
                });
                group.clear();
            }
        }
    }

    private void write(List<Task> group) {
        database.write(transaction -> {
            var batch = transaction
                    .handle()
                    .prepareBatch(
                            "INSERT INTO audit (id, at, who, via, address, action, target, outcome, detail) VALUES"
                                    + " (:id, :at, :who, :via, :address, :action, :target, :outcome, :detail)");
            for (Task task : group) {
                if (task instanceof Task.Add added) {
                    AuditEntry entry = added.entry();
                    batch.bind("id", entry.id())
                            .bind("at", Times.micros(entry.at()))
                            .bind("who", entry.who())
                            .bind("via", entry.via())
                            .bind("address", entry.address())
                            .bind("action", entry.action())
                            .bind("target", entry.target())
                            .bind("outcome", entry.outcome())
                            .bind("detail", entry.detail())
                            .add();
                }
            }
            return batch.size() == 0 ? new int[0] : batch.execute();
        });
    }

    /// All that was added before is among them.
    public List<AuditEntry> read(Query query) {
        flush();
        return database.read(handle -> handle.createQuery("SELECT * FROM audit WHERE"
                        + " (CAST(:after AS TEXT) IS NULL OR id < :after)"
                        + " AND (CAST(:who AS TEXT) IS NULL OR who = :who)"
                        + " AND (CAST(:action AS TEXT) IS NULL OR action = :action)"
                        + " AND (CAST(:outcome AS TEXT) IS NULL OR outcome = :outcome)"
                        + " AND at >= :since AND at < :until ORDER BY id DESC LIMIT :limit")
                .bind("after", query.after())
                .bind("who", query.who())
                .bind("action", query.action())
                .bind("outcome", query.outcome())
                .bind("since", query.since() == null ? 0L : Times.micros(query.since()))
                .bind("until", query.until() == null ? Long.MAX_VALUE : Times.micros(query.until()))
                .bind("limit", query.limit())
                .map((row, context) -> new AuditEntry(
                        row.getString("id"),
                        Times.instant(row, "at"),
                        row.getString("who"),
                        row.getString("via"),
                        row.getString("address"),
                        row.getString("action"),
                        row.getString("target"),
                        row.getString("outcome"),
                        row.getString("detail")))
                .list());
    }

    private void flush() {
        var done = new CountDownLatch(1);
        put(new Task.Flush(done));
        try {
            if (!closed && !done.await(5, TimeUnit.SECONDS)) {
                log.warn("the audit log is behind");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void trim(Handle handle) {
        handle.createUpdate("DELETE FROM audit WHERE at < :before")
                .bind("before", Times.micros(clock.instant().minus(age)))
                .execute();
    }

    /// Writes what was added.
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
