package dev.sluice.testing;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;

/// Where a body ends, found while its bytes pass.
sealed interface BodyFrame {
    /// How many of the remaining bytes belong to the body. They count as passed; the buffer stays as it is.
    int pass(ByteBuffer bytes) throws IOException;

    boolean ended();

    /// A body whose length is known.
    final class Length implements BodyFrame {
        private long left;

        Length(long length) {
            left = length;
        }

        @Override
        public int pass(ByteBuffer bytes) {
            int taken = (int) Math.min(left, bytes.remaining());
            left -= taken;
            return taken;
        }

        @Override
        public boolean ended() {
            return left == 0;
        }
    }

    /// A body that ends with its connection.
    final class Rest implements BodyFrame {
        @Override
        public int pass(ByteBuffer bytes) {
            return bytes.remaining();
        }

        @Override
        public boolean ended() {
            return false;
        }
    }

    /// A body in chunks, RFC 9112, section 7.1.
    final class Chunks implements BodyFrame {
        private enum Place {
            SIZE,
            CONTENT,
            TRAILER,
            END
        }

        private Place place = Place.SIZE;
        private final StringBuilder line = new StringBuilder();
        private long left;

        @Override
        public int pass(ByteBuffer bytes) throws IOException {
            int at = bytes.position();
            while (at < bytes.limit() && place != Place.END) {
                if (place == Place.CONTENT) {
                    int taken = (int) Math.min(left, bytes.limit() - at);
                    at += taken;
                    left -= taken;
                    if (left == 0) {
                        place = Place.SIZE;
                    }
                } else {
                    line((char) (bytes.get(at++) & 0xff));
                }
            }
            return at - bytes.position();
        }

        private void line(char next) throws IOException {
            if (next != '\n') {
                if (line.length() > 8192) {
                    throw new ProtocolException("a line between chunks is too long");
                }
                line.append(next);
                return;
            }
            String whole = line.toString().strip();
            line.setLength(0);
            if (place == Place.TRAILER) {
                place = whole.isEmpty() ? Place.END : Place.TRAILER;
                return;
            }
            long size = size(whole);
            place = size == 0 ? Place.TRAILER : Place.CONTENT;
            left = size + 2; // with the end of its line
        }

        private static long size(String line) throws IOException {
            int end = line.indexOf(';');
            String digits = (end < 0 ? line : line.substring(0, end)).strip();
            try {
                return Long.parseLong(digits, 16);
            } catch (NumberFormatException e) {
                throw new IOException("not the size of a chunk: " + line, e);
            }
        }

        @Override
        public boolean ended() {
            return place == Place.END;
        }
    }
}
