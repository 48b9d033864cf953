package dev.sluice.files;

import dev.sluice.core.Meter;
import dev.sluice.core.StopToken;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Moves the bytes of one file after another, in steps of at most 1 MiB between which the token is asked. Used by one
/// thread, a platform thread: each step blocks in the kernel.
final class Bytes {
    static final int STEP = 1 << 20;
    /// From here on it is worth asking whether a file has holes or can be cloned.
    private static final long LARGE = 1 << 20;
    /// From here on a file that was stopped in its middle is gone on with.
    private static final long WORTH_GOING_ON = 16L << 20;
    /// How much of a file is asked of its disk at once.
    private static final long AHEAD = 16L << 20;
    /// How much is written before the device is told to begin: what is left to sync at the end stays short.
    private static final long WRITE_BACK = 8L << 20;

    private final StopToken stop;
    private final Meter meter;
    private final @Nullable Pace pace;
    private final @Nullable HashKind hash;
    private @Nullable ByteBuffer buffer;
    private boolean clones = Linux.known();

    /// @param hash the digest that is taken of what is copied; null: none
    Bytes(StopToken stop, Meter meter, @Nullable Pace pace, @Nullable HashKind hash) {
        this.stop = stop;
        this.meter = meter;
        this.pace = pace;
        this.hash = hash;
    }

    /// Whether a copy of this one, stopped in its middle, is kept for the next run.
    static boolean canGoOn(Step step) {
        return step.act() == Act.COPY && step.bytes() >= WORTH_GOING_ON;
    }

    /// A copied file's digest, if one was asked for.
    record Copied(long bytes, @Nullable String hash) {}

    /// Copies a file's bytes.
    ///
    /// @param done how many of them are in the target already; else it is made
    /// @param writeBack whether the file is to be synced afterwards
    /// @throws dev.sluice.core.Stopped where the token fires; what has been written stays
    Copied copy(Path source, Path target, long done, long size, int permissions, boolean writeBack) throws IOException {
        try (FileChannel from = openToRead(source);
                FileChannel to = openToWrite(target, done > 0, permissions)) {
            if (done > 0) {
                to.position(done);
            }
            if (hash != null) {
                readAhead(source, size);
                try (Extents extents = size < LARGE ? Extents.unknown() : Extents.of(source, size)) {
                    Copied copied = hashed(from, to, extents, hash.start(), done);
                    if (extents.isHole()) {
                        lengthen(to, copied.bytes());
                    }
                    return copied;
                }
            }
            meter.add(done);
            if (size < LARGE || !Linux.known()) {
                return new Copied(transferred(from, to, null, done, size), null);
            }
            return large(source, target, from, to, done, size, writeBack);
        }
    }

