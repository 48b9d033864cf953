package dev.sluice.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Passes connections on to a server. It notes when bytes last went to the client, and may let one connection stand
/// still, or all flow as steadily as a line does: a server's own limit lets bytes come in bursts, between which a
/// connection is idle.
final class DownloadRelay implements AutoCloseable {
    private static final int STEP = 256 << 10;
    private static final long FLOWING_NANOS = 5_000_000;
    private static final int BEAT_MILLIS = 2;

    private final InetSocketAddress server;
    private final int stalled;
    private final long stallsAt;
    private final int perMilli;
    private final ServerSocketChannel listener;
    private final AtomicInteger connections = new AtomicInteger();
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicLong toClients = new AtomicLong();
    private volatile long lastByteNanos;

    /// @param stalled which connection stands still, counted from 1
    /// @param stallsAt after how many bytes
    static DownloadRelay stalling(InetSocketAddress server, int stalled, long stallsAt) {
        return new DownloadRelay(server, stalled, stallsAt, 0);
    }

    /// @param perMilli bytes that go to the client each millisecond, on each connection, in beats of two
    static DownloadRelay steady(InetSocketAddress server, int perMilli) {
        return new DownloadRelay(server, 0, Long.MAX_VALUE, perMilli);
    }

    private DownloadRelay(InetSocketAddress server, int stalled, long stallsAt, int perMilli) {
        this.server = server;
        this.stalled = stalled;
        this.stallsAt = stallsAt;
        this.perMilli = perMilli;
        try {
            listener = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
        } catch (IOException e) {
            throw new BenchException("cannot listen", e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.socket().getLocalPort();
    }

    /// When the kernel last took bytes for a client, by `System.nanoTime()`.
    long lastByteNanos() {
        return lastByteNanos;
    }

    /// Bytes that have gone to clients.
    long toClients() {
        return toClients.get();
    }

    /// Whether bytes are on their way to a client just now: else nobody could see that they end.
    boolean isFlowing() {
        return System.nanoTime() - lastByteNanos < FLOWING_NANOS;
    }

    private boolean steady() {
        return perMilli > 0;
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = listener.accept();
                SocketChannel upstream = SocketChannel.open(server);
                open.add(client);
                open.add(upstream);
                int number = connections.incrementAndGet();
                Thread.ofVirtual().start(() -> pass(client, upstream, Long.MAX_VALUE, false));
                Thread.ofVirtual()
                        .start(() -> pass(upstream, client, number == stalled ? stallsAt : Long.MAX_VALUE, true));
            }
        } catch (IOException e) {
            // It is closed.
        }
    }

    private void pass(SocketChannel from, SocketChannel to, long most, boolean down) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(down && steady() ? BEAT_MILLIS * perMilli : STEP);
        long passed = 0;
        try (from;
                to) {
            while (from.read(buffer.clear()) >= 0) {
                buffer.flip();
                passed += buffer.remaining();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                if (down) {
                    lastByteNanos = System.nanoTime();
                    toClients.addAndGet(buffer.limit());
                    if (steady()) {
                        Pause.millis(BEAT_MILLIS);
                    }
                }
                if (passed >= most) {
                    closed.await();
                }
            }
        } catch (IOException e) {
            // One of both has left.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            listener.close();
            for (SocketChannel channel : open) {
                channel.close();
            }
        } catch (IOException e) {
            throw new BenchException("cannot close the relay", e);
        }
    }
}
