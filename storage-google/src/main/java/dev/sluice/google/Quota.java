package dev.sluice.google;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.core.StopToken;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/// Asks how much room an account has (`about.get`). What lies in a shared drive takes nobody's room. Safe for use by
/// many threads.
final class Quota {
    private final DriveSettings settings;
    private final Calls calls;
    private volatile @Nullable Boolean shared;

    /// @param account its address, as its user knows it
    /// @param free bytes, or [Room#ENDLESS]
    record Told(String account, long free) {}

    Quota(DriveSettings settings, Calls calls) {
        this.settings = settings;
        this.calls = calls;
        this.shared = settings.drive() != null ? Boolean.TRUE : settings.folder() == null ? Boolean.FALSE : null;
    }

    /// How much room there is; one try.
    ///
    /// @return bytes, or [Room#ENDLESS]
    /// @throws Faults.Failed where it is not to be had
    long free(Account by, StopToken stop) {
        return Boolean.TRUE.equals(shared) ? Room.ENDLESS : ask(by, stop).free();
    }

    /// Whose account that is as well.
    Told ask(Account by, StopToken stop) {
        JsonNode about = json("/drive/v3/about?fields=user(emailAddress),storageQuota(limit,usage)", by, stop);
        JsonNode quota = about.path("storageQuota");
        // "This field is not present if the user has unlimited storage or uses pooled storage."
        boolean endless = !quota.hasNonNull("limit") || isShared(by, stop);
        long free =
                Math.max(0, quota.path("limit").asLong() - quota.path("usage").asLong());
        return new Told(about.path("user").path("emailAddress").asText(), endless ? Room.ENDLESS : free);
    }

    private boolean isShared(Account by, StopToken stop) {
        Boolean known = shared;
        if (known == null) {
            known = json(
                            "/drive/v3/files/" + Calls.encoded(String.valueOf(settings.folder()))
                                    + "?supportsAllDrives=true&fields=driveId",
                            by,
                            stop)
                    .hasNonNull("driveId");
            shared = known;
        }
        return known;
    }

    private JsonNode json(String path, Account by, StopToken stop) {
        Reply reply = calls.once(Calls.Request.get(URI.create(settings.endpoint() + path)), by, stop);
        try {
            return reply.json();
        } catch (java.io.IOException e) {
            throw Faults.unanswered(e);
        }
    }
}
