package dev.sluice.files;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is left to do of an operation that has ended: unfinished files go, and, as it was asked for, finished ones too.
/// Whatever somebody has changed since stays. All of it may be repeated, also after a crash in its middle, and what
/// cannot be done for one step keeps no other from it: [#end] tells.
final class TakeBack {
    private static final Logger log = LoggerFactory.getLogger(TakeBack.class);

    private final Journal journal;
    private final Temps temps;
    private final Reach.Access sources;
    private final Reach.Access targets;
    private final OldFiles olds;
    private final Journal.Group lines;
    private @Nullable IOException failure;

    TakeBack(Journal journal, Temps temps, Reach.Access sources, Reach.Access targets) {
        this.journal = journal;
        this.temps = temps;
        this.sources = sources;
        this.targets = targets;
        this.olds = new OldFiles(temps, targets);
        this.lines = journal.group();
    }

    @FunctionalInterface
    private interface Deed {
        void on(Step step) throws IOException;
    }

    private void lastFirst(List<Step> steps, Deed deed) {
        for (Step step : steps.reversed()) {
            try {
                deed.on(step);
            } catch (IOException e) {
                failed(e);
            }
        }
    }

    private void failed(IOException e) {
        if (failure == null) {
            failure = e;
        } else {
            failure.addSuppressed(e);
        }
    }

    /// @throws IOException where something could not be done, and is to be tried again
    void end() throws IOException {
        if (failure != null) {
            throw failure;
        }
    }

    // ---- What is not whole

    /// Files that are not whole go, and what they were to replace has its name again.
    void unfinished(List<Step> steps) {
        lastFirst(steps, step -> {
            Mark mark = journal.mark(step);
            if (step.act().copies() && !mark.isDone() && mark.phase() != Mark.Phase.SKIPPED) {
                unfinished(step, mark);
            }
        });
    }

    /// Where the hidden file is still there, what stands under the target's name is somebody else's, or the old one.
    private void unfinished(Step step, Mark mark) throws IOException {
        Optional<Stat> part = targets.stat(temps.part(step));
        if (part.isEmpty()) {
            return;
        }
        boolean placed = targets.stat(step.target())
                .filter(there -> there.identity().equals(part.get().identity()))
                .isPresent();
        if (mark.phase() == Mark.Phase.BEGUN && !placed) {
            olds.putBack(step, false);
            // Before the hidden file goes, which is all that tells.
            lines.takenBack(step).write();
        }
        Files.deleteIfExists(targets.entry(temps.part(step)));
    }

    /// Files that still wait under another name get their own again.
    void parked(List<Step> steps) {
        lastFirst(steps, step -> {
            if (step.act() == Act.PARK && targets.stat(step.target()).isPresent()) {
                unpark(step);
                lines.takenBack(step).write();
            }
        });
    }

    /// Its own name may have been given to another one by now.
    private void unpark(Step step) throws IOException {
        Path name = FreeName.beside(step.source(), sources);
        Placing.free(targets.entry(step.target()), sources.entry(name));
        if (!name.equals(step.source())) {
            log.warn("{} is called {} now: its own name is taken", step.source(), name);
        }
    }

    // ---- What is finished

    /// What was replaced is kept no longer, where it was.
    void forgetOld(List<Step> steps) {
        lastFirst(steps, step -> {
            if (!step.act().copies() && step.act() != Act.RENAME) {
                return;
            }
            if (mayBeDone(step)) {
                olds.forget(step);
            } else {
                olds.putBack(step, false);
            }
        });
    }

    /// All that is finished is undone.
    void finished(List<Step> steps) {
        lastFirst(steps, step -> {
            if (!mayBeDone(step)) {
                olds.putBack(step, false);
            } else if (hasLeft(step)) {
                log.info("{} stays: its source has gone", step.target());
            } else {
                takeBack(step, steps);
                lines.takenBack(step).write();
            }
        });
    }

    /// Folders that were made above targets, the innermost first, as far as they are empty by now.
    void above() {
        for (Path folder : journal.above().reversed()) {
            try {
                if (targets.stat(folder).filter(Stat::isFolder).isPresent()) {
                    removeFolder(folder);
                }
            } catch (IOException e) {
                failed(e);
            }
        }
    }

    private boolean mayBeDone(Step step) {
        Mark mark = journal.mark(step);
        return mark.isDone() || mark.phase() == Mark.Phase.BEGUN;
    }

    /// An attempt that ended with failures lets its sources go; a later one may be cancelled.
    private boolean hasLeft(Step step) throws IOException {
        Mark.Phase phase = journal.mark(step).phase();
        return step.act().copies()
                && (phase == Mark.Phase.LEAVING || phase == Mark.Phase.LEFT)
                && sources.stat(step.source()).isEmpty();
    }

    private void takeBack(Step step, List<Step> steps) throws IOException {
        switch (step.act()) {
            case RENAME -> {
                renameBack(
                        step,
                        step.twin() < 0 ? step.source() : steps.get(step.twin()).target());
                olds.putBack(step, false);
            }
            case PARK -> {
                if (targets.stat(step.target()).isPresent()) {
                    unpark(step);
                }
            }
            case COPY, LINK, HARD_LINK -> {
                boolean ours = targets.stat(step.target())
                        .filter(there -> Copies.isOf(step, there))
                        .isPresent();
                // Where an old file is to be there and none is kept any more, it is back already.
                if (!olds.putBack(step, ours) && ours && !step.replaces()) {
                    Files.deleteIfExists(targets.entry(step.target()));
                }
            }
            case FOLDER -> {
                if (!step.replaces()
                        && targets.stat(step.target()).filter(Stat::isFolder).isPresent()) {
                    removeFolder(step.target());
                }
            }
            case SKIP, IMPOSSIBLE -> throw new IllegalStateException("step " + step.number() + " did nothing");
        }
    }

    private void renameBack(Step step, Path source) throws IOException {
        Optional<Stat> there = targets.stat(step.target());
        if (there.isEmpty() || !there.get().identity().equals(step.found().identity())) {
            return;
        }
        Path now = targets.entry(step.target());
        Optional<Stat> before = sources.stat(source);
        if (before.isEmpty()) {
            Placing.free(now, sources.entry(source));
        } else if (!before.get().identity().equals(there.get().identity())) {
            throw new IOException(source + " cannot be put back: there is another file of that name");
        } else if (source.toString().equalsIgnoreCase(step.target().toString())) {
            // Where case means nothing both are one name.
            Placing.over(now, sources.entry(source));
        } else {
            Files.delete(now);
        }
    }

    private void removeFolder(Path folder) throws IOException {
        try {
            Files.delete(targets.entry(folder));
        } catch (DirectoryNotEmptyException e) {
            log.info("{} stays: there is something else in it", folder);
        }
    }
}
