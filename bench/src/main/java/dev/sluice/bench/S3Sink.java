package dev.sluice.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// An [S3SinkProcess] that runs beside us.
final class S3Sink implements S3Service {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Child child;
    private final InetSocketAddress address;
    private final HttpConnection http;

    /// What it has seen.
    ///
    /// @param bytes of objects and parts, also of those that are gone or never became whole
    /// @param uploads that are open
    /// @param objects and their sizes
    record Report(long bytes, int uploads, Map<String, Long> objects) {}

    private S3Sink(Child child) {
        this.child = child;
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(child.says("ready")));
        this.http = new HttpConnection(address);
    }

    static S3Sink start(Workbench bench) {
        return new S3Sink(Child.start(bench.log("s3-sink"), bench.java(S3SinkProcess.class)));
    }

    /// One that takes so many bytes a second, all connections together.
    static S3Sink slow(Workbench bench, int rate) {
        var command = new ArrayList<>(bench.java(S3SinkProcess.class));
        command.add(Integer.toString(rate));
        return new S3Sink(Child.start(bench.log("s3-sink"), command));
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    long pid() {
        return child.pid();
    }

    Report report() {
        long bytes = 0;
        int uploads = 0;
        var objects = new HashMap<String, Long>();
        List<String> lines = http.get("/").expect(200).body().lines().toList();
        for (String line : lines) {
            String[] words = line.split(" ", 3);
            switch (words[0]) {
                case "bytes" -> bytes = Long.parseLong(words[1]);
                case "uploads" -> uploads = Integer.parseInt(words[1]);
                default -> objects.put(words[2], Long.parseLong(words[1]));
            }
        }
        return new Report(bytes, uploads, objects);
    }

    @Override
    public void requireStored(String key, Cargo sent, long size) {
        Report report = report();
        if (!Long.valueOf(size).equals(report.objects.get(key)) || report.uploads != 0) {
            throw new BenchException(key + " has not become an object of " + size + " bytes: " + report);
        }
    }

    @Override
    public void delete(String key) {
        http.ask("DELETE", "/" + BUCKET + "/" + key, "", "").expect(204);
    }

    @Override
    public void awaitEmpty() {
        long until = System.nanoTime() + PATIENCE.toNanos();
        for (Report now = report(); now.uploads > 0 || !now.objects.isEmpty(); now = report()) {
            if (System.nanoTime() > until) {
                throw new BenchException("something stays in the bucket: " + now);
            }
            Pause.millis(5);
        }
    }

    @Override
    public void close() {
        http.close();
        child.close();
    }
}
