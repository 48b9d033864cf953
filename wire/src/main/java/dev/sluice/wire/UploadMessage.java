package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.sluice.core.JobId;

/// What an upload socket tells its client.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = UploadMessage.Progress.class, name = "progress"),
    @JsonSubTypes.Type(value = UploadMessage.Success.class, name = "success"),
    @JsonSubTypes.Type(value = UploadMessage.Failure.class, name = "error"),
    @JsonSubTypes.Type(value = UploadMessage.Cancelled.class, name = "cancelled"),
    @JsonSubTypes.Type(value = UploadMessage.Ready.class, name = "ready")
})
public sealed interface UploadMessage {
    /// The message as it is sent.
    default String text() {
        return Json.text(this);
    }

    /// Whether no other message follows.
    default boolean ends() {
        return switch (this) {
            case Progress progress -> false;
            case Ready ready -> false;
            case Success success -> true;
            case Failure failure -> true;
            case Cancelled cancelled -> true;
        };
    }

    /// @param value 0–100; 100 only once every byte is there
    record Progress(int value) implements UploadMessage {
        public static Progress of(long bytes, long total) {
            if (bytes >= total) {
                return new Progress(100);
            }
            return new Progress(Math.clamp((long) (100.0 * bytes / total), 0, 99));
        }
    }

    /// @param value where the bytes can be read
    record Success(String value) implements UploadMessage {
        public static Success of(JobId file) {
            return new Success(JobDocument.contentPath(file));
        }
    }

    /// @param value what went wrong; the socket's close follows
    record Failure(String value) implements UploadMessage {}

    /// The upload was cancelled; close code 4001 follows.
    record Cancelled(String value) implements UploadMessage {
        public Cancelled() {
            this("Upload cancelled");
        }
    }

    /// The first message where the client asked for `offset=auto`: go on from here.
    record Ready(long offset) implements UploadMessage {}
}
