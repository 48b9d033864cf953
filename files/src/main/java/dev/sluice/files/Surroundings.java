package dev.sluice.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What lies around the sources and targets of an operation, looked up once per folder. Used by one thread.
final class Surroundings {
    /// File systems where case means nothing, as they come.
    private static final Set<String> CASELESS = Set.of("vfat", "msdos", "exfat", "cifs", "smb3", "hfs", "hfsplus");

    /// Smaller ones are not looked at for holes.
    private static final long LARGE = 1 << 20;

    private final Reach.Access access;
    private final Mounts mounts;
    private final Map<Path, Boolean> folders = new HashMap<>();
    private final Map<Path, Long> disks = new HashMap<>();
    private final Map<Path, Boolean> caseless = new HashMap<>();

    Surroundings(Reach.Access access) throws IOException {
        this.access = access;
        this.mounts = Mounts.now();
    }

    /// Nothing where there is no such file; a folder that is known to be missing is not asked again.
    Optional<Stat> stat(Path path) throws IOException {
        Path parent = path.getParent();
        if (parent != null && !isFolder(parent)) {
            return Optional.empty();
        }
        return access.stat(path);
    }

    private boolean isFolder(Path path) throws IOException {
        Boolean before = folders.get(path);
        if (before != null) {
            return before;
        }
        boolean found;
        try {
            found = Files.isDirectory(access.folder(path));
        } catch (NoSuchFileException | NotDirectoryException e) {
            found = false;
        }
        folders.put(path, found);
        return found;
    }

    /// The folder that a path lies in, or the nearest one above that there is.
    Path nearest(Path path) throws IOException {
        Path at = path.getParent();
        while (at != null && !isFolder(at)) {
            at = at.getParent();
        }
        return at == null ? path.getRoot() : at;
    }

    /// Whether both lie in one mount and on one file system, so that a rename does: subvolumes of one mount are
    /// several.
    boolean canRename(Path source, Path target) throws IOException {
        Path from = nearest(source);
        Path to = nearest(target);
        return mounts.isOne(from, to) && disk(from) == disk(to);
    }

    /// Whether `path` lies in `folder` or is it, wherever links on the way lead.
    boolean isInside(Path path, Path folder) throws IOException {
        if (path.startsWith(folder)) {
            return true;
        }
        Path real = nearest(path).toRealPath();
        return real.startsWith(folder.toRealPath());
    }

    /// @return how many bytes can still be written where `folder` is
    long space(Path folder) throws IOException {
        return store(folder).getUsableSpace();
    }

    /// How much of a disk a file takes: holes take none.
    long room(Path file, long size) {
        if (size < LARGE || !Linux.known()) {
            return size;
        }
        try {
            return Math.min(size, Linux.room(access.entry(file)));
        } catch (IOException e) {
            // It has gone meanwhile: whoever copies it tells.
            return size;
        }
    }

    /// What tells one file system from another.
    long disk(Path folder) throws IOException {
        Long before = disks.get(folder);
        if (before != null) {
            return before;
        }
        long found = Stat.following(access.folder(folder)).device();
        disks.put(folder, found);
        return found;
    }

    private FileStore store(Path folder) throws IOException {
        return Files.getFileStore(access.folder(folder));
    }

    boolean isWritable(Path folder) throws IOException {
        return Files.isWritable(access.folder(folder));
    }

    /// Whether `A` and `a` are one name in a folder that there is.
    boolean ignoresCase(Path folder) throws IOException {
        Boolean before = caseless.get(folder);
        if (before != null) {
            return before;
        }
        boolean found = isCaseless(folder);
        caseless.put(folder, found);
        return found;
    }

    /// By a name in it; where there is none, by what file system it is, or by its own name, unless the folder above
    /// lies on another one.
    private boolean isCaseless(Path folder) throws IOException {
        try (DirectoryStream<Path> names = Files.newDirectoryStream(access.folder(folder))) {
            for (Path one : names) {
                Path name = folder.resolve(one.getFileName());
                if (!swapped(name).equals(name)) {
                    return isOne(name, swapped(name)) || isHidden(folder, swapped(name));
                }
            }
        } catch (AccessDeniedException e) {
            // What may be written and not be read.
        }
        if (CASELESS.contains(store(folder).type())) {
            return true;
        }
        Path parent = folder.getParent();
        return parent != null
                && disk(parent) == disk(folder)
                && !swapped(folder).equals(folder)
                && isOne(folder, swapped(folder));
    }

    /// Whether a name leads to something and yet does not stand in its folder: under FUSE one file may have a
    /// number for each of its names.
    private boolean isHidden(Path folder, Path name) throws IOException {
        if (stat(name).isEmpty()) {
            return false;
        }
        try (DirectoryStream<Path> names = Files.newDirectoryStream(access.folder(folder))) {
            for (Path one : names) {
                if (one.getFileName().equals(name.getFileName())) {
                    return false;
                }
            }
        }
        return true;
    }

    private static Path swapped(Path folder) {
        String name = String.valueOf(folder.getFileName());
        String upper = name.toUpperCase(java.util.Locale.ROOT);
        return folder.resolveSibling(upper.equals(name) ? name.toLowerCase(java.util.Locale.ROOT) : upper);
    }

    private boolean isOne(Path folder, Path swapped) throws IOException {
        Optional<Stat> here = stat(folder);
        Optional<Stat> there = stat(swapped);
        return here.isPresent()
                && there.isPresent()
                && here.get().identity().equals(there.get().identity());
    }
}
