package dev.sluice.wire;

import java.time.Instant;
import java.util.List;

/// How browsers are pushed to.
///
/// @param publicKey what they subscribe with: `applicationServerKey`, in base64url
/// @param browsers those that have
public record PushDocument(String publicKey, List<Browser> browsers) {
    public PushDocument {
        browsers = List.copyOf(browsers);
    }

    /// A browser that is pushed to.
    public record Browser(String id, String label, Instant created) {}
}
