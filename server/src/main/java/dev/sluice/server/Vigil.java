package dev.sluice.server;

import dev.sluice.accounts.Accounts;
import dev.sluice.accounts.Caller;
import dev.sluice.core.ProblemException;
import dev.sluice.realtime.CloseCode;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends open connections whose callers have lost what they came by: at once where that happened on this node or by the
/// clock, within [#LOOK_SECONDS] where another node has done it.
final class Vigil implements AutoCloseable {
    static final int LOOK_SECONDS = 5;

    private static final Logger log = LoggerFactory.getLogger(Vigil.class);

    private final Accounts accounts;
    private final OpenSockets open;
    private final Clock clock;
    private final Semaphore woken = new Semaphore(0);
    private volatile boolean closed;
    private long looked = System.nanoTime();

    Vigil(Accounts accounts, OpenSockets open, Clock clock) {
        this.accounts = accounts;
        this.open = open;
        this.clock = clock;
        accounts.credentials().onEnd(woken::release);
    }

    void start() {
        Thread.ofVirtual().name("vigil").start(this::run);
    }

    private void run() {
        while (!closed) {
            try {
                boolean ended = woken.tryAcquire(1, TimeUnit.SECONDS);
                woken.drainPermits();
                boolean looks = ended || System.nanoTime() - looked > TimeUnit.SECONDS.toNanos(LOOK_SECONDS);
                if (looks) {
                    looked = System.nanoTime();
                }
                sweep(looks);
            } catch (InterruptedException e) {
                return;
            } catch (ProblemException e) {
                log.warn("whose sessions have ended could not be looked up: {}", e.getMessage());
            }
        }
    }

    /// @param looks whether the tables are asked, too
    private void sweep(boolean looks) {
        Instant now = clock.instant();
        Map<Caller.Credential, Optional<Caller>> known = new HashMap<>();
        for (OpenSockets.Admitted connection : open.all()) {
            Admission admission = connection.admission();
            Caller caller = admission.caller();
            Caller.Credential credential = caller.credential();
            if (credential == null) {
                continue;
            }
            // A session may have been refreshed since.
            boolean stands = true;
            if (looks || admission.isExpired(now)) {
                stands = known.computeIfAbsent(credential, accounts.credentials()::caller)
                        .filter(found -> found.rights().equals(caller.rights()))
                        .isPresent();
            }
            if (!stands) {
                connection.close(CloseCode.EXPIRED, "your session has ended");
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        woken.release();
    }
}
