package dev.sluice.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Passes connections on to a server. It notes when bytes last went to the client, and may let one connection stand
/// still, all flow as steadily as a line does, where a server's own limit lets bytes come in bursts, between which a
/// connection is idle, or be a narrow way to a service far away.
final class Relay implements AutoCloseable {
    private static final int STEP = 256 << 10;
    private static final long FLOWING_NANOS = 5_000_000;
    private static final int BEAT_MILLIS = 2;
    private static final int NARROW_STEP = 64 << 10;
    private static final int NARROW_RECEIVE_BUFFER = 256 << 10;
    private static final long MOST_SAVED_NANOS = 50_000_000;

    private final InetSocketAddress server;
    private final int stalled;
    private final long stallsAt;
    private final int perMilli;
    private final long rate;
    private final ServerSocketChannel listener;
    private final AtomicInteger connections = new AtomicInteger();
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicLong toClients = new AtomicLong();
    private volatile long lastByteNanos;
    private long due = System.nanoTime();

    /// @param stalled which connection stands still, counted from 1
    /// @param stallsAt after how many bytes
    static Relay stalling(InetSocketAddress server, int stalled, long stallsAt) {
        return new Relay(server, stalled, stallsAt, 0, 0);
    }

    /// @param perMilli bytes that go to the client each millisecond, on each connection, in beats of two
    static Relay steady(InetSocketAddress server, int perMilli) {
        return new Relay(server, 0, Long.MAX_VALUE, perMilli, 0);
    }

    /// @param rate bytes a second that go to the server, over all connections together
    static Relay narrow(InetSocketAddress server, long rate) {
        return new Relay(server, 0, Long.MAX_VALUE, 0, rate);
    }

    private Relay(InetSocketAddress server, int stalled, long stallsAt, int perMilli, long rate) {
        this.server = server;
        this.stalled = stalled;
        this.stallsAt = stallsAt;
        this.perMilli = perMilli;
        this.rate = rate;
        try {
            listener = ServerSocketChannel.open();
            if (rate > 0) {
                listener.setOption(StandardSocketOptions.SO_RCVBUF, NARROW_RECEIVE_BUFFER);
            }
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
        } catch (IOException e) {
            throw new BenchException("cannot listen", e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port());
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

    /// When so many bytes have come through the narrow way, behind all that came before them.
    private synchronized long turn(int bytes) {
        due = Math.max(due, System.nanoTime() - MOST_SAVED_NANOS) + bytes * 1_000_000_000L / rate;
        return due;
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = listener.accept();
                SocketChannel upstream = SocketChannel.open(server);
                client.setOption(StandardSocketOptions.TCP_NODELAY, true);
                upstream.setOption(StandardSocketOptions.TCP_NODELAY, true);
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
        boolean narrow = !down && rate > 0;
        ByteBuffer buffer =
                ByteBuffer.allocateDirect(down && steady() ? BEAT_MILLIS * perMilli : narrow ? NARROW_STEP : STEP);
        long passed = 0;
        try (from;
                to) {
            while (from.read(buffer.clear()) >= 0) {
                buffer.flip();
                passed += buffer.remaining();
                if (narrow) {
                    Pause.untilNanos(turn(buffer.remaining()));
                }
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
