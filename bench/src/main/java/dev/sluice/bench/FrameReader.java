package dev.sluice.bench;

import java.nio.ByteBuffer;

/// Finds a server's WebSocket messages in the bytes of one connection, whatever way these are cut into frames
/// and packets. Of each message it keeps the beginning only: that costs little, and tells what it is.
final class FrameReader {
    static final int TEXT = 0x1;
    static final int CLOSE = 0x8;
    static final int PING = 0x9;

    private static final int FIN = 0x80;
    private static final int OPCODE = 0x0F;
    private static final int LENGTH = 0x7F;
    private static final int TWO_BYTES = 126;
    private static final int EIGHT_BYTES = 127;
    private static final int CONTROL_MOST = 125;

    private final Message data;
    private final Message control = new Message(CONTROL_MOST);
    private Message current = control;
    private State state = State.OPCODE;
    private boolean last;
    private int lengthBytes;
    private long left;

    /// Takes what has come whole.
    @FunctionalInterface
    interface Messages {
        /// @param opcode of a text, a close or a ping, as the constants here have it
        /// @param start the message's beginning, valid during the call
        /// @param kept how many bytes of it there are
        /// @param length of the whole message
        void message(int opcode, byte[] start, int kept, long length);
    }

    private enum State {
        OPCODE,
        LENGTH,
        MORE_LENGTH,
        PAYLOAD
    }

    /// A message on its way.
    private static final class Message {
        final int most;
        byte[] start = new byte[0];
        int opcode;
        int kept;
        long length;

        Message(int most) {
            this.most = most;
        }

        void begin(int nextOpcode) {
            opcode = nextOpcode;
            kept = 0;
            length = 0;
        }

        void take(ByteBuffer bytes, int count) {
            int keep = Math.min(count, most - kept);
            if (keep > 0) {
                if (start.length == 0) {
                    start = new byte[most];
                }
                bytes.get(bytes.position(), start, kept, keep);
                kept += keep;
            }
            length += count;
            bytes.position(bytes.position() + count);
        }
    }

    /// @param most how many bytes of each message to keep
    FrameReader(int most) {
        data = new Message(most);
    }

    /// The code in the beginning of a close.
    static int closeCode(byte[] start) {
        return ((start[0] & 0xFF) << 8) | (start[1] & 0xFF);
    }

    void read(ByteBuffer bytes, Messages to) {
        while (bytes.hasRemaining()) {
            switch (state) {
                case OPCODE -> opcode(bytes.get());
                case LENGTH -> length(bytes.get() & LENGTH);
                case MORE_LENGTH -> moreLength(bytes.get() & 0xFF);
                case PAYLOAD -> {
                    int count = (int) Math.min(left, bytes.remaining());
                    current.take(bytes, count);
                    left -= count;
                }
            }
            if (state == State.PAYLOAD && left == 0) {
                state = State.OPCODE;
                if (last) {
                    to.message(current.opcode, current.start, current.kept, current.length);
                }
            }
        }
    }

    private void opcode(byte first) {
        last = (first & FIN) != 0;
        int opcode = first & OPCODE;
        current = opcode >= CLOSE ? control : data;
        if (opcode != 0) {
            current.begin(opcode);
        }
        state = State.LENGTH;
    }

    private void length(int length) {
        left = length;
        lengthBytes = length == TWO_BYTES ? 2 : length == EIGHT_BYTES ? 8 : 0;
        if (lengthBytes > 0) {
            left = 0;
        }
        state = lengthBytes > 0 ? State.MORE_LENGTH : State.PAYLOAD;
    }

    private void moreLength(int next) {
        left = (left << 8) | next;
        if (--lengthBytes == 0) {
            state = State.PAYLOAD;
        }
    }
}
