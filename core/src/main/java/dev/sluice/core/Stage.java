package dev.sluice.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One leg of a job's way: a name and the range of the job's percentage that it fills.
///
/// @param from 0–100
/// @param to 0–100, not less than `from`
public record Stage(
        String name,
        int from,
        int to,
        @Nullable Instant started,
        @Nullable Instant ended) {
    public Stage {
        if (from < 0 || to > 100 || from > to) {
            throw new IllegalArgumentException("stage " + name + " fills no range of 0–100: " + from + "–" + to);
        }
    }

    public Stage(String name, int from, int to) {
        this(name, from, to, null, null);
    }

    Stage begun(Instant at) {
        return new Stage(name, from, to, at, null);
    }

    Stage over(Instant at) {
        return new Stage(name, from, to, started, at);
    }
}
