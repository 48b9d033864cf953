package dev.sluice.upload;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.FullDisk;
import dev.sluice.core.ProblemException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/// Where chunks lie whose checksum is not verified yet, on disk and not in memory: files without a name, so
/// that nothing of them stays once this process is gone. All together have one bound. Safe for use by many
/// threads; every call may block on the disk.
public final class Tails {
    private static final String NAME = "tail-";

    private final Path folder;
    private final long most;
    private final AtomicLong held = new AtomicLong();

    private Tails(Path folder, long most) {
        this.folder = folder;
        this.most = most;
    }

    /// Makes `folder` where it is missing; what a crash left there between the making of a file and the loss of
    /// its name is deleted.
    ///
    /// @param most bytes of all chunks together
    /// @throws ProblemException `internal` where the folder cannot be used
    public static Tails in(Path folder, long most) {
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, NAME + "*")) {
                for (Path file : left) {
                    Files.delete(file);
                }
            }
            return new Tails(folder, most);
        } catch (IOException e) {
            throw new ProblemException(
                    ErrorCode.INTERNAL,
                    "the folder " + folder + " cannot be used: let this user read and write it (" + e + ")",
                    e);
        }
    }

    /// A chunk of no bytes yet.
    public Tail begin() {
        Path file = folder.resolve(NAME + UUID.randomUUID());
        try {
            FileChannel channel = FileChannel.open(
                    file,
                    Set.of(CREATE_NEW, READ, WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try {
                Files.delete(file);
                return new Tail(this, channel);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw failed("make a file for", e);
        }
    }

    /// Refuses a chunk that could never be taken.
    ///
    /// @throws ProblemException `too_large`
    public void requireFitting(long bytes) {
        if (bytes > most) {
            throw new ProblemException(
                    ErrorCode.TOO_LARGE,
                    "a chunk that is sent with a checksum has at most " + most + " bytes; send smaller ones",
                    Map.of("limit", most));
        }
    }

    /// All chunks together, just now.
    public long held() {
        return held.get();
    }

    void reserve(long bytes) {
        if (held.addAndGet(bytes) > most) {
            held.addAndGet(-bytes);
            throw new ProblemException(
                    ErrorCode.OUT_OF_SLOTS, "there is no room just now for more unverified chunks; try again");
        }
    }

    void release(long bytes) {
        held.addAndGet(-bytes);
    }

    ProblemException failed(String doing, IOException e) {
        return new ProblemException(
                FullDisk.code(e), "cannot " + doing + " an unverified chunk in " + folder + ": " + e.getMessage(), e);
    }
}
