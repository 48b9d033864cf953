package dev.sluice.cloud;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.FullDisk;
import dev.sluice.core.Ids;
import dev.sluice.core.ProblemException;
import dev.sluice.secrets.Vault;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Where the last bytes of an upload lie that were acknowledged and are too few for a part: in the data folder,
/// encrypted. A tail is what follows a given offset of its upload; it grows by records, and one that a crash cut
/// short is passed over. It survives the death of this process, not a power cut. Calls for different uploads may
/// come from any threads, those for one from one at a time.
public final class KeptTails {
    private static final String SUFFIX = ".tail";
    private static final int STEP = 256 << 10;
    private static final int IDLE = 8;

    private final Path folder;
    private final Vault vault;
    /// Made anew for every record they were nine tenths of all that a server with many uploads into a cloud allocates.
    private final Queue<Pages> idle = new ArrayBlockingQueue<>(IDLE);

    /// Room for one record, and for what it seals.
    private record Pages(ByteBuffer record, ByteBuffer plain) {
        Pages() {
            this(ByteBuffer.allocate(Integer.BYTES + STEP + Vault.OVERHEAD), ByteBuffer.allocate(STEP));
        }
    }

    private KeptTails(Path folder, Vault vault) {
        this.folder = folder;
        this.vault = vault;
    }

    /// Makes `folder` where it is missing.
    ///
    /// @throws ProblemException `internal` where the folder cannot be used
    public static KeptTails in(Path folder, Vault vault) {
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return new KeptTails(folder, vault);
        } catch (IOException e) {
            throw new ProblemException(
                    ErrorCode.INTERNAL,
                    "the folder " + folder + " cannot be used: let this user read and write it (" + e + ")",
                    e);
        }
    }

    /// Adds to the tail of an upload.
    ///
    /// @param begin where in the upload the tail begins
    /// @param at where these bytes begin: the tail's end so far
    public void add(String upload, long begin, long at, List<ByteBuffer> bytes) {
        Path file = file(upload, begin);
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(CREATE, WRITE, APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            long before = channel.size();
            try {
                append(channel, upload, at, bytes);
            } catch (IOException e) {
                // What was written of it would hide whatever comes after it.
                channel.truncate(before);
                throw e;
            }
        } catch (IOException e) {
            throw failed("keep", e);
        }
    }

    private Pages lent() {
        Pages free = idle.poll();
        return free == null ? new Pages() : free;
    }

    private void giveBack(Pages pages) {
        // More than are kept go.
        var unused = idle.offer(pages);
    }

    private void append(FileChannel channel, String upload, long at, List<ByteBuffer> bytes) throws IOException {
        Pages pages = lent();
        try {
            append(channel, upload, at, bytes, pages.record());
        } finally {
            giveBack(pages);
        }
    }

    private void append(FileChannel channel, String upload, long at, List<ByteBuffer> bytes, ByteBuffer record)
            throws IOException {
        long position = at;
        for (ByteBuffer buffer : bytes) {
            ByteBuffer left = buffer.duplicate();
            while (left.hasRemaining()) {
                int count = Math.min(STEP, left.remaining());
                seal(upload, position, left.slice(left.position(), count), record);
                while (record.hasRemaining()) {
                    channel.write(record);
                }
                left.position(left.position() + count);
                position += count;
            }
        }
    }

    /// A record: how long its bytes are, and they, sealed with upload and offset.
    private void seal(String upload, long at, ByteBuffer bytes, ByteBuffer record) {
        record.clear().putInt(bytes.remaining());
        vault.seal(context(upload, at), bytes, record);
        record.flip();
    }

    private static String context(String upload, long at) {
        return upload + "@" + at;
    }

    /// Gives what is kept behind `begin`, a piece at a time, which is the taker's until it returns; a record that is
    /// not whole ends it and is cut off.
    ///
    /// @return how many bytes that were
    public long replay(String upload, long begin, Consumer<ByteBuffer> taker) {
        Path file = file(upload, begin);
        Pages pages = lent();
        long at = begin;
        try (FileChannel channel = FileChannel.open(file, READ, WRITE)) {
            long whole = 0;
            while (true) {
                ByteBuffer plain = opened(channel, upload, at, pages);
                if (plain == null) {
                    channel.truncate(whole);
                    return at - begin;
                }
                whole = channel.position();
                at += plain.remaining();
                taker.accept(plain);
            }
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw failed("read back", e);
        } finally {
            giveBack(pages);
        }
    }

    private @Nullable ByteBuffer opened(FileChannel channel, String upload, long at, Pages pages) throws IOException {
        try {
            int length = read(channel, Integer.BYTES, pages.record()).getInt();
            if (length <= 0 || length > STEP) {
                return null;
            }
            ByteBuffer plain = pages.plain().clear();
            vault.open(context(upload, at), read(channel, length + Vault.OVERHEAD, pages.record()), plain);
            return plain.flip();
        } catch (EOFException | GeneralSecurityException e) {
            return null;
        }
    }

    private static ByteBuffer read(FileChannel channel, int length, ByteBuffer into) throws IOException {
        ByteBuffer bytes = into.clear().limit(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException();
            }
        }
        return bytes.flip();
    }

    /// Forgets the tails of an upload that begin before `offset`: those bytes are elsewhere by now.
    public void forget(String upload, long offset) {
        String prefix = name(upload);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(
                folder, file -> String.valueOf(file.getFileName()).startsWith(prefix))) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                long begin = Long.parseLong(name.substring(prefix.length(), name.length() - SUFFIX.length()));
                if (begin < offset) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw failed("delete", e);
        }
    }

    /// Forgets all that is kept of an upload.
    public void forget(String upload) {
        forget(upload, Long.MAX_VALUE);
    }

    private Path file(String upload, long begin) {
        return folder.resolve(name(upload) + begin + SUFFIX);
    }

    private static String name(String upload) {
        if (!Ids.isIdentifier(upload)) {
            throw new ProblemException(ErrorCode.INTERNAL, "not the id of an upload");
        }
        return "u-" + upload + "@";
    }

    private ProblemException failed(String doing, IOException e) {
        return new ProblemException(
                FullDisk.code(e), "cannot " + doing + " the tail of an upload in " + folder + ": " + e.getMessage(), e);
    }
}
