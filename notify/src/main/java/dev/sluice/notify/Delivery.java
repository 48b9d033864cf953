package dev.sluice.notify;

import dev.sluice.core.Owner;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One message for one receiver, with what has become of it.
///
/// @param id the same of every try, which a receiver knows it by
/// @param target the hook or the device
/// @param type `job.completed`, `job.failed`, `job.cancelled` or `test`
/// @param topic of messages with the same one a push service keeps the last; null: it keeps all
/// @param body what is sent, word by word the same with every try
/// @param notBefore when it is tried next
/// @param expires when it is given up
/// @param tried when it was last tried
/// @param status what the receiver answered last; null where it gave no answer
/// @param answer the beginning of what it said, or why there was no answer
public record Delivery(
        String id,
        Owner owner,
        Channel channel,
        String target,
        String type,
        @Nullable String job,
        @Nullable String topic,
        String body,
        State state,
        int attempts,
        Instant notBefore,
        Instant created,
        Instant expires,
        @Nullable Instant tried,
        @Nullable Integer status,
        @Nullable String answer) {
    public static final String TEST = "test";

    public enum Channel {
        WEBHOOK,
        PUSH;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public enum State {
        /// For its turn.
        WAITING,
        /// For its hook to be switched on again.
        HELD,
        DELIVERED,
        /// Given up.
        FAILED;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
