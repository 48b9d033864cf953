package dev.sluice.wire;

import dev.sluice.storage.StorageAccount;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// An account of a storage, as a list of storages and the answer to its connection show it.
///
/// @param state `ready`, `set_aside`, `revoked`
/// @param free bytes; absent where there is no bound, or none is known
/// @param sentToday bytes in the last 24 hours
/// @param until when it may be used again
/// @param reason why it may not be used
public record AccountDocument(
        String account,
        String state,
        @Nullable Long free,
        long sentToday,
        @Nullable Instant until,
        @Nullable String reason) {

    public static AccountDocument of(StorageAccount account) {
        return new AccountDocument(
                account.account(),
                account.state().word(),
                account.free(),
                account.sentToday(),
                account.until(),
                account.reason());
    }
}
