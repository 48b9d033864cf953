package dev.sluice.google;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One account of a pool.
///
/// @param credentials by which it gets its tokens
/// @param connected when a user connected it; null for one of a key file
/// @param asking asks for its room, once for all who need it
record Member(
        String id,
        GoogleAccount credentials,
        @Nullable Instant connected,
        DailyBytes daily,
        Room room,
        SharedCall<Boolean> asking,
        @Nullable Aside aside) {

    Member with(@Nullable Aside why) {
        return new Member(id, credentials, connected, daily, room, asking, why);
    }

    /// Over 24 hours, with what uploads under way will still send.
    boolean dayIsFull() {
        return daily.used() + room.reserved() >= DailyBytes.LIMIT;
    }
}
