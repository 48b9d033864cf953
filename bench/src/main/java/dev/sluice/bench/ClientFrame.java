package dev.sluice.bench;

import java.nio.ByteBuffer;

/// Frames as a client of a WebSocket sends them: masked (RFC 6455, 5.3).
final class ClientFrame {
    private static final int FIN = 0x80;
    private static final int BINARY = 0x2;
    private static final int PONG = 0xA;
    private static final int MASKED = 0x80;
    private static final int TWO_BYTES = 126;
    private static final int EIGHT_BYTES = 127;
    private static final int MASK = 0x5AC3_17E9;

    private ClientFrame() {}

    /// A whole binary message.
    static ByteBuffer binary(ByteBuffer content) {
        return frame(BINARY, content);
    }

    static ByteBuffer pong() {
        return frame(PONG, ByteBuffer.allocate(0));
    }

    private static ByteBuffer frame(int opcode, ByteBuffer content) {
        int length = content.remaining();
        ByteBuffer frame = ByteBuffer.allocateDirect(14 + length).put((byte) (FIN | opcode));
        if (length < TWO_BYTES) {
            frame.put((byte) (MASKED | length));
        } else if (length < 1 << 16) {
            frame.put((byte) (MASKED | TWO_BYTES)).putShort((short) length);
        } else {
            frame.put((byte) (MASKED | EIGHT_BYTES)).putLong(length);
        }
        frame.putInt(MASK);
        for (int i = 0; i < length; i++) {
            frame.put((byte) (content.get() ^ (MASK >>> (8 * (3 - i % 4)))));
        }
        return frame.flip().slice();
    }
}
