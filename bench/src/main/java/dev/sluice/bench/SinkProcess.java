package dev.sluice.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// A process that takes uploads' bytes and remembers when each job's last ones came. A connection begins with a
/// job's id; one that begins with [#REPORT] instead is told all of it, a line for each job, and closed.
///
/// Times are `System.nanoTime()`: on Linux all processes of a machine read the same clock.
final class SinkProcess {
    static final int ID_LENGTH = 36;
    static final String REPORT = "report".repeat(6);

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 << 10);
    private final Map<String, Arrival> arrivals = new HashMap<>();

    /// What came of one job.
    private static final class Arrival {
        long nanos;
        long bytes;
    }

    /// One connection: first an id, then bytes.
    private static final class Incoming {
        final ByteBuffer id = ByteBuffer.allocate(ID_LENGTH);
        final Arrival nothing = new Arrival();
        Arrival arrival = nothing;
    }

    public static void main(String[] arguments) throws IOException {
        new SinkProcess().serve();
    }

    private void serve() throws IOException {
        try (var selector = Selector.open();
                var listener = ServerSocketChannel.open()) {
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

    private static void accept(ServerSocketChannel listener, Selector selector) {
        try {
            SocketChannel channel = listener.accept();
            if (channel != null) {
                channel.configureBlocking(false);
                channel.register(selector, SelectionKey.OP_READ, new Incoming());
            }
        } catch (IOException e) {
            throw new BenchException("the sink cannot accept a connection", e);
        }
    }

    private void read(SelectionKey key) {
        var channel = (SocketChannel) key.channel();
        var incoming = (Incoming) key.attachment();
        try {
            int count = channel.read(buffer.clear());
            long now = System.nanoTime();
            if (count < 0) {
                channel.close();
                return;
            }
            buffer.flip();
            if (incoming.id.hasRemaining()) {
                begin(incoming, channel);
            }
            if (buffer.hasRemaining()) {
                incoming.arrival.nanos = now;
                incoming.arrival.bytes += buffer.remaining();
            }
        } catch (IOException e) {
            // A stop resets the connection: nothing more comes of this job.
            key.cancel();
        }
    }

    private void begin(Incoming incoming, SocketChannel channel) throws IOException {
        while (incoming.id.hasRemaining() && buffer.hasRemaining()) {
            incoming.id.put(buffer.get());
        }
        if (incoming.id.hasRemaining()) {
            return;
        }
        String id = new String(incoming.id.array(), StandardCharsets.US_ASCII);
        if (id.equals(REPORT)) {
            report(channel);
        } else {
            incoming.arrival = arrivals.computeIfAbsent(id, unused -> new Arrival());
        }
    }

    private void report(SocketChannel channel) throws IOException {
        var text = new StringBuilder();
        arrivals.forEach((id, arrival) -> text.append(id)
                .append(' ')
                .append(arrival.nanos)
                .append(' ')
                .append(arrival.bytes)
                .append('\n'));
        ByteBuffer answer = StandardCharsets.US_ASCII.encode(text.toString());
        while (answer.hasRemaining()) {
            channel.write(answer);
        }
        channel.close();
    }
}
