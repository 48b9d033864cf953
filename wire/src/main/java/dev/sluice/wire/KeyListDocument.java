package dev.sluice.wire;

import java.util.List;

/// The keys of a user, newest first.
public record KeyListDocument(List<KeyDocument> keys) {
    public KeyListDocument {
        keys = List.copyOf(keys);
    }
}
