package dev.sluice.core;

/// The identity of a job: a UUID that the server made, or a client's own word where the wire contract allows
/// one. 1–64 characters of `A-Z a-z 0-9 . _ -`.
public record JobId(String value) {
    public JobId {
        Ids.requireIdentifier("job id", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
