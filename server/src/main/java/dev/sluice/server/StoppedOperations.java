package dev.sluice.server;

import dev.sluice.app.Sluice;
import dev.sluice.core.CancelReceipt;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.JobId;
import dev.sluice.core.ProblemException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Waits until file operations that were cancelled have stopped: nobody works on their files any more, and what must
/// not stay is gone. That takes milliseconds, but where all of an operation is taken back as long as that takes: who
/// asked is answered after [#PATIENCE] at the latest, and it goes on.
final class StoppedOperations {
    /// Less than the command line waits for an answer.
    private static final Duration PATIENCE = Duration.ofSeconds(45);

    private static final Logger log = LoggerFactory.getLogger(StoppedOperations.class);

    private final Engine engine;
    private final Sluice sluice;
    private final DiskCalls disk;

    StoppedOperations(Sluice sluice, DiskCalls disk) {
        this.engine = sluice.engine();
        this.sluice = sluice;
        this.disk = disk;
    }

    /// What the receipt says once it has stopped; `owed` where that has taken too long.
    CancelReceipt settled(CancelReceipt receipt) {
        JobId id = receipt.id();
        boolean clean = isClean(id);
        return new CancelReceipt(
                id,
                receipt.stopped(),
                receipt.decided(),
                receipt.requestMillis(),
                receipt.lastByteMillis(),
                kept(receipt),
                clean ? CancelReceipt.Cleanup.DONE : CancelReceipt.Cleanup.OWED,
                receipt.by());
    }

    private boolean isClean(JobId id) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        var clean = new CompletableFuture<Boolean>();
        Thread.ofVirtual().name("settle").start(() -> clean.complete(settle(id, until)));
        return clean.completeOnTimeout(false, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    private boolean settle(JobId id, long until) {
        while (true) {
            try {
                engine.awaitStopped(id);
                return engine.settle(id);
            } catch (ProblemException e) {
                if (e.code() != ErrorCode.STATE_UNAVAILABLE || System.nanoTime() > until) {
                    return false;
                }
            } catch (RuntimeException e) {
                log.warn("[{}] whether it has stopped is not known", id, e);
                return false;
            }
        }
    }

    /// Bytes of the files that were finished and stay.
    private long kept(CancelReceipt receipt) {
        try {
            return disk.call(() -> sluice.operations().report(receipt.id())).bytes();
        } catch (ProblemException e) {
            log.warn("[{}] what of it is finished is not known", receipt.id(), e);
            return receipt.bytesKept();
        }
    }
}
