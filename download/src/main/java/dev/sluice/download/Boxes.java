package dev.sluice.download;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// The boxes of which a piece of MP4 is made (ISO/IEC 14496-12 §4.2).
final class Boxes {
    private static final int SHORT = 8;
    private static final int LONG = 16;
    private static final long IS_LONG = 1;
    private static final long TO_THE_END = 0;

    private Boxes() {}

    /// Makes sure that the last of them ends where the file does: behind a part of one nothing is read any more.
    ///
    /// @param from where the first one begins
    /// @throws EOFException where it does not
    static void requireWhole(FileChannel file, long from) throws IOException {
        long end = file.size();
        ByteBuffer head = ByteBuffer.allocate(LONG);
        for (long at = from; at < end; ) {
            head.clear();
            while (head.hasRemaining() && file.read(head, at + head.position()) > 0) {
                // The rest of the head.
            }
            head.flip();
            long size = head.limit() < SHORT ? -1 : Integer.toUnsignedLong(head.getInt(0));
            if (size == TO_THE_END) {
                return;
            }
            if (size == IS_LONG) {
                size = head.limit() < LONG ? -1 : head.getLong(SHORT);
            }
            if (size < SHORT || size > end - at) {
                throw new EOFException("a piece of MP4 ends in the middle of one of its boxes");
            }
            at += size;
        }
    }
}
