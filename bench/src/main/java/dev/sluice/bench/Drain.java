package dev.sluice.bench;

import java.nio.ByteBuffer;

/// Where one upload's bytes go.
interface Drain extends AutoCloseable {
    Drain FORGETTING = new Drain() {
        @Override
        public void take(ByteBuffer bytes) {
            bytes.position(bytes.limit());
        }

        @Override
        public void end() {}

        @Override
        public void close() {}
    };

    /// Takes all of `bytes`.
    void take(ByteBuffer bytes);

    /// The last byte was taken: what is under way still arrives.
    void end();

    /// Drops what is under way, unless it has ended.
    @Override
    void close();
}
