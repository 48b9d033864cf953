package dev.sluice.testing;

import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.util.Optional;

/// What one side of a connection says: heads, and the bytes between them. For one thread.
final class HttpInput {
    private static final int BUFFER = 128 << 10;
    private static final int END_OF_HEAD = 0x0d0a0d0a;

    private final SocketChannel channel;

    /// Ready to be taken from.
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER).flip();

    private Instant firstByte = Instant.EPOCH;

    HttpInput(SocketChannel channel) {
        this.channel = channel;
    }

    /// Nothing when the other side has closed before it said anything more.
    Optional<HttpHead> head() throws IOException {
        boolean begun = buffer.hasRemaining();
        firstByte = Instant.now();
        int scanned = 0;
        while (true) {
            int end = endOfHead(scanned);
            if (end > 0) {
                byte[] raw = new byte[end];
                buffer.get(raw);
                return Optional.of(HttpHead.parse(raw));
            }
            scanned = Math.max(0, buffer.remaining() - 3);
            buffer.compact();
            if (!buffer.hasRemaining()) {
                throw new ProtocolException("a head of more than " + BUFFER + " bytes");
            }
            int read = channel.read(buffer);
            buffer.flip();
            if (read < 0 && begun) {
                throw new EOFException("closed within a head");
            } else if (read < 0) {
                return Optional.empty();
            } else if (!begun) {
                firstByte = Instant.now();
                begun = true;
            }
        }
    }

    private int endOfHead(int from) {
        for (int at = buffer.position() + from; at + 4 <= buffer.limit(); at++) {
            if (buffer.getInt(at) == END_OF_HEAD) {
                return at + 4 - buffer.position();
            }
        }
        return 0;
    }

    /// When the first byte of the last head came.
    Instant firstByte() {
        return firstByte;
    }

    /// The next bytes of a body, at most so many, and no more than belong to it. They are valid until the next
    /// call, and are to be used up before it.
    ByteBuffer body(BodyFrame frame, int most) throws IOException {
        if (!buffer.hasRemaining()) {
            buffer.clear().limit(Math.min(most, BUFFER));
            int read = channel.read(buffer);
            buffer.flip();
            if (read < 0) {
                throw new EOFException("closed within a body");
            }
        }
        ByteBuffer offered = buffer.slice(buffer.position(), Math.min(most, buffer.remaining()));
        offered.limit(frame.pass(offered));
        buffer.position(buffer.position() + offered.limit());
        return offered;
    }
}
