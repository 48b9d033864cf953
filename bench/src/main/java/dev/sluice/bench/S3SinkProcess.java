package dev.sluice.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/// A process that speaks as much of S3 as an upload needs, and keeps no bytes: it counts them ([S3SinkBucket] says
/// what it is strict about). One thread reads all connections into one buffer, which is the least that anybody who
/// receives bytes can do.
///
/// `S3SinkProcess [RATE]`: with a rate it takes so many bytes a second, all connections together, as a service far
/// away would.
final class S3SinkProcess {
    private static final int BUFFER = 1 << 20;
    private static final int LEAST_RECEIVE_BUFFER = 4 << 10;
    private static final int PIECES_PER_SECOND = 20;
    private static final int RECEIVE_BUFFERS_PER_SECOND = 200;

    private final long rate;
    private final ByteBuffer buffer;
    private final S3SinkBucket bucket = new S3SinkBucket();
    private long due = System.nanoTime();

    private S3SinkProcess(long rate) {
        this.rate = rate;
        this.buffer = ByteBuffer.allocateDirect(rate == 0 ? BUFFER : (int) Math.max(1, rate / PIECES_PER_SECOND));
    }

    public static void main(String[] arguments) throws IOException {
        new S3SinkProcess(arguments.length == 0 ? 0 : Long.parseLong(arguments[0])).serve();
    }

    private void serve() throws IOException {
        try (var selector = Selector.open();
                var listener = ServerSocketChannel.open()) {
            if (rate > 0) {
                listener.setOption(StandardSocketOptions.SO_RCVBUF, (int)
                        Math.max(LEAST_RECEIVE_BUFFER, rate / RECEIVE_BUFFERS_PER_SECOND));
            }
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
            listener.configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
            System.out.println("ready " + listener.socket().getLocalPort());
            while (true) {
                selector.select(key -> {
                    if (key.isAcceptable()) {
                        accept(listener, selector);
                    } else {
                        read(key);
                    }
                });
            }
        }
    }

    private void accept(ServerSocketChannel listener, Selector selector) {
        try {
            SocketChannel channel = listener.accept();
            if (channel != null) {
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.register(selector, SelectionKey.OP_READ, new S3SinkConnection(channel, bucket));
            }
        } catch (IOException e) {
            throw new BenchException("the sink cannot accept a connection", e);
        }
    }

    private void read(SelectionKey key) {
        var channel = (SocketChannel) key.channel();
        try {
            int count = channel.read(buffer.clear());
            if (count < 0) {
                channel.close();
                return;
            }
            pace(count);
            ((S3SinkConnection) key.attachment()).take(buffer.flip());
        } catch (IOException e) {
            // A stop resets the connection: nothing more comes of this call.
            key.cancel();
        }
    }

    private void pace(int count) {
        if (rate > 0) {
            long latest = System.nanoTime() - 1_000_000_000L / PIECES_PER_SECOND;
            due = Math.max(due, latest) + count * 1_000_000_000L / rate;
            Pause.untilNanos(due);
        }
    }
}
