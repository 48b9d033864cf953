package dev.sluice.upload;

import dev.sluice.core.JobId;
import dev.sluice.core.StopToken;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sessions whose client has been answered and is likely to send more at once. They stay open for a moment, so that
/// its next request need not claim the job and open the object again. Safe for use by many threads.
final class IdleSessions {
    private static final Logger log = LoggerFactory.getLogger(IdleSessions.class);
    private static final Duration MOMENT = Duration.ofSeconds(2);
    private static final int MOST = 1_000;

    private final ConcurrentMap<JobId, Idle> idle = new ConcurrentHashMap<>();

    /// One idling, told from a later one of the same session by its identity.
    private static final class Idle {
        final UploadSession session;
        volatile StopToken.@Nullable Registration closer;

        Idle(UploadSession session) {
            this.session = session;
        }
    }

    /// Keeps a session until somebody takes it, its job is stopped, or the moment is over; then it lets go.
    void keep(UploadSession session) {
        if (idle.size() >= MOST) {
            session.close();
            return;
        }
        var entry = new Idle(session);
        idle.put(session.job().id(), entry);
        entry.closer = session.stop().onStop(why -> end(entry));
        CompletableFuture.delayedExecutor(MOMENT.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> end(entry));
    }

    /// The session of that job, should it be idle and its job not stopped.
    Optional<UploadSession> take(JobId id) {
        Idle entry = idle.remove(id);
        if (entry == null) {
            return Optional.empty();
        }
        StopToken.Registration closer = entry.closer;
        if (closer != null) {
            closer.close();
        }
        if (entry.session.stop().stopped()) {
            close(entry.session);
            return Optional.empty();
        }
        return Optional.of(entry.session);
    }

    private void end(Idle entry) {
        if (idle.remove(entry.session.job().id(), entry)) {
            close(entry.session);
        }
    }

    private static void close(UploadSession session) {
        try {
            session.executor().execute(() -> closeHere(session));
        } catch (RejectedExecutionException e) {
            // The server is going down and its storages are closed.
            closeHere(session);
        }
    }

    private static void closeHere(UploadSession session) {
        try {
            session.close();
        } catch (RuntimeException e) {
            log.warn(
                    "[{}] its session could not be closed; the sweep will do it",
                    session.job().id(),
                    e);
        }
    }
}
