package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.eclipse.jetty.io.RetainableByteBuffer;
import org.junit.jupiter.api.Test;

/// How many large buffers there are, and what those get that find none.
class SocketBuffersTest {
    private final SocketBuffers buffers = new SocketBuffers(2);

    @Test
    void whoFindsNoLargeBufferGetsASmallOneUntilAnotherIsGivenBack() {
        RetainableByteBuffer first = acquire();
        RetainableByteBuffer second = acquire();
        assertThat(first.capacity()).isEqualTo(SocketBuffers.LARGE);
        assertThat(second.capacity()).isEqualTo(SocketBuffers.LARGE);
        assertThat(acquire().capacity()).isEqualTo(SocketBuffers.SMALL);

        second.retain();
        second.release();
        assertThat(acquire().capacity()).isEqualTo(SocketBuffers.SMALL);
        second.release();
        assertThat(acquire().capacity()).isEqualTo(SocketBuffers.LARGE);
        assertThat(acquire().capacity()).isEqualTo(SocketBuffers.SMALL);
    }

    @Test
    void othersAreAsLargeAsTheyWereAskedFor() {
        acquire();
        acquire();
        assertThat(buffers.acquire(8 << 10, true).capacity()).isEqualTo(8 << 10);
        assertThat(buffers.acquire(SocketBuffers.LARGE * 2, true).capacity()).isEqualTo(SocketBuffers.LARGE * 2);
    }

    private RetainableByteBuffer acquire() {
        return buffers.acquire(SocketBuffers.LARGE, true);
    }
}
