package dev.sluice.core;

/// The identity of one run of one server process: new at every start. 1–64 characters of `A-Z a-z 0-9 . _ -`.
public record NodeId(String value) {
    public NodeId {
        Ids.requireIdentifier("node id", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
