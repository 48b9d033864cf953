package dev.sluice.files;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/// Gives files their names, each in one step of the file system.
final class Placing {
    private Placing() {}

    /// Renames a file or folder to a free name.
    ///
    /// @throws FileAlreadyExistsException where the name is taken
    static void free(Path from, Path to) throws IOException {
        if (!Linux.known()) {
            elsewhere(from, to);
            return;
        }
        try {
            Linux.rename(from, to);
        } catch (FileSystemException e) {
            if (!isUnknown(e)) {
                throw e;
            }
            elsewhere(from, to);
        }
    }

    /// A file system that cannot promise not to replace: NFS, some in user space.
    private static boolean isUnknown(IOException e) {
        int errno = Linux.errno(e);
        return errno == Linux.EINVAL || errno == Linux.ENOSYS || errno == Linux.EOPNOTSUPP;
    }

    /// By a second name where there are hard links; a folder, and a file where there are none, by looking first.
    private static void elsewhere(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from, LinkOption.NOFOLLOW_LINKS)) {
            try {
                Files.createLink(to, from);
                Files.delete(from);
                return;
            } catch (FileAlreadyExistsException e) {
                throw e;
            } catch (FileSystemException | UnsupportedOperationException e) {
                assert e.getMessage() != null;
            }
        }
        if (Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(to.toString());
        }
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    /// Renames a file over what is there, if anything.
    static void over(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    /// Puts a file in the place of what is there.
    ///
    /// @param old the name that this one keeps, which an earlier try may have given it already; null: none
    static void replace(Path from, Path to, @Nullable Path old) throws IOException {
        if (old != null) {
            try {
                keep(to, old);
            } catch (NoSuchFileException e) {
                free(from, to);
                return;
            } catch (FileAlreadyExistsException e) {
                assert Files.exists(old, LinkOption.NOFOLLOW_LINKS) : e;
            }
        }
        over(from, to);
    }

    /// Gives what is at `file` a second name, beside it; where there are no hard links, another one.
    private static void keep(Path file, Path old) throws IOException {
        try {
            Files.createLink(old, file);
        } catch (FileAlreadyExistsException | NoSuchFileException e) {
            throw e;
        } catch (FileSystemException | UnsupportedOperationException e) {
            if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileSystemException(file.toString(), null, "it is a folder, and is not replaced");
            }
            free(file, old);
        }
    }
}
