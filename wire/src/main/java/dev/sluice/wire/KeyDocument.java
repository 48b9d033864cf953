package dev.sluice.wire;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An API key.
///
/// @param key the word itself, in the answer to whoever has made it and never again
public record KeyDocument(
        String id,
        String label,
        List<String> scopes,
        @Nullable Instant created,
        @Nullable Instant expires,
        @Nullable String key) {
    public KeyDocument {
        scopes = List.copyOf(scopes);
    }
}
