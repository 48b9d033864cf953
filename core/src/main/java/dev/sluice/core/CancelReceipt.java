package dev.sluice.core;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a cancel has done, as far as it is known when it is answered.
///
/// @param stopped whether the node that ran the job has been told: false where that is still on its way
/// @param decided when the state changed
/// @param requestMillis from the request's arrival to the decision
/// @param lastByteMillis from the request's arrival to the last byte that was handed on; absent where none was
///     moving or where one is just now
/// @param bytesKept bytes of the job that its storage still holds
/// @param cleanup whether nothing is left, or something still has to be taken away
public record CancelReceipt(
        JobId id,
        boolean stopped,
        Instant decided,
        double requestMillis,
        @Nullable Double lastByteMillis,
        long bytesKept,
        Cleanup cleanup,
        CancelSource by) {

    /// What is known while the decision is being recorded.
    ///
    /// @param cleanup `DONE` only where it is known that the job owes nothing; after `OWED` the event `cleaned` follows
    public static CancelReceipt atDecision(
            JobId id, Instant decided, double requestMillis, long bytes, Cleanup cleanup, CancelSource by) {
        return new CancelReceipt(id, true, decided, requestMillis, null, bytes, cleanup, by);
    }

    /// The receipt as the `cancelled` event tells it.
    public Map<String, Object> members() {
        return Map.of(
                "stopped",
                stopped,
                "decided",
                decided.toString(),
                "receipt",
                Map.of(
                        "requestMillis",
                        requestMillis,
                        "bytesKept",
                        bytesKept,
                        "cleanup",
                        cleanup.word(),
                        "by",
                        by.word()));
    }

    public enum Cleanup {
        DONE,
        OWED;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
