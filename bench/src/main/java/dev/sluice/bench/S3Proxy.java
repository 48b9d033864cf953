package dev.sluice.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/// S3Proxy over a folder: it checks signatures and keeps files.
final class S3Proxy implements S3Service {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Child child;
    private final InetSocketAddress address;
    private final Path objects;

    private S3Proxy(Child child, InetSocketAddress address, Path objects) {
        this.child = child;
        this.address = address;
        this.objects = objects;
    }

    /// @param folder for its files
    static S3Proxy start(Workbench bench, Path folder) {
        int port = FreePort.find();
        try {
            Path objects = Files.createDirectories(folder.resolve("objects").resolve(BUCKET));
            Path configuration = Files.writeString(folder.resolve("s3proxy.conf"), """
                    s3proxy.endpoint=http://127.0.0.1:%d
                    s3proxy.authorization=aws-v4
                    s3proxy.identity=%s
                    s3proxy.credential=%s
                    s3proxy.ignore-unknown-headers=true
                    s3proxy.v4-max-non-chunked-request-size=%d
                    jclouds.provider=filesystem-nio2
                    jclouds.identity=unused
                    jclouds.credential=unused
                    jclouds.filesystem.basedir=%s
                    """.formatted(
                            port, ACCESS_KEY, SECRET_KEY, 64 << 20, objects.getParent()));
            Child child = Child.start(
                    bench.log("s3proxy"),
                    List.of(
                            ProcessHandle.current().info().command().orElse("java"),
                            "-Xmx512m",
                            "-Djava.io.tmpdir=" + folder,
                            "-jar",
                            bench.peers().resolve("s3proxy.jar").toString(),
                            "--properties",
                            configuration.toString()));
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            FreePort.awaitListener(address, child);
            return new S3Proxy(child, address, objects);
        } catch (IOException e) {
            throw new BenchException("cannot write in " + folder, e);
        }
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public void requireStored(String key, Cargo sent, long size) {
        StoredFile.requireSame(sent, objects.resolve(key), size);
    }

    @Override
    public void delete(String key) {
        try {
            Files.delete(objects.resolve(key));
        } catch (IOException e) {
            throw new BenchException("cannot delete " + key, e);
        }
    }

    @Override
    public void awaitEmpty() {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (Stream<Path> left = Files.walk(objects)) {
                List<Path> files = left.filter(Files::isRegularFile).toList();
                if (files.isEmpty()) {
                    return;
                }
                if (System.nanoTime() > until) {
                    throw new BenchException("something stays in the bucket: " + files);
                }
            } catch (IOException e) {
                throw new BenchException("cannot look into " + objects, e);
            }
            Pause.millis(5);
        }
    }

    @Override
    public void close() {
        child.close();
    }
}
