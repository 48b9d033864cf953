package dev.sluice.db;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// Waiting for one of this module's threads. An interrupt does not end it, since what was handed over is done
/// all the same: it is kept for the caller's next blocking call.
final class Waiting {
    private Waiting() {}

    static <T extends @Nullable Object> T on(CompletableFuture<T> answer, String place) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return answer.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw Failures.translated(e.getCause() == null ? e : e.getCause(), place);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    static void forEndOf(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    static ProblemException closed(String place) {
        return new ProblemException(ErrorCode.STATE_UNAVAILABLE, place + " is closed");
    }
}
