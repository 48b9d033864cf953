package dev.sluice.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What a file is at one moment, links not followed.
///
/// @param modifiedNanos since 1970
/// @param mode type and permissions, as `st_mode`
/// @param links how many names it has
record Stat(long size, long modifiedNanos, long device, long inode, int mode, int links) {
    private static final String ATTRIBUTES = "unix:size,lastModifiedTime,dev,ino,mode,nlink";
    private static final int TYPE = 0170000;
    private static final int FOLDER = 0040000;
    private static final int FILE = 0100000;
    private static final int LINK = 0120000;
    private static final int PERMISSIONS = 07777;

    /// A file's identity: no two that exist at the same time share it.
    record Identity(long device, long inode) {}

    /// @throws NoSuchFileException where there is none
    static Stat of(Path path) throws IOException {
        Map<String, Object> found = Files.readAttributes(path, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
        return of(found);
    }

    /// The same of what a link leads to.
    static Stat following(Path path) throws IOException {
        return of(Files.readAttributes(path, ATTRIBUTES));
    }

    private static Stat of(Map<String, Object> found) {
        return new Stat(
                number(found, "size"),
                time(found).to(TimeUnit.NANOSECONDS),
                number(found, "dev"),
                number(found, "ino"),
                (int) number(found, "mode"),
                (int) number(found, "nlink"));
    }

    private static FileTime time(Map<String, Object> found) {
        return (FileTime) required(found, "lastModifiedTime");
    }

    private static long number(Map<String, Object> found, String name) {
        return ((Number) required(found, name)).longValue();
    }

    private static Object required(Map<String, Object> found, String name) {
        @Nullable Object value = found.get(name);
        if (value == null) {
            throw new IllegalStateException("no " + name + " of a file");
        }
        return value;
    }

    /// Nothing where there is no such file.
    static Optional<Stat> ifThere(Path path) throws IOException {
        try {
            return Optional.of(of(path));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Optional.empty();
        } catch (java.nio.file.FileSystemException e) {
            String reason = String.valueOf(e.getReason());
            if (reason.contains("Not a directory") || reason.contains("File name too long")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    boolean isFolder() {
        return (mode & TYPE) == FOLDER;
    }

    boolean isFile() {
        return (mode & TYPE) == FILE;
    }

    boolean isLink() {
        return (mode & TYPE) == LINK;
    }

    int permissions() {
        return mode & PERMISSIONS;
    }

    FileTime modified() {
        return FileTime.from(modifiedNanos, TimeUnit.NANOSECONDS);
    }

    Identity identity() {
        return new Identity(device, inode);
    }

    /// Whether it is the file that it was, with the content that it had, as far as size and time tell.
    boolean isUnchanged(Stat before) {
        return identity().equals(before.identity()) && isAsBefore(before);
    }

    /// The same long afterwards, when its disk may have been plugged in anew and have another number.
    boolean isAsBefore(Stat before) {
        return inode == before.inode && size == before.size && modifiedNanos == before.modifiedNanos;
    }
}
