package dev.sluice.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import software.amazon.awssdk.core.util.VersionInfo;

/// A [TransferManagerProcess] that runs beside us and sends one file, again and again.
final class TransferManager implements Turns.Contestant, AutoCloseable {
    private static final String KEY = "rival.mp4";

    /// Else the server's logger, unconfigured, would write down every step of the SDK and of Netty.
    private static final String SILENCE = "-Dslf4j.provider=org.slf4j.helpers.NOP_FallbackServiceProvider";

    private final Child child;
    private final HttpConnection http;
    private final S3Service service;
    private final Cargo cargo;
    private final long size;

    private TransferManager(Child child, S3Service service, Cargo cargo, long size) {
        this.child = child;
        this.service = service;
        this.cargo = cargo;
        this.size = size;
        this.http = new HttpConnection(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(child.says("ready"))));
    }

    /// @param size of the file, which it has in memory
    static TransferManager start(Workbench bench, S3Service service, Cargo cargo, long size) {
        Path file = bench.folder("rival").resolve("file");
        cargo.write(file, size);
        Child child = Child.start(
                bench.log("transfer-manager"),
                List.of(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx512m",
                        "-XX:+UseG1GC",
                        SILENCE,
                        "-cp",
                        System.getProperty("java.class.path") + ":" + bench.rival() + "/*",
                        TransferManagerProcess.class.getName(),
                        service.endpoint(),
                        file.toString()));
        try {
            return new TransferManager(child, service, cargo, size);
        } catch (BenchException e) {
            child.close();
            throw e;
        }
    }

    static String version() {
        return "AWS SDK " + VersionInfo.SDK_VERSION;
    }

    @Override
    public long pid() {
        return child.pid();
    }

    @Override
    public Turns.Load go() {
        double cpu = Usage.ownCpuSeconds();
        long began = System.nanoTime();
        http.post("/" + KEY, "").expect(200);
        return Turns.Load.since(began, cpu);
    }

    @Override
    public void clear() {
        service.requireStored(KEY, cargo, size);
        service.delete(KEY);
        service.awaitEmpty();
    }

    @Override
    public void close() {
        http.close();
        child.close();
    }
}
