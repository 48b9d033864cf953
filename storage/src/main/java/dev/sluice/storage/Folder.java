package dev.sluice.storage;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.FullDisk;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The one folder that holds a local storage's objects and, hidden beside them, what is on its way. Safe for
/// use by many threads.
final class Folder {
    private final Path root;
    private final Durability durability;
    /// Elsewhere a folder cannot be opened, and keeps itself in order.
    private final boolean syncs;

    private Folder(Path root, Durability durability) {
        this.root = root;
        this.durability = durability;
        this.syncs = root.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /// Makes the folder where it is missing.
    ///
    /// @throws ProblemException where it cannot be used, with what to do about it
    static Folder open(Path wanted, Durability durability) {
        Path path = wanted.toAbsolutePath().normalize();
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw unusable(path, "is not a folder", "name another one, or move the file away", null);
        }
        try {
            var folder = new Folder(make(path, durability), durability);
            if (!Files.isReadable(folder.root) || !Files.isExecutable(folder.root)) {
                throw unusable(path, "cannot be read", "give this user the right to read it", null);
            }
            if (!Files.isWritable(folder.root)) {
                throw unusable(path, "cannot be written to", "give this user the right to, or name another one", null);
            }
            return folder;
        } catch (IOException e) {
            throw unusable(path, "cannot be made", "make it, or name another one (" + e + ")", e);
        }
    }

    private static Path make(Path path, Durability durability) throws IOException {
        var missing = new ArrayList<Path>();
        for (Path at = path; at != null && !Files.exists(at); at = at.getParent()) {
            missing.add(at);
        }
        Files.createDirectories(path);
        for (Path made : missing) {
            Path above = made.getParent();
            if (above != null) {
                new Folder(above, durability).sync();
            }
        }
        return path.toRealPath();
    }

    private static ProblemException unusable(Path path, String how, String remedy, @Nullable Throwable cause) {
        return new ProblemException(
                new Problem(ErrorCode.INTERNAL, "the storage folder " + path + " " + how + ": " + remedy), cause);
    }

    Path root() {
        return root;
    }

    boolean survivesPowerCut() {
        return durability == Durability.POWER;
    }

    /// Where an object of this name is or would be.
    Path object(String key) {
        return inside(FileNames.requireObject(key));
    }

    Path hidden(String id, String suffix) {
        return inside(FileNames.hidden(id, suffix));
    }

    private Path inside(String name) {
        try {
            return root.resolve(name);
        } catch (InvalidPathException e) {
            throw new ProblemException(
                    ErrorCode.INTERNAL,
                    "a file name cannot be written in this system's encoding (" + System.getProperty("sun.jnu.encoding")
                            + "): start with LC_ALL=C.UTF-8",
                    e);
        }
    }

    /// What stands at `path` itself, links not followed; null where nothing does.
    @Nullable
    BasicFileAttributes look(Path path) throws IOException {
        try {
            return require(path);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /// What stands at `path` itself, links not followed.
    ///
    /// @throws NoSuchFileException where nothing does
    BasicFileAttributes require(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    /// Under [Durability#POWER], lasts what names have been made and taken away.
    void sync() throws IOException {
        if (!survivesPowerCut() || !syncs) {
            return;
        }
        try (FileChannel folder = FileChannel.open(root, StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    /// A disk that is not mounted holds leftovers that must not be taken for gone.
    void requirePresent() {
        if (!Files.isDirectory(root)) {
            throw unusable(root, "is not there any more", "mount or restore it", null);
        }
    }

    long usable() throws IOException {
        long bytes = Files.getFileStore(root).getUsableSpace();
        return bytes < 0 ? Long.MAX_VALUE : bytes;
    }

    /// What a failed call means.
    ///
    /// @param doing such as `write`
    /// @param step what this call still had to write
    /// @param rest what is still to be written of the whole object
    ProblemException failed(String doing, Path file, long step, long rest, IOException e) {
        long usable = usableIn(e);
        if (FullDisk.isMeantBy(e) || usable < step) {
            long missing = Math.max(1, usable < rest ? rest - usable : rest);
            return full(missing, "cannot " + doing + " " + file.getFileName(), e);
        }
        return new ProblemException(ErrorCode.INTERNAL, "cannot " + doing + " " + file + ": " + reason(e), e);
    }

    ProblemException failed(String doing, Path file, IOException e) {
        return failed(doing, file, 0, 0, e);
    }

    ProblemException full(long missing, String consequence, @Nullable Throwable cause) {
        String message = consequence + ": " + missing + " bytes are missing on the disk of " + root
                + "; free that much and try again";
        return new ProblemException(new Problem(ErrorCode.DISK_FULL, message, Map.of("missing_bytes", missing)), cause);
    }

    private long usableIn(IOException first) {
        try {
            return usable();
        } catch (IOException e) {
            first.addSuppressed(e);
            return Long.MAX_VALUE;
        }
    }

    private static String reason(IOException e) {
        String words = e.getMessage();
        return words == null ? e.getClass().getSimpleName() : words;
    }
}