    private static FileChannel openToWrite(Path file, boolean isThere, int permissions) throws IOException {
        return isThere
                ? FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)
                : FileChannel.open(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                        Permissions.attribute(permissions));
    }

    private static FileChannel openToRead(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    }

    // ---- The kernel's own path

    private Copied large(
            Path source, Path target, FileChannel from, FileChannel to, long done, long size, boolean writeBack)
            throws IOException {
        try (Linux.Descriptor read = Linux.open(source, Linux.O_RDONLY | Linux.O_NOFOLLOW);
                Linux.Descriptor written = Linux.open(target, Linux.O_RDWR | Linux.O_NOFOLLOW)) {
            if (done == 0 && cloned(read, written, size)) {
                return new Copied(size, null);
            }
            Linux.Descriptor synced = writeBack ? written : null;
            if (!Linux.isSparse(source, size)) {
                return new Copied(transferred(from, to, synced, done, size), null);
            }
            return new Copied(sparse(read, from, to, synced, done, size), null);
        }
    }

    private boolean cloned(Linux.Descriptor from, Linux.Descriptor to, long size) {
        if (!clones || pace != null) {
            return false;
        }
        try {
            stop.check();
            stop.handing();
            try {
                Linux.cloneInto(from, to);
            } finally {
                stop.handed();
            }
            meter.add(size);
            return true;
        } catch (IOException e) {
            // Not on this file system, or not between these two.
            clones = false;
            return false;
        }
    }

    /// Holes stay holes: only what lies between them is written.
    ///
    /// @return where it ended: at `size`, or where the source did meanwhile
    private long sparse(
            Linux.Descriptor read,
            FileChannel from,
            FileChannel to,
            Linux.@Nullable Descriptor synced,
            long done,
            long size)
            throws IOException {
        long at = done;
        while (at < size) {
            long data = Linux.data(read, at);
            long begin = data < 0 ? size : data;
            meter.add(begin - at);
            if (begin >= size) {
                break;
            }
            long end = Linux.hole(read, begin);
            from.position(begin);
            to.position(begin);
            at = transferred(from, to, synced, begin, end);
            if (at < end) {
                return at;
            }
        }
        lengthen(to, size);
        return size;
    }

    /// A hole at the end has to be asked for, by its last byte.
    private static void lengthen(FileChannel file, long size) throws IOException {
        if (file.size() < size) {
            file.write(ByteBuffer.allocate(1), size - 1);
        }
    }

    /// @return where it ended: at `end` or at the source's end
    private long transferred(FileChannel from, FileChannel to, Linux.@Nullable Descriptor synced, long begin, long end)
            throws IOException {
        long at = begin;
        long begun = begin;
        while (at < end) {
            long asked = Math.min(step(), end - at);
            await(asked);
            long moved = handed(from, at, asked, to);
            if (moved <= 0) {
                break;
            }
            at += moved;
            meter.add(moved);
            if (synced != null && at - begun >= WRITE_BACK) {
                Linux.writeBack(synced, begun, at - begun);
                begun = at;
            }
        }
        return at;
    }

    /// One step; it is over also where it fails.
    private long handed(FileChannel from, long at, long count, FileChannel to) throws IOException {
        stop.handing();
        try {
            return from.transferTo(at, count, to);
        } finally {
            stop.handed();
        }
    }

    // ---- With a digest

    private Copied hashed(FileChannel from, FileChannel to, Extents extents, Digest digest, long done)
            throws IOException {
        ByteBuffer bytes = buffer();
        long at = 0;
        while (true) {
            stop.check();
            int read = from.read(bytes.clear().limit((int) extents.alike(at, step())));
            if (read < 0) {
                return new Copied(at, digest.hex());
            }
            bytes.flip();
            digest.update(bytes.duplicate());
            if (!extents.isHole()) {
                await(read);
                bytes.position(Math.clamp(done - at, 0, read));
                write(bytes, to, at + bytes.position());
            }
            at += read;
            // The other half of the way is reading it back.
            meter.add(read - read / 2);
        }
    }

    private void write(ByteBuffer bytes, FileChannel to, long begin) throws IOException {
        long at = begin;
        stop.handing();
        try {
            while (bytes.hasRemaining()) {
                at += to.write(bytes, at);
            }
        } finally {
            stop.handed();
        }
    }

    /// The digest of what is on the device: what the page cache holds of the file is dropped first, as far as it has
    /// been written there.
    ///
    /// @throws EOFException where it has not `size` bytes
    String readBack(Path file, HashKind kind, long size) throws IOException {
        try (FileChannel from = openToRead(file)) {
            if (Linux.known()) {
                try (Linux.Descriptor dropped = Linux.open(file, Linux.O_RDONLY | Linux.O_NOFOLLOW)) {
                    Linux.dropCache(dropped);
                    Linux.readAhead(dropped, Math.min(size, AHEAD));
                }
            }
            Digest digest = kind.start();
            ByteBuffer bytes = buffer();
            long at = 0;
            while (true) {
                stop.check();
                int read = from.read(bytes.clear());
                if (read < 0) {
                    break;
                }
                digest.update(bytes.flip());
                at += read;
                meter.add(read / 2);
            }
            if (at != size) {
                throw new EOFException(file + " has " + at + " bytes and not " + size);
            }
            return digest.hex();
        }
    }

    /// The disk reads on while what was read is being digested.
    private static void readAhead(Path file, long size) throws IOException {
        if (size >= LARGE && Linux.known()) {
            try (Linux.Descriptor open = Linux.open(file, Linux.O_RDONLY | Linux.O_NOFOLLOW)) {
                Linux.readAhead(open, Math.min(size, AHEAD));
            }
        }
    }

    private ByteBuffer buffer() {
        ByteBuffer known = buffer;
        if (known == null) {
            known = ByteBuffer.allocateDirect(STEP);
            buffer = known;
        }
        return known;
    }

    private long step() {
        return pace == null ? STEP : Math.min(STEP, pace.step());
    }

    /// Waits until so many bytes may go by.
    private void await(long bytes) {
        if (pace != null) {
            pace.take(bytes, stop);
        }
    }

    /// @throws NoSuchFileException where it is gone
    static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            channel.force(true);
        }
    }

    /// What was made, renamed or deleted in a folder is on the device afterwards.
    static void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
