package dev.sluice.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Looks what an earlier run of an operation has begun and left: by the disk it is found done, or made undone.
final class Recovery {
    private final Journal journal;
    private final Temps temps;
    private final Reach.Access access;
    private final OldFiles olds;
    private final Journal.Group group;

    Recovery(Journal journal, Temps temps, Reach.Access access) {
        this.journal = journal;
        this.temps = temps;
        this.access = access;
        this.olds = new OldFiles(temps, access);
        this.group = journal.group();
    }

    /// Afterwards no step is half done: each is planned, done (with or without its source) or failed.
    void settle(List<Step> steps) throws IOException {
        for (Step step : steps) {
            Mark mark = journal.mark(step);
            if (mark.phase() == Mark.Phase.STAYED) {
                journal.reopen(step, mark.at(Mark.Phase.DONE));
            } else if (isToBeTriedAgain(step, mark)) {
                journal.reopen(step, Mark.PLANNED);
                settle(step, false);
            } else if (!mark.isOver()) {
                settle(step, mark.phase() == Mark.Phase.BEGUN);
            }
        }
        group.write();
    }

    private void settle(Step step, boolean begun) throws IOException {
        if (step.act().copies()) {
            settleCopy(step, begun);
        } else if (begun && isDone(step)) {
            group.done(step, Duration.ZERO, null);
        } else if (begun) {
            undone(step);
        }
    }

    /// A later end of the operation is not to take for its own what somebody else puts there.
    private void undone(Step step) throws IOException {
        olds.putBack(step, false);
        group.planned(step);
    }

    private static boolean isToBeTriedAgain(Step step, Mark mark) {
        return step.act() != Act.IMPOSSIBLE
                && (mark.phase() == Mark.Phase.FAILED || mark.phase() == Mark.Phase.TAKEN_BACK);
    }

    private boolean isDone(Step step) throws IOException {
        Optional<Stat> target = access.stat(step.target());
        return switch (step.act()) {
            case FOLDER -> target.filter(Stat::isFolder).isPresent();
            case RENAME, PARK ->
                target.filter(there -> there.identity().equals(step.found().identity()))
                                .isPresent()
                        && !isStillThere(step);
            default -> false;
        };
    }

    /// A name that differs in case only is there under both where case means nothing.
    private boolean isStillThere(Step step) throws IOException {
        return !step.source().toString().equalsIgnoreCase(step.target().toString())
                && access.stat(step.source())
                        .filter(there -> there.identity().equals(step.found().identity()))
                        .isPresent();
    }

    private void settleCopy(Step step, boolean begun) throws IOException {
        Path part = temps.part(step);
        Optional<Stat> unfinished = access.stat(part);
        Optional<Stat> target = begun ? access.stat(step.target()) : Optional.empty();
        boolean placed = target.isPresent()
                && (unfinished.isPresent()
                        ? target.get().identity().equals(unfinished.get().identity())
                        : Copies.isOf(step, target.get()));
        if (unfinished.isPresent() && (placed || !journal.isSamePower() || !Bytes.canGoOn(step))) {
            Files.deleteIfExists(access.entry(part));
        }
        if (placed) {
            group.done(step, Duration.ZERO, journal.mark(step).hash());
        } else if (begun) {
            undone(step);
        }
    }
}
