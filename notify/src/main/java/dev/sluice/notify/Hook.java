package dev.sluice.notify;

import dev.sluice.core.Kind;
import dev.sluice.core.Owner;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A webhook: where its owner wants to be told of the ends of jobs.
///
/// @param kinds of those jobs only; none: of all
/// @param off why nothing is sent; null while it is on
public record Hook(
        String id,
        Owner owner,
        String url,
        Set<Kind> kinds,
        Set<JobEnd> ends,
        @Nullable String off,
        Instant created) {
    public Hook {
        kinds = Set.copyOf(kinds);
        ends = Set.copyOf(ends);
    }

    boolean wants(Kind kind, JobEnd end) {
        return ends.contains(end) && (kinds.isEmpty() || kinds.contains(kind));
    }
}
