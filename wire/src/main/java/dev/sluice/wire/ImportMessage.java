package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How far the imports of a batch are, as the front ends in the field read it. Wire contract §3.
///
/// @param progress 0–100; of several files the mean by their sizes
/// @param status `connected` `processing` `completed` `error` `cancelled`
/// @param stage `validation` `scanning` `parsing` `database` `categorization`
/// @param message for people
/// @param details absent where there is nothing yet
/// @param error why it failed
public record ImportMessage(
        @JsonProperty("batch_id") String batchId,
        double progress,
        String status,
        String stage,
        String message,
        @Nullable Details details,
        Instant timestamp,
        @Nullable String error) {
    static final String CONNECTED = "connected";
    static final String PROCESSING = "processing";
    static final String COMPLETED = "completed";
    static final String ERROR = "error";
    static final String CANCELLED = "cancelled";
    static final String FIRST_STAGE = "validation";

    /// Of all files of the batch together.
    ///
    /// @param processed rows that the present stage has done, once it is known of every file how many it has, before
    ///     that bytes; at the end the rows that were added
    /// @param total as `processed`
    /// @param errors rows that were rejected
    /// @param filename of the one that moved
    /// @param size bytes
    public record Details(long processed, long total, long errors, String filename, long size) {}

    /// The first message, whatever there is to tell afterwards.
    ///
    /// @param batch which a client has sent and which may be anything
    public static ImportMessage connected(String batch, Instant now) {
        return new ImportMessage(
                batch, 0, CONNECTED, FIRST_STAGE, "Connected; what follows is told here", null, now, null);
    }

    /// What the bare word of a client is answered with; null: nothing.
    public static @Nullable String answer(String said) {
        return said.strip().equals("ping") ? "pong" : null;
    }

    /// Whether nothing follows.
    public boolean ends() {
        return switch (status) {
            case COMPLETED, ERROR, CANCELLED -> true;
            default -> false;
        };
    }

    /// Whether it tells the same, at whatever time.
    boolean says(@Nullable ImportMessage other) {
        return other != null && equals(other.at(timestamp));
    }

    private ImportMessage at(Instant time) {
        return new ImportMessage(batchId, progress, status, stage, message, details, time, error);
    }
}
