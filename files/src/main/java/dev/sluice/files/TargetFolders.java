package dev.sluice.files;

import dev.sluice.core.Problem;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// Makes the folders that targets come into, and knows which of them could not be made. Used by one thread.
final class TargetFolders {
    private final Reach.Access targets;
    private final Journal journal;
    private final SortedSet<Path> changed = new TreeSet<>();
    private final Map<Path, Problem> missing = new HashMap<>();

    TargetFolders(Reach.Access targets, Journal journal) {
        this.targets = targets;
        this.journal = journal;
    }

    /// The permissions that a folder is made with: we have to be able to fill it.
    static int permissions(Step step) {
        return step.found().permissions() | 0700;
    }

    void make(Step step) throws IOException {
        makeAbove(step.target());
        Path target = targets.entry(step.target());
        try {
            Files.createDirectory(target, Permissions.attribute(permissions(step)));
            changed.add(step.into());
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(target)) {
                throw noFolder(step.target(), e);
            }
        }
    }

    /// Folders above a target that nobody planned: a path with a `/` at its end may name several that are missing.
    void makeAbove(Path target) throws IOException {
        Path parent = target.getParent();
        if (parent == null || isFolder(parent)) {
            return;
        }
        makeAbove(parent);
        journal.above(parent);
        try {
            Files.createDirectory(targets.entry(parent));
            changed.add(parent.resolveSibling(""));
        } catch (FileAlreadyExistsException e) {
            if (!isFolder(parent)) {
                throw noFolder(parent, e);
            }
        }
    }

    /// A [FileAlreadyExistsException] would be taken for a target that the policy decides about.
    private static IOException noFolder(Path path, FileAlreadyExistsException why) {
        var e = new NotDirectoryException(path.toString());
        e.initCause(why);
        return e;
    }

    /// A folder could not be made: nothing can come into it.
    void noteMissing(Path folder, Problem why) {
        missing.put(folder, why);
    }

    /// Why there is no such folder: it could not be made, or one above it.
    Optional<Problem> whyMissing(Path path) {
        for (Path folder = path; folder != null; folder = folder.getParent()) {
            Problem why = missing.get(folder);
            if (why != null) {
                return Optional.of(why);
            }
        }
        return Optional.empty();
    }

    /// All that were made are on the device afterwards.
    void sync() throws IOException {
        for (Path folder : changed) {
            Bytes.syncFolder(targets.folder(folder));
        }
        changed.clear();
    }

    private boolean isFolder(Path path) throws IOException {
        try {
            return Files.isDirectory(targets.folder(path));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return false;
        }
    }
}
