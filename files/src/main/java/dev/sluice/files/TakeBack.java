package dev.sluice.files;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is left to do of an operation that has ended: unfinished files go, and, as it was asked for, finished ones too.
/// Whatever somebody has changed since stays. May be repeated.
final class TakeBack {
    private static final Logger log = LoggerFactory.getLogger(TakeBack.class);

    private final Journal journal;
    private final Temps temps;
    private final Reach.Access access;
    private final Journal.Group lines;

    TakeBack(Journal journal, Temps temps, Reach.Access access) {
        this.journal = journal;
        this.temps = temps;
        this.access = access;
        this.lines = journal.group();
    }

    /// Files that are not whole, and those that wait under another name, go or go back.
    void unfinished(List<Step> steps) throws IOException {
        for (Step step : steps.reversed()) {
            Mark mark = journal.mark(step);
            if (step.act().copies() && !mark.isDone() && mark.phase() != Mark.Phase.SKIPPED) {
                unfinished(step, mark);
            } else if (step.act() == Act.PARK && mark.isDone() && !isMovedOn(step, steps)) {
                unpark(step);
            }
        }
        lines.write();
    }

    /// Where the hidden file is still there, what stands under the target's name is somebody else's, or the old one.
    private void unfinished(Step step, Mark mark) throws IOException {
        Optional<Stat> part = access.stat(temps.part(step));
        if (part.isEmpty()) {
            return;
        }
        Optional<Stat> target = access.stat(step.target());
        boolean placed = target.filter(
                        there -> there.identity().equals(part.get().identity()))
                .isPresent();
        delete(temps.part(step));
        if (mark.phase() == Mark.Phase.BEGUN && !placed) {
            lines.takenBack(step);
        }
    }

    private boolean isMovedOn(Step park, List<Step> steps) {
        return steps.stream()
                .anyMatch(step ->
                        step.twin() == park.number() && journal.mark(step).isDone());
    }

    /// Its own name may have been given to another one by now.
    private void unpark(Step step) throws IOException {
        Path name = step.source();
        for (int number = 1; access.stat(name).isPresent(); number++) {
            name = FreeName.numbered(step.source(), number);
        }
        if (access.stat(step.target()).isPresent()) {
            Placing.free(access.entry(step.target()), access.entry(name));
            if (!name.equals(step.source())) {
                log.warn("{} is called {} now: its own name is taken", step.source(), name);
            }
        }
        lines.takenBack(step);
    }

    /// What was replaced is kept no longer.
    void forgetOld(List<Step> steps) throws IOException {
        for (Step step : steps) {
            if (step.act().copies() || step.act() == Act.RENAME) {
                delete(temps.old(step));
            }
        }
    }

    /// All that is finished is undone, the last first.
    void finished(List<Step> steps) throws IOException {
        for (Step step : steps.reversed()) {
            Mark mark = journal.mark(step);
            if (mark.isDone() || mark.phase() == Mark.Phase.BEGUN) {
                takeBack(step);
                lines.takenBack(step);
            }
        }
        lines.write();
    }

    private void takeBack(Step step) throws IOException {
        Optional<Stat> there = access.stat(step.target());
        switch (step.act()) {
            case RENAME, PARK -> {
                if (there.isPresent()
                        && there.get().identity().equals(step.found().identity())) {
                    Placing.free(access.entry(step.target()), free(step.source()));
                    restoreOld(step);
                }
            }
            case COPY, LINK, HARD_LINK -> {
                if (there.isPresent() && Copies.isOf(step, there.get())) {
                    Files.deleteIfExists(access.entry(step.target()));
                    restoreOld(step);
                }
            }
            case FOLDER -> {
                if (!step.replaces() && there.isPresent()) {
                    removeFolder(step.target());
                }
            }
            case SKIP, IMPOSSIBLE -> throw new IllegalStateException("step " + step.number() + " did nothing");
        }
    }

    private Path free(Path source) throws IOException {
        Path entry = access.entry(source);
        if (Files.exists(entry, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(source + " cannot be put back: there is another file of that name");
        }
        return entry;
    }

    private void removeFolder(Path folder) throws IOException {
        try {
            Files.delete(access.entry(folder));
        } catch (DirectoryNotEmptyException e) {
            log.info("{} stays: there is something else in it", folder);
        }
    }

    private void restoreOld(Step step) throws IOException {
        Path old = temps.old(step);
        if (access.stat(old).isPresent()) {
            Placing.free(access.entry(old), access.entry(step.target()));
        }
    }

    private void delete(Path path) throws IOException {
        if (access.stat(path).isPresent()) {
            Files.deleteIfExists(access.entry(path));
        }
    }
}
