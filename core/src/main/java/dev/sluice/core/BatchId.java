package dev.sluice.core;

/// The identity of a batch: a UUID that the server made, or a client's own word where the wire contract allows
/// one. 1–64 characters of `A-Z a-z 0-9 . _ -`.
public record BatchId(String value) {
    public BatchId {
        Ids.requireIdentifier("batch id", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
