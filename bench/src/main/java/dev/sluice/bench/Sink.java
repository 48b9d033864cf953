package dev.sluice.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// A [SinkProcess] that runs beside us.
final class Sink implements AutoCloseable {
    private final Child child;
    private final int port;

    /// What came of one job.
    ///
    /// @param nanos when its last bytes came, on the clock of `System.nanoTime()`
    record Arrival(long nanos, long bytes) {}

    private Sink(Child child) {
        this.child = child;
        this.port = Integer.parseInt(child.says("ready"));
    }

    static Sink start(Workbench bench) {
        return new Sink(Child.start(bench.log("sink"), bench.java(SinkProcess.class)));
    }

    int port() {
        return port;
    }

    /// What has come so far, by job.
    Map<String, Arrival> arrivals() {
        try (var channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            channel.write(StandardCharsets.US_ASCII.encode(SinkProcess.REPORT));
            var arrivals = new HashMap<String, Arrival>();
            new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .map(line -> line.split(" "))
                    .forEach(words ->
                            arrivals.put(words[0], new Arrival(Long.parseLong(words[1]), Long.parseLong(words[2]))));
            return arrivals;
        } catch (IOException e) {
            throw new BenchException("the sink does not report", e);
        }
    }

    @Override
    public void close() {
        child.close();
    }
}
