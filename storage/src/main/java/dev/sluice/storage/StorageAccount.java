package dev.sluice.storage;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// An account through which a storage is reached, and how it stands.
///
/// @param account its name at the provider
/// @param free bytes that it has room for; null where it has no bound, or none is known yet
/// @param sentToday bytes in the last 24 hours
/// @param until when it may be used again; null where it may be, or has been revoked
/// @param reason why it may not be used, in the provider's words; null where it may
public record StorageAccount(
        String account,
        State state,
        @Nullable Long free,
        long sentToday,
        @Nullable Instant until,
        @Nullable String reason) {

    /// Whether new uploads go with it.
    public enum State {
        READY,
        /// Over a limit, for a while.
        SET_ASIDE,
        /// Until it is connected anew.
        REVOKED;

        /// As it stands in documents: `set_aside`.
        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
