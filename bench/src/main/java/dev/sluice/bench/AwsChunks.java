package dev.sluice.bench;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A body in Amazon's own chunks (`Content-Encoding: aws-chunked`), of which the bytes between are counted: lines
/// `LENGTH[;…]` with that many bytes and a line's end behind them, at last one of length 0 with trailers.
final class AwsChunks {
    private final StringBuilder line = new StringBuilder();
    private long left;
    private long count;
    private boolean last;

    void take(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (left > 0) {
                int some = (int) Math.min(left, bytes.remaining());
                bytes.position(bytes.position() + some);
                left -= some;
                count += some;
            } else {
                line(bytes.get());
            }
        }
    }

    private void line(byte b) throws IOException {
        if (b != '\n') {
            line.append((char) b);
            return;
        }
        String said = line.toString().strip();
        line.setLength(0);
        if (last || said.isEmpty()) {
            return;
        }
        try {
            left = Long.parseLong(said.split(";", 2)[0], 16);
        } catch (NumberFormatException e) {
            throw new IOException("no chunk begins with " + said, e);
        }
        last = left == 0;
    }

    /// How many bytes there were.
    ///
    /// @param announced in the head
    /// @return -1 where the last chunk is missing, or others were announced
    long whole(long announced) {
        return last && count == announced ? count : -1;
    }
}
