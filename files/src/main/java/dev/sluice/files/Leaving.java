package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The last part of a move by copy: sources go, each only where it still is what was copied and its target is there, as
/// it may not be after a power cut. Used by one thread.
final class Leaving {
    private static final Logger log = LoggerFactory.getLogger(Leaving.class);

    private final Journal journal;
    private final Reach.Access sources;
    private final Reach.Access targets;
    private final boolean power;
    private final StopToken stop;
    private final BiConsumer<Step, Problem> failed;
    private final Journal.Group lines;

    /// @param power whether a power cut counts
    /// @param failed learns of sources that could not go; the journal has them already
    Leaving(
            Journal journal,
            Reach.Access sources,
            Reach.Access targets,
            boolean power,
            StopToken stop,
            BiConsumer<Step, Problem> failed) {
        this.journal = journal;
        this.sources = sources;
        this.targets = targets;
        this.power = power;
        this.stop = stop;
        this.failed = failed;
        this.lines = journal.group();
    }

    /// @param done steps whose targets are where they are to be, and on disk where power cuts count
    void leave(List<Step> done) throws IOException {
        done.forEach(lines::leaving);
        lines.write(power);
        try {
            for (Step step : done) {
                stop.check();
                leaveOrStay(step);
            }
        } finally {
            write();
        }
    }

    private void leaveOrStay(Step step) {
        try {
            leave(step);
        } catch (NoSuchFileException | NotDirectoryException e) {
            lines.left(step);
        } catch (IOException e) {
            Problem problem = Faults.problem(step.source() + " was copied and cannot be deleted", e);
            lines.stayed(step, problem);
            failed.accept(step, problem);
        }
    }

    /// What has gone is known also to whoever goes on after a stop; but the journal may be another node's by now.
    private void write() throws IOException {
        if (stop.reason().filter(StopReason.FENCED::equals).isEmpty()) {
            lines.write();
        }
    }

    private void leave(Step step) throws IOException {
        Path source = sources.entry(step.source());
        if (!Stat.of(source).isUnchanged(step.found())) {
            stays(step, ErrorCode.SOURCE_CHANGED, step.source() + " changed after it was copied");
        } else if (!Copies.isWhole(step, targets.stat(step.target()))) {
            stays(step, ErrorCode.CONFLICT, step.target() + " is not there any more as it was copied");
        } else {
            Files.delete(source);
            lines.left(step);
        }
    }

    private void stays(Step step, ErrorCode code, String why) {
        Problem problem = new Problem(code, why + ", and the source stays where it is");
        lines.stayed(step, problem);
        failed.accept(step, problem);
    }

    /// Folders of which everything has gone, the innermost first; what else is in one keeps it.
    void leaveFolders(List<Step> folders) throws IOException {
        try {
            for (Step step : folders.reversed()) {
                stop.check();
                if (journal.mark(step).phase() == Mark.Phase.DONE) {
                    leaveFolder(step);
                }
            }
        } finally {
            write();
        }
    }

    private void leaveFolder(Step step) {
        try {
            Path source = sources.entry(step.source());
            if (!Stat.of(source).isFolder()) {
                throw new NotDirectoryException(step.source().toString());
            }
            Files.delete(source);
            lines.left(step);
        } catch (NoSuchFileException e) {
            lines.left(step);
        } catch (DirectoryNotEmptyException | NotDirectoryException e) {
            log.debug("{} stays: {}", step.source(), e.toString());
        } catch (IOException e) {
            log.warn("{} stays, with nothing of this operation in it: {}", step.source(), Faults.reason(e));
        }
    }
}
