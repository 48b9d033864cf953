package dev.sluice.core;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows a cancel from its decision to its end: answers with what is known at once, then waits until the
/// job's last session has let go and its debts are paid, and says what it took.
final class Receipts {
    private static final Logger log = LoggerFactory.getLogger(Receipts.class);

    private final Engine engine;
    private final Debts debts;

    /// Receipts that were answered and are still on their way into the store.
    private final Map<JobId, CancelReceipt> unsaved = new ConcurrentHashMap<>();

    Receipts(Engine engine, Debts debts) {
        this.engine = engine;
        this.debts = debts;
    }

    /// @param job as the cancel left it
    /// @param session the newest one that works on it here
    CancelReceipt write(Job job, Optional<Session> session, Engine.Asked asked, Instant decided, double requestMillis) {
        boolean owed = session.isPresent() || !engine.debts().of(job.id()).isEmpty();
        long bytes = session.map(here -> here.meter().bytes()).orElse(job.bytes());
        boolean here = job.node() == null || job.node().equals(engine.node());
        var receipt = new CancelReceipt(
                job.id(),
                here,
                decided,
                requestMillis,
                lastByteMillis(session, asked),
                owed ? bytes : 0,
                owed ? CancelReceipt.Cleanup.OWED : CancelReceipt.Cleanup.DONE,
                asked.by());
        unsaved.put(job.id(), receipt);
        Thread.ofVirtual().name("receipt").start(() -> follow(job, session, asked, receipt, bytes));
        return receipt;
    }

    private void follow(Job job, Optional<Session> session, Engine.Asked asked, CancelReceipt receipt, long bytes) {
        JobId id = job.id();
        save(receipt);
        session.ifPresent(this::awaitReleased);
        var cleanup = debts.settle(id) ? CancelReceipt.Cleanup.DONE : CancelReceipt.Cleanup.OWED;
        if (cleanup == CancelReceipt.Cleanup.DONE) {
            tellCleaned(id);
        }
        Double lastByte = lastByteMillis(session, asked);
        log.info(
                "[{}] cancelled by={} phase={} decided_ms={} last_byte_ms={} bytes={} cleanup={}",
                id,
                asked.by().word(),
                phaseOf(job),
                rounded(receipt.requestMillis()),
                lastByte == null ? "-" : rounded(lastByte),
                bytes,
                cleanup.word());
        engine.observer()
                .cancelled(new Observer.Cancelled(
                        job,
                        asked.by(),
                        phaseOf(job),
                        span(receipt.requestMillis()),
                        lastByte == null ? null : span(lastByte),
                        bytes,
                        cleanup));
    }

    /// What a cancel was answered that the store does not hold yet.
    Optional<CancelReceipt> unsaved(JobId job) {
        return Optional.ofNullable(unsaved.get(job));
    }

    private void save(CancelReceipt receipt) {
        try {
            engine.jobs()
                    .change(Change.of(receipt.id(), receipt.decided(), JobState.CANCELLED)
                            .set(Change.Column.RECEIPT, receipt));
        } catch (ProblemException e) {
            log.warn("[{}] the receipt of its cancel could not be kept", receipt.id(), e);
        } finally {
            unsaved.remove(receipt.id());
        }
    }

    private void tellCleaned(JobId id) {
        try {
            engine.debts().tellCleaned(id, engine.now());
        } catch (ProblemException e) {
            log.warn("[{}] that nothing is left of it could not be told", id, e);
        }
    }

    private void awaitReleased(Session session) {
        try {
            session.awaitReleased(engine.settings().handOver());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static @Nullable Double lastByteMillis(Optional<Session> session, Engine.Asked asked) {
        return session.map(here -> here.lastByteMillisSince(asked.arrivedNanos()))
                .orElse(null);
    }

    private static String phaseOf(Job job) {
        return job.stages().current().map(Stage::name).orElse(job.everRan() ? "waiting" : "pending");
    }

    private static Duration span(double millis) {
        return Duration.ofNanos((long) (millis * 1e6));
    }

    private static String rounded(double millis) {
        return String.format(Locale.ROOT, "%.2f", millis);
    }
}
