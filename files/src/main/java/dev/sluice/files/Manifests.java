package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;

/// Leaves an ASC MHL manifest in each folder that an operation has brought as a whole, and in those that it has brought
/// single files into.
final class Manifests {
    private static final Path HOST = Path.of("/proc/sys/kernel/hostname");

    /// A chain takes one writer at a time.
    private static final Semaphore WRITER = new Semaphore(1);

    private final Journal journal;
    private final HashKind kind;
    private final Reach.Access targets;

    Manifests(Journal journal, HashKind kind, Reach.Access targets) {
        this.journal = journal;
        this.kind = kind;
        this.targets = targets;
    }

    /// @return the folders' manifests
    /// @throws ProblemException where a name cannot be told in one, or a chain is broken
    List<String> write(List<Step> steps) throws IOException {
        var written = new ArrayList<String>();
        for (Map.Entry<Path, List<Step>> folder : byFolder(steps).entrySet()) {
            Path root = folder.getKey();
            var entries = new ArrayList<Manifest.Entry>();
            for (Step step : folder.getValue()) {
                String hash = journal.mark(step).hash();
                if (hash == null && step.act() == Act.HARD_LINK) {
                    hash = journal.mark(steps.get(step.twin())).hash();
                }
                if (hash != null) {
                    Stat stat = step.found();
                    entries.add(new Manifest.Entry(
                            Manifest.pathOf(root, step.target()),
                            stat.size(),
                            stat.modified().toInstant(),
                            kind,
                            hash,
                            Manifest.Action.ORIGINAL));
                }
            }
            if (!entries.isEmpty()) {
                Path made = write(root, entries);
                written.add(root.resolve(ManifestChain.FOLDER)
                        .resolve(made.getFileName())
                        .toString());
            }
        }
        return written;
    }

    private Path write(Path root, List<Manifest.Entry> entries) throws IOException {
        try {
            WRITER.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProblemException(ErrorCode.STATE_UNAVAILABLE, "interrupted before the manifest was written", e);
        }
        try {
            return Manifest.write(targets.folder(root), Manifest.Creation.bySluice(Instant.now(), host()), entries);
        } finally {
            WRITER.release();
        }
    }

    private Map<Path, List<Step>> byFolder(List<Step> steps) {
        Set<Path> brought = new HashSet<>();
        for (Step step : steps) {
            if (step.act() == Act.FOLDER) {
                brought.add(step.target());
            }
        }
        var byFolder = new LinkedHashMap<Path, List<Step>>();
        for (Step step : steps) {
            boolean isFile = step.act() == Act.COPY || step.act() == Act.HARD_LINK;
            if (isFile && journal.mark(step).isDone()) {
                byFolder.computeIfAbsent(outermost(step.into(), brought), missing -> new ArrayList<>())
                        .add(step);
            }
        }
        return byFolder;
    }

    /// The folder that was brought as a whole, or the one that a single file came into.
    private static Path outermost(Path folder, Set<Path> brought) {
        Path found = folder;
        for (Path at = folder; at != null && brought.contains(at); at = at.getParent()) {
            found = at;
        }
        return found;
    }

    private static String host() throws IOException {
        return Files.isReadable(HOST) ? Files.readString(HOST).strip() : "unknown";
    }
}
