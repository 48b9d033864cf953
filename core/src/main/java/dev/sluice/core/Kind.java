package dev.sluice.core;

/// What sort of work a job does: `upload`, `download`, `operation`, `import`. 1–64 characters of `A-Z a-z 0-9 .
/// _ -`.
public record Kind(String value) {
    public Kind {
        Ids.requireIdentifier("kind", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
