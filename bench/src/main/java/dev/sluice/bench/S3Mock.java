package dev.sluice.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Adobe's S3Mock behind a [Relay] that is a narrow way. It keeps what it gets in files.
final class S3Mock implements S3Service {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Workbench bench;
    private final Child child;
    private final InetSocketAddress address;
    private final Relay link;
    private final Path folder;

    private S3Mock(Workbench bench, Child child, InetSocketAddress address, long rate, Path folder) {
        this.bench = bench;
        this.child = child;
        this.address = address;
        this.link = Relay.narrow(address, rate);
        this.folder = folder;
    }

    /// @param rate how many bytes a second come to it, all connections together
    static S3Mock start(Workbench bench, long rate) {
        Path folder = bench.folder("s3mock");
        int port = FreePort.find();
        Child child = Child.start(
                bench.log("s3mock"),
                List.of(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx512m",
                        "-Djava.io.tmpdir=" + folder,
                        "-jar",
                        bench.peers().resolve("s3mock.jar").toString(),
                        "--server.address=127.0.0.1",
                        "--com.adobe.testing.s3mock.httpPort=" + port,
                        "--server.port=" + FreePort.find()));
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        FreePort.awaitListener(address, child);
        var mock = new S3Mock(bench, child, address, rate, folder);
        mock.curl("", "-X", "PUT");
        return mock;
    }

    @Override
    public InetSocketAddress address() {
        return link.address();
    }

    @Override
    public void requireStored(String key, Cargo sent, long size) {
        Path copy = folder.resolve("copy");
        curl("/" + key, "-o", copy.toString());
        StoredFile.requireSame(sent, copy, size);
        DownloadRow.delete(copy);
    }

    @Override
    public void delete(String key) {
        curl("/" + key, "-X", "DELETE");
    }

    @Override
    public void awaitEmpty() {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (curl("?list-type=2").contains("<Key>") || curl("?uploads").contains("<Key>")) {
            if (System.nanoTime() > until) {
                throw new BenchException("something stays in the bucket");
            }
            Pause.millis(5);
        }
    }

    /// Asks it past the link.
    private String curl(String what, String... options) {
        var command = new ArrayList<>(List.of("curl", "-s", "--fail"));
        command.addAll(List.of(options));
        command.add("http://127.0.0.1:" + address.getPort() + "/" + BUCKET + what);
        return Child.run(bench.log("curl"), command);
    }

    @Override
    public void close() {
        link.close();
        child.close();
    }
}
