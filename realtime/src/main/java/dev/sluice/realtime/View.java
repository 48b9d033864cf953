package dev.sluice.realtime;

import dev.sluice.core.JobId;
import dev.sluice.core.Owner;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a watcher wants of what it may see. Watchers of equal views share their frames.
///
/// @param only these jobs, or all
/// @param but not these, where `only` names none
record View(Sight sight, @Nullable Set<JobId> only, Set<JobId> but) {

    static View of(Sight sight, Set<JobId> named) {
        return new View(sight, named.isEmpty() ? null : Set.copyOf(named), Set.of());
    }

    boolean sees(Owner owner, JobId job) {
        return sight.reaches(owner) && (only == null ? !but.contains(job) : only.contains(job));
    }

    /// The one job that this view is about, if it is about one.
    @Nullable
    JobId sole() {
        return only != null && only.size() == 1 ? only.iterator().next() : null;
    }

    /// How many jobs it names.
    int names() {
        return only == null ? but.size() : only.size();
    }

    View with(Set<JobId> jobs) {
        return only == null ? new View(sight, null, less(but, jobs)) : new View(sight, more(only, jobs), Set.of());
    }

    View without(Set<JobId> jobs) {
        return only == null ? new View(sight, null, more(but, jobs)) : new View(sight, less(only, jobs), Set.of());
    }

    private static Set<JobId> more(Set<JobId> some, Set<JobId> others) {
        var all = new HashSet<>(some);
        all.addAll(others);
        return Set.copyOf(all);
    }

    private static Set<JobId> less(Set<JobId> some, Set<JobId> others) {
        var rest = new HashSet<>(some);
        rest.removeAll(others);
        return Set.copyOf(rest);
    }
}
