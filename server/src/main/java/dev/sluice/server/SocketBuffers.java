package dev.sluice.server;

import java.util.concurrent.Semaphore;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;

/// The buffers that sockets are read into. A fast upload wants [#LARGE] ones: with each read the kernel tells the
/// sender to go on, and less often is cheaper for both (docs/performance.md). There are only so
/// many; while all are taken, a connection gets a [#SMALL] one, so that a thousand slow uploads cost little.
final class SocketBuffers extends ByteBufferPool.Wrapper {
    static final int LARGE = 1 << 20;
    static final int SMALL = 64 << 10;

    private final Semaphore free;

    SocketBuffers(int large) {
        super(new ArrayByteBufferPool(0, SMALL / 16, LARGE));
        free = new Semaphore(large);
    }

    /// Where [#LARGE] bytes are asked for and none are free, the buffer is [#SMALL].
    @Override
    public RetainableByteBuffer.Mutable acquire(int size, boolean direct) {
        if (size != LARGE) {
            return super.acquire(size, direct);
        }
        if (!free.tryAcquire()) {
            return super.acquire(SMALL, direct);
        }
        boolean acquired = false;
        try {
            var buffer = new Large(super.acquire(LARGE, direct));
            acquired = true;
            return buffer;
        } finally {
            if (!acquired) {
                free.release();
            }
        }
    }

    private final class Large extends RetainableByteBuffer.Wrapper {
        Large(RetainableByteBuffer wrapped) {
            super(wrapped);
        }

        @Override
        public boolean release() {
            boolean last = super.release();
            if (last) {
                free.release();
            }
            return last;
        }
    }
}
