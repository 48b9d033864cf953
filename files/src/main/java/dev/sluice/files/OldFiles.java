package dev.sluice.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What was replaced and lies beside its target for as long as it may come back. Each call may be repeated, also after
/// a crash in its middle. Used by one thread.
final class OldFiles {
    private static final Logger log = LoggerFactory.getLogger(OldFiles.class);

    private final Temps temps;
    private final Reach.Access targets;

    OldFiles(Temps temps, Reach.Access targets) {
        this.temps = temps;
        this.targets = targets;
    }

    /// Gives an old file its name again.
    ///
    /// @param ours whether what is under that name is what the step has put there: then it is replaced
    /// @return whether there was an old file
    boolean putBack(Step step, boolean ours) throws IOException {
        Path old = temps.old(step);
        Optional<Stat> kept = targets.stat(old);
        if (kept.isEmpty()) {
            return false;
        }
        Optional<Stat> there = targets.stat(step.target());
        if (there.isEmpty()) {
            Placing.free(targets.entry(old), targets.entry(step.target()));
        } else if (there.get().identity().equals(kept.get().identity())) {
            Files.delete(targets.entry(old));
        } else if (ours) {
            Placing.over(targets.entry(old), targets.entry(step.target()));
        } else {
            Path name = FreeName.beside(step.target(), targets);
            Placing.free(targets.entry(old), targets.entry(name));
            log.warn("the old {} is called {} now: somebody has put another file there", step.target(), name);
        }
        return true;
    }

    /// What a finished step has replaced goes, unless its target has gone.
    void forget(Step step) throws IOException {
        if (targets.stat(step.target()).isEmpty()) {
            putBack(step, false);
            return;
        }
        Path old = temps.old(step);
        if (targets.stat(old).isPresent()) {
            Files.deleteIfExists(targets.entry(old));
        }
    }
}
