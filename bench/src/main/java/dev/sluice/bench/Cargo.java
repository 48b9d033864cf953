package dev.sluice.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;

/// Bytes to send, which cost their sender next to nothing: a file in memory, over and over, that the kernel
/// takes from there itself (`sendfile`).
final class Cargo implements AutoCloseable {
    /// No message that is sent crosses its end: a multiple of all of them.
    static final int LENGTH = 64 << 20;

    private static final int SEED = 3;
    private static final int STEP = 4 << 20;

    private final FileChannel file;
    private final long length;

    /// @param folder in memory
    static Cargo random(Path folder) {
        var random = new Random(SEED);
        byte[] piece = new byte[STEP];
        return new Cargo(folder.resolve("cargo"), LENGTH / STEP, () -> {
            random.nextBytes(piece);
            return ByteBuffer.wrap(piece);
        });
    }

    /// The same bytes as masked messages of a WebSocket, each with its header.
    static Cargo messages(Path folder, Cargo content, int messageLength) {
        ByteBuffer message = ByteBuffer.allocate(messageLength);
        return new Cargo(folder.resolve("messages"), (int) (content.length / messageLength), () -> {
            content.read(message.clear());
            return ClientFrame.binary(message.flip());
        });
    }

    private interface Pieces {
        ByteBuffer next() throws IOException;
    }

    private Cargo(Path path, int pieces, Pieces content) {
        try {
            file = FileChannel.open(
                    path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
            for (int i = 0; i < pieces; i++) {
                ByteBuffer piece = content.next();
                while (piece.hasRemaining()) {
                    file.write(piece);
                }
            }
            length = file.size();
            file.position(0);
        } catch (IOException e) {
            throw new BenchException("cannot write " + path, e);
        }
    }

    private void read(ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (file.read(into) < 0) {
                file.position(0);
            }
        }
    }

    long length() {
        return length;
    }

    /// Sends the bytes from `first` on of the endless repetition.
    void send(SocketChannel to, long first, long count) throws IOException {
        long sent = 0;
        while (sent < count) {
            long position = (first + sent) % length;
            sent += file.transferTo(position, Math.min(count - sent, length - position), to);
        }
    }

    /// Writes a file of `size` bytes of the repetition.
    void write(Path path, long size) {
        try (var other = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long at = 0; at < size; at = other.position()) {
                file.transferTo(at % length, Math.min(length - at % length, size - at), other);
            }
        } catch (IOException e) {
            throw new BenchException("cannot write " + path, e);
        }
    }

    /// Whether a file is `size` bytes of the repetition.
    boolean fills(Path path, long size) {
        try (var other = FileChannel.open(path, StandardOpenOption.READ)) {
            if (other.size() != size) {
                return false;
            }
            for (long at = 0; at < size; at += length) {
                if (!same(other, at, Math.min(length, size - at))) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            throw new BenchException("cannot compare " + path, e);
        }
    }

    /// Mapped for this one look: what stays mapped stays in memory, although its file is deleted.
    private boolean same(FileChannel other, long at, long count) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mine = file.map(FileChannel.MapMode.READ_ONLY, 0, count, arena);
            MemorySegment theirs = other.map(FileChannel.MapMode.READ_ONLY, at, count, arena);
            return mine.mismatch(theirs) < 0;
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new BenchException("cannot close the cargo", e);
        }
    }
}
