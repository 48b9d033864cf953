package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Some folders and what is in them. The kernel resolves each path beneath its root (`openat2` with `RESOLVE_BENEATH`,
/// Linux 5.6), and the folder that it finds is held open while an entry of it is used: nobody can swap it.
final class Rooted implements Reach {
    private final List<Path> roots;

    Rooted(List<Path> roots) {
        if (!Linux.known()) {
            throw new ProblemException(
                    ErrorCode.FORBIDDEN, "folders can only be opened to others on Linux, which can keep them apart");
        }
        this.roots =
                roots.stream().map(root -> root.toAbsolutePath().normalize()).toList();
    }

    @Override
    public boolean covers(Path path) {
        return root(path) != null;
    }

    /// The innermost root that the path lies in.
    private @Nullable Path root(Path path) {
        Path plain = path.normalize();
        Path found = null;
        for (Path root : roots) {
            if (plain.startsWith(root) && (found == null || root.startsWith(found))) {
                found = root;
            }
        }
        return found;
    }

    @Override
    public Access access() {
        return new Held();
    }

    private final class Held implements Access {
        private final Map<Path, Linux.Descriptor> opened = new HashMap<>();
        private @Nullable Path heldPath;
        private Linux.@Nullable Descriptor held;

        @Override
        public Path entry(Path path) throws IOException {
            Path parent = path.getParent();
            Path name = path.getFileName();
            if (parent == null || name == null || root(path) == null) {
                throw outOfReach(path);
            }
            if (roots.contains(path)) {
                return folder(path);
            }
            return hold(parent).magic().resolve(name);
        }

        @Override
        public Path folder(Path path) throws IOException {
            return hold(path).magic();
        }

        private Linux.Descriptor hold(Path folder) throws IOException {
            Linux.Descriptor now = held;
            if (now != null && folder.equals(heldPath)) {
                return now;
            }
            Path root = root(folder);
            if (root == null) {
                throw outOfReach(folder);
            }
            Linux.Descriptor base = opened.get(root);
            if (base == null) {
                base = Linux.open(root, Linux.O_PATH | Linux.O_DIRECTORY);
                opened.put(root, base);
            }
            if (folder.equals(root)) {
                return base;
            }
            Linux.Descriptor found;
            try {
                found = Linux.openBeneath(base, root.relativize(folder), Linux.O_RDONLY | Linux.O_DIRECTORY);
            } catch (IOException e) {
                throw Linux.errno(e) == Linux.EXDEV ? outOfReach(folder) : e;
            }
            if (now != null) {
                now.close();
            }
            held = found;
            heldPath = folder;
            return found;
        }

        @Override
        public void close() {
            if (held != null) {
                held.close();
                held = null;
            }
            opened.values().forEach(Linux.Descriptor::close);
            opened.clear();
        }
    }

    private static IOException outOfReach(Path path) {
        return new AccessDeniedException(
                path.toString(), null, "it is in none of the folders that are open (files.roots)");
    }
}
