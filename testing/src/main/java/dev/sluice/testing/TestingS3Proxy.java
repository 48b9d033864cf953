package dev.sluice.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// S3Proxy over a folder. It checks V4 signatures, and answers a wrong one with `SignatureDoesNotMatch`.
///
/// It knows uploads by what lies in the folder:
/// - after an abort `ListParts` answers with no parts where the service answers `NoSuchUpload`; whether an
///   upload is gone, `ListMultipartUploads` says;
/// - a part that is on its way during an abort is taken, and stays: `ListParts` shows it,
///   `ListMultipartUploads` does not.
///
/// A trailing checksum is not given back with the answer to a put.
public final class TestingS3Proxy implements TestingS3, AutoCloseable {
    private static final AtomicInteger BUCKETS = new AtomicInteger();
    private static final String ACCESS_KEY = "sluice-access";
    private static final String SECRET_KEY = "sluice-secret";

    private final PeerProcess process;

    /// @param more settings, each ending its line
    private TestingS3Proxy(String more) {
        process = PeerProcess.start("s3proxy", (folder, ports) -> command(folder, ports, more));
    }

    /// One for all tests of this JVM, with which it ends.
    public static TestingS3Proxy shared() {
        return Shared.SERVER;
    }

    /// One that is its starter's to close.
    public static TestingS3Proxy start() {
        return new TestingS3Proxy("");
    }

    /// One that takes what stands before `host` in a request's `Host` for the bucket, and knows no other way.
    public static TestingS3Proxy under(String host) {
        return new TestingS3Proxy("s3proxy.virtual-host=" + host + "\n");
    }

    private static List<String> command(Path folder, List<Integer> ports, String more) throws IOException {
        Path objects = Files.createDirectory(folder.resolve("objects"));
        Path configuration = Files.writeString(
                folder.resolve("s3proxy.conf"), """
                s3proxy.endpoint=http://127.0.0.1:%d
                s3proxy.authorization=aws-v4
                s3proxy.identity=%s
                s3proxy.credential=%s
                jclouds.provider=filesystem-nio2
                jclouds.identity=unused
                jclouds.credential=unused
                jclouds.filesystem.basedir=%s
                %s""".formatted(ports.getFirst(), ACCESS_KEY, SECRET_KEY, objects, more));
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + folder,
                "-jar",
                Checkout.jar("s3proxy.jar").toString(),
                "--properties",
                configuration.toString());
    }

    @Override
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + process.port());
    }

    @Override
    public String accessKey() {
        return ACCESS_KEY;
    }

    @Override
    public String secretKey() {
        return SECRET_KEY;
    }

    /// A bucket is a folder of its own.
    @Override
    public String newBucket() {
        String name = "bucket-" + BUCKETS.incrementAndGet();
        try {
            Files.createDirectory(process.folder().resolve("objects").resolve(name));
            return name;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.close();
    }

    private static final class Shared {
        static final TestingS3Proxy SERVER = new TestingS3Proxy("");
    }
}
