package dev.sluice.app;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The folder that holds all of one server: database, local files, logs, the socket of the command line.
/// Whoever holds its lock is the one server on it.
public final class DataFolder implements AutoCloseable {
    /// What a Unix address holds besides its terminating zero.
    private static final int MAX_SOCKET_BYTES = 107;

    private final Path path;
    private final FileChannel channel;
    private final FileLock lock;

    private DataFolder(Path path, FileChannel channel, FileLock lock) {
        this.path = path;
        this.channel = channel;
        this.lock = lock;
    }

    /// Makes the folder where it is missing and locks it.
    ///
    /// @throws ConfigurationException where it cannot be made, read or written, or another server has it
    public static DataFolder open(Path folder) {
        return tryOpen(folder).orElseThrow(() -> {
            String holder = holder(folder);
            return new ConfigurationException("another server runs on the data folder "
                    + folder.toAbsolutePath().normalize()
                    + (holder.isEmpty() ? "" : " (process " + holder + ")")
                    + "; stop it, or give this one a folder of its own with --data");
        });
    }

    /// The same, but answers nothing where another process has it.
    ///
    /// @throws ConfigurationException where it cannot be made, read or written
    public static Optional<DataFolder> tryOpen(Path folder) {
        Path path = folder.toAbsolutePath().normalize();
        requireShort(path);
        try {
            if (!Files.isDirectory(path)) {
                Files.createDirectories(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            if (!Files.isReadable(path) || !Files.isWritable(path) || !Files.isExecutable(path)) {
                throw new ConfigurationException(
                        "the data folder " + path + " cannot be read and written by this user");
            }
            FileChannel channel = FileChannel.open(
                    path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                return Optional.empty();
            }
            channel.truncate(0);
            channel.write(
                    StandardCharsets.UTF_8.encode(
                            Long.toString(ProcessHandle.current().pid())),
                    0);
            return Optional.of(new DataFolder(path, channel, lock));
        } catch (FileAlreadyExistsException e) {
            throw new ConfigurationException("the data folder " + path + " is a file, not a folder", e);
        } catch (AccessDeniedException e) {
            throw new ConfigurationException(
                    "the data folder " + path + " cannot be used by this user: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new ConfigurationException("the data folder " + path + " cannot be used: " + e, e);
        }
    }

    /// The number of the process that has the folder, where it can be read.
    private static String holder(Path folder) {
        try {
            return Files.readString(folder.resolve("lock")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static void requireShort(Path folder) {
        int bytes = socket(folder).toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_SOCKET_BYTES) {
            throw new ConfigurationException(
                    "the path of the data folder " + folder + " is " + (bytes - MAX_SOCKET_BYTES)
                            + " bytes too long for the socket in it; choose a shorter one with --data");
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    public Path path() {
        return path;
    }

    static Path database(Path folder) {
        return folder.resolve("state.db");
    }

    /// The socket through which the command line talks to this server with the rights of the operating system's
    /// user.
    public Path socket() {
        return socket(path);
    }

    private static Path socket(Path folder) {
        return folder.resolve("sluice.sock");
    }

    /// Where the last bytes of unfinished uploads to cloud storages are kept.
    public Path keptTails() {
        return path.resolve("kept");
    }

    /// The key that secrets and kept tails are encrypted with.
    public Path key() {
        return key(path);
    }

    static Path key(Path folder) {
        return folder.resolve("secrets.key");
    }

    /// Chunks whose checksum is not verified yet.
    public Path tails() {
        return path.resolve("tails");
    }

    /// The journals of file operations.
    public Path operations() {
        return operations(path);
    }

    /// The same of a folder that nobody needs to hold.
    public static Path operations(Path folder) {
        return folder.resolve("operations");
    }

    /// What downloads have fetched and not stored yet.
    static Path downloads(Path folder) {
        return folder.resolve("downloads");
    }

    /// Files that are to be imported.
    Path imports() {
        return path.resolve("imports");
    }

    /// What has been imported, where it is kept in this folder.
    static Path ledger(Path folder) {
        return folder.resolve("data.db");
    }

    /// `OWNER.txt` for those whose pages want cookies.
    static Path cookies(Path folder) {
        return folder.resolve("cookies");
    }

    public Path logs() {
        return path.resolve("logs");
    }

    /// Says where the server can be reached, readable by its owner only.
    public void announce(String json) {
        try {
            Path temp = path.resolve("server.json.new");
            Files.deleteIfExists(temp);
            Files.createFile(temp, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(temp, json);
            Files.move(temp, announcement(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new ConfigurationException("the data folder " + path + " cannot be written: " + e, e);
        }
    }

    private Path announcement() {
        return path.resolve("server.json");
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(announcement());
            Files.deleteIfExists(socket());
            lock.release();
            channel.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
