package dev.sluice.files;

import java.util.Optional;

/// What tells that a file is the copy that a step has made.
final class Copies {
    private Copies() {}

    /// Whether a target is what the step has put there, and nobody has changed it since: it has the size and, to the
    /// nanosecond, the time of its source.
    static boolean isOf(Step step, Stat target) {
        Stat source = step.found();
        if (source.isLink()) {
            return target.isLink();
        }
        return target.isFile() && target.size() == source.size() && sameTime(source, target);
    }

    /// Whether a target has all bytes that the step has put there, whoever has touched it since.
    static boolean isWhole(Step step, Optional<Stat> target) {
        return target.filter(there -> step.found().isLink()
                        ? there.isLink()
                        : there.isFile() && there.size() >= step.found().size())
                .isPresent();
    }

    /// Some file systems keep times less exactly: FAT two seconds.
    private static boolean sameTime(Stat source, Stat target) {
        long difference = Math.abs(source.modifiedNanos() - target.modifiedNanos());
        return difference == 0
                || (target.modifiedNanos() % 1_000 == 0 && difference < 1_000)
                || (target.modifiedNanos() % 1_000_000_000 == 0 && difference <= 2_000_000_000L);
    }
}
