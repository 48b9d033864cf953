package dev.sluice.files;

import dev.sluice.core.Problem;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// The steps of an operation that are renames, in their order. Used by one thread.
final class Renames {
    private static final int GROUP = 64;

    private final Run run;
    private final List<Step> steps;
    private final Reach.Access sources;
    private final Reach.Access targets;
    private final TargetFolders folders;
    private final Journal.Group lines;

    /// The steps whose files wait in the middle of a circle of new names: it is brought to its end, whatever that is,
    /// before anything is stopped.
    private final Set<Integer> parked = new HashSet<>();

    /// @param steps all of the operation
    Renames(Run run, List<Step> steps, Reach.Access sources, Reach.Access targets, TargetFolders folders) {
        this.run = run;
        this.steps = steps;
        this.sources = sources;
        this.targets = targets;
        this.folders = folders;
        this.lines = run.journal().group();
        steps.stream().filter(this::isParked).forEach(step -> parked.add(step.twin()));
    }

    private boolean isParked(Step step) {
        return step.twin() >= 0
                && step.act() == Act.RENAME
                && !run.journal().mark(step).isDone()
                && run.journal().mark(steps.get(step.twin())).isDone();
    }

    void go() throws IOException {
        List<Step> open = steps.stream()
                .filter(step -> step.act() == Act.RENAME || step.act() == Act.PARK)
                .filter(step -> !run.journal().mark(step).isOver())
                .toList();
        for (int from = 0; from < open.size(); from += GROUP) {
            go(open.subList(from, Math.min(open.size(), from + GROUP)));
        }
    }

    private void go(List<Step> group) throws IOException {
        group.forEach(lines::begun);
        lines.write(run.spec().power());
        var changed = new TreeSet<Path>();
        try {
            for (Step step : group) {
                if (parked.isEmpty()) {
                    run.stop().check();
                }
                go(step, changed);
            }
            if (run.spec().power()) {
                folders.sync();
                for (Path folder : changed) {
                    Bytes.syncFolder(targets.folder(folder));
                }
            }
        } finally {
            lines.write();
        }
    }

    private void go(Step step, SortedSet<Path> changed) throws IOException {
        run.meter().current(step.source().toString());
        Optional<Problem> missing = folders.whyMissing(step.into());
        if (missing.isPresent()) {
            run.failed(step, missing.get(), lines);
            parked.remove(step.twin());
            return;
        }
        long began = System.nanoTime();
        try {
            persistently(step);
            if (step.act() == Act.PARK) {
                parked.add(step.number());
            }
            changed.add(step.into());
            changed.add(step.from());
            lines.done(step, Duration.ofNanos(System.nanoTime() - began), null);
            if (step.isFile()) {
                run.tally().over();
            }
        } catch (IOException e) {
            if (e instanceof FileAlreadyExistsException && run.spec().policy() == Policy.SKIP) {
                run.skipped(step, lines, step.target() + " is there already");
            } else {
                run.failed(step, Faults.problem(step.source() + " to " + step.target(), e), lines);
            }
        }
        parked.remove(step.twin());
    }

    /// A disk that was away for a moment may have obeyed without saying so.
    private void persistently(Step step) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                rename(step);
                return;
            } catch (IOException e) {
                if (!Faults.mayPass(e) || attempt == Run.TRIES) {
                    throw e;
                }
            }
            run.pause(attempt);
            if (isRenamed(step)) {
                return;
            }
        }
    }

    private boolean isRenamed(Step step) throws IOException {
        return Stat.ifThere(targets.entry(step.target()))
                .filter(there -> there.identity().equals(step.found().identity()))
                .isPresent();
    }

    private void rename(Step step) throws IOException {
        folders.makeAbove(step.target());
        Path source = sources.entry(
                step.twin() < 0 ? step.source() : steps.get(step.twin()).target());
        Path target = targets.entry(step.target());
        if (!Stat.of(source).identity().equals(step.found().identity())) {
            throw new IOException("it is not the file that was planned");
        }
        if (step.replaces()) {
            Placing.replace(
                    source, target, run.keepsOld() ? targets.entry(run.temps().old(step)) : null);
            return;
        }
        try {
            Placing.free(source, target);
        } catch (FileAlreadyExistsException e) {
            // Where case means nothing a new case is no other name.
            if (!step.source().toString().equalsIgnoreCase(step.target().toString())
                    || !Stat.of(target).identity().equals(step.found().identity())) {
                throw e;
            }
            Placing.replace(source, target, null);
        }
    }
}
