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

/// The way to a service, which takes so many bytes a second, all connections together, as to one far away. What the
/// service says comes back as fast as it says it.
final class SlowLink implements AutoCloseable {
    private static final int STEP = 64 << 10;
    private static final int RECEIVE_BUFFER = 256 << 10;
    private static final long MOST_SAVED_NANOS = 50_000_000;

    private final InetSocketAddress service;
    private final long rate;
    private final ServerSocketChannel listener;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private long due = System.nanoTime();

    /// @param rate bytes a second
    SlowLink(InetSocketAddress service, long rate) {
        this.service = service;
        this.rate = rate;
        try {
            listener = ServerSocketChannel.open();
            listener.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
        } catch (IOException e) {
            throw new BenchException("cannot listen", e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(
                InetAddress.getLoopbackAddress(), listener.socket().getLocalPort());
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = listener.accept();
                SocketChannel upstream = SocketChannel.open(service);
                client.setOption(StandardSocketOptions.TCP_NODELAY, true);
                upstream.setOption(StandardSocketOptions.TCP_NODELAY, true);
                open.add(client);
                open.add(upstream);
                Thread.ofVirtual().start(() -> pass(client, upstream, true));
                Thread.ofVirtual().start(() -> pass(upstream, client, false));
            }
        } catch (IOException e) {
            // It is closed.
        }
    }

    private void pass(SocketChannel from, SocketChannel to, boolean slowly) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(STEP);
        try (from;
                to) {
            while (from.read(buffer.clear()) >= 0) {
                buffer.flip();
                if (slowly) {
                    Pause.untilNanos(turn(buffer.remaining()));
                }
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
            }
        } catch (IOException e) {
            // One of both has left.
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    /// When so many bytes have come through, behind all that came before them.
    private synchronized long turn(int bytes) {
        due = Math.max(due, System.nanoTime() - MOST_SAVED_NANOS) + bytes * 1_000_000_000L / rate;
        return due;
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (SocketChannel channel : open) {
                channel.close();
            }
        } catch (IOException e) {
            throw new BenchException("cannot close the link", e);
        }
    }
}
