package dev.sluice.fakes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The bytes of one object with their checksums. What was appended since [#mark] can be taken back. One writer
/// at a time; many may read what is complete.
final class Content {
    private final Store store;
    private final @Nullable Crc32c crc;
    private @Nullable MessageDigest md5;
    private @Nullable MessageDigest markedMd5;
    private long size;
    private long marked;

    private interface Store {
        void append(ByteBuffer bytes, long at) throws IOException;

        void truncate(long size) throws IOException;

        /// @return bytes from there on, at least one
        ByteBuffer read(long at, int most) throws IOException;

        void delete() throws IOException;
    }

    /// @param folder for [Keep#DISK]
    Content(Keep keep, @Nullable Path folder) {
        this.store = switch (keep) {
            case MEMORY -> new Memory();
            case DISK -> new Disk(folder);
            case DIGEST, NOTHING -> new Nowhere();
        };
        this.crc = keep == Keep.NOTHING ? null : new Crc32c();
        this.md5 = keep == Keep.NOTHING ? null : newMd5();
        this.markedMd5 = copy(md5);
    }

    void append(ByteBuffer bytes) {
        int length = bytes.remaining();
        if (crc != null && md5 != null) {
            crc.update(bytes.duplicate());
            md5.update(bytes.duplicate());
        }
        try {
            store.append(bytes, size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        size += length;
    }

    /// Keeps what has come so far.
    void mark() {
        marked = size;
        markedMd5 = copy(md5);
        if (crc != null) {
            crc.mark();
        }
    }

    /// Takes back what has come since the mark.
    void reset() {
        if (size == marked) {
            return;
        }
        size = marked;
        md5 = copy(markedMd5);
        if (crc != null) {
            crc.reset();
        }
        try {
            store.truncate(marked);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long size() {
        return size;
    }

    long marked() {
        return marked;
    }

    /// The MD5 in hexadecimal, as Drive writes it.
    @Nullable
    String md5Hex() {
        return md5 == null ? null : HexFormat.of().formatHex(digest(md5));
    }

    /// The MD5 in Base64, as Google Cloud Storage writes it.
    @Nullable
    String md5Base64() {
        return md5 == null ? null : Base64.getEncoder().encodeToString(digest(md5));
    }

    /// The CRC-32C in Base64, big-endian.
    @Nullable
    String crc32cBase64() {
        return crc == null
                ? null
                : Base64.getEncoder()
                        .encodeToString(
                                ByteBuffer.allocate(4).putInt(crc.value()).array());
    }

    ByteBuffer read(long at, int most) {
        try {
            return store.read(at, most);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] bytes() {
        var all = ByteBuffer.allocate(Math.toIntExact(size));
        while (all.hasRemaining()) {
            all.put(read(all.position(), all.remaining()));
        }
        return all.array();
    }

    void delete() {
        try {
            store.delete();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static MessageDigest newMd5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable MessageDigest copy(@Nullable MessageDigest digest) {
        try {
            return digest == null ? null : (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] digest(MessageDigest digest) {
        MessageDigest copy = copy(digest);
        return copy == null ? new byte[0] : copy.digest();
    }

    private static final class Memory implements Store {
        private static final int PIECE = 64 << 10;

        private final List<byte[]> pieces = new ArrayList<>();

        @Override
        public void append(ByteBuffer bytes, long at) {
            long position = at;
            while (bytes.hasRemaining()) {
                int piece = Math.toIntExact(position / PIECE);
                int offset = (int) (position % PIECE);
                if (piece == pieces.size()) {
                    pieces.add(new byte[PIECE]);
                }
                int length = Math.min(PIECE - offset, bytes.remaining());
                bytes.get(pieces.get(piece), offset, length);
                position += length;
            }
        }

        @Override
        public void truncate(long size) {
            while ((long) (pieces.size() - 1) * PIECE >= size && !pieces.isEmpty()) {
                pieces.removeLast();
            }
        }

        @Override
        public ByteBuffer read(long at, int most) {
            int offset = (int) (at % PIECE);
            return ByteBuffer.wrap(pieces.get(Math.toIntExact(at / PIECE)), offset, Math.min(most, PIECE - offset))
                    .asReadOnlyBuffer();
        }

        @Override
        public void delete() {
            pieces.clear();
        }
    }

    private static final class Disk implements Store {
        private final Path file;
        private final FileChannel channel;

        Disk(@Nullable Path folder) {
            try {
                file = Files.createTempFile(folder, "object", "");
                channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void append(ByteBuffer bytes, long at) throws IOException {
            long position = at;
            while (bytes.hasRemaining()) {
                position += channel.write(bytes, position);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public ByteBuffer read(long at, int most) throws IOException {
            var buffer = ByteBuffer.allocate(Math.min(most, 256 << 10));
            if (channel.read(buffer, at) < 0) {
                throw new IOException("the file ends before " + at);
            }
            return buffer.flip();
        }

        @Override
        public void delete() throws IOException {
            channel.close();
            Files.deleteIfExists(file);
        }
    }

    private static final class Nowhere implements Store {
        @Override
        public void append(ByteBuffer bytes, long at) {}

        @Override
        public void truncate(long size) {}

        @Override
        public ByteBuffer read(long at, int most) throws IOException {
            throw new IOException(
                    "this fake keeps no bytes; start it with Keep.MEMORY or Keep.DISK to read them again");
        }

        @Override
        public void delete() {}
    }
}
