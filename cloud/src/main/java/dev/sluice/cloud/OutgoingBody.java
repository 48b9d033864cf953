package dev.sluice.cloud;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/// A body that is handed to the socket in small steps and can be shut between any two of them. Once it is shut and
/// [#awaitIdle] has returned true nobody reads its buffers any more.
final class OutgoingBody implements Request.Content {
    private static final int STEP = 128 << 10;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final List<ByteBuffer> buffers;
    private final long length;
    private int index;
    private int lent;
    private @Nullable Throwable shut;

    OutgoingBody(List<ByteBuffer> buffers) {
        this.buffers = buffers.stream().map(ByteBuffer::slice).toList();
        this.length = this.buffers.stream().mapToLong(ByteBuffer::remaining).sum();
    }

    @Override
    public long getLength() {
        return length;
    }

    @Override
    public Content.Chunk read() {
        lock.lock();
        try {
            if (shut != null) {
                return Content.Chunk.from(shut, true);
            }
            while (index < buffers.size() && !buffers.get(index).hasRemaining()) {
                index++;
            }
            if (index == buffers.size()) {
                return Content.Chunk.EOF;
            }
            ByteBuffer buffer = buffers.get(index);
            ByteBuffer step = buffer.slice(buffer.position(), Math.min(STEP, buffer.remaining()));
            buffer.position(buffer.position() + step.remaining());
            boolean last = index == buffers.size() - 1 && !buffer.hasRemaining();
            lent++;
            return Content.Chunk.from(step, last, this::returned);
        } finally {
            lock.unlock();
        }
    }

    private void returned() {
        lock.lock();
        try {
            lent--;
            if (lent == 0) {
                idle.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Hands nothing more out.
    void shut(Throwable why) {
        lock.lock();
        try {
            if (shut == null) {
                shut = why;
            }
        } finally {
            lock.unlock();
        }
    }

    /// Waits until what was handed out has been given back.
    boolean awaitIdle(long nanos) {
        lock.lock();
        try {
            long left = nanos;
            while (lent > 0 && left > 0) {
                left = idle.awaitNanos(left);
            }
            return lent == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void demand(Runnable demanded) {
        demanded.run();
    }

    @Override
    public void fail(Throwable failure) {
        shut(failure);
    }

    /// Sent once and never again behind the caller's back.
    @Override
    public boolean rewind() {
        return false;
    }

    static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

    static IOException over() {
        return new IOException("the exchange is over");
    }
}
