package dev.sluice.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Adobe's S3Mock. Parts, lists of them, aborts and ranges are as in the service: what was aborted is
/// `NoSuchUpload`.
///
/// Where it differs:
/// - it checks no signature: any keys will do, and so will wrong ones;
/// - an abort takes an older object of the same name with it;
/// - the `Content-MD5` of a part is not looked at. Its CRC-32 is; a wrong one is a `BadRequest` here, not a
///   `BadDigest`.
public final class TestingS3Mock implements TestingS3, AutoCloseable {
    private static final AtomicInteger BUCKETS = new AtomicInteger();

    private final PeerProcess process;

    private TestingS3Mock() {
        process = PeerProcess.start("s3mock", TestingS3Mock::command);
    }

    /// One for all tests of this JVM, with which it ends. It takes seconds to start, so this is what most tests
    /// want.
    public static TestingS3Mock shared() {
        return Shared.SERVER;
    }

    /// One that is its starter's to close.
    public static TestingS3Mock start() {
        return new TestingS3Mock();
    }

    private static List<String> command(Path folder, List<Integer> ports) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + folder,
                "-jar",
                Checkout.jar("s3mock.jar").toString(),
                "--server.address=127.0.0.1",
                "--com.adobe.testing.s3mock.httpPort=" + ports.get(0),
                "--server.port=" + ports.get(1));
    }

    @Override
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + process.port());
    }

    @Override
    public String accessKey() {
        return "sluice";
    }

    @Override
    public String secretKey() {
        return "sluice-secret";
    }

    @Override
    public String newBucket() {
        String name = "bucket-" + BUCKETS.incrementAndGet();
        try {
            var put = (HttpURLConnection) endpoint().resolve("/" + name).toURL().openConnection();
            put.setRequestMethod("PUT");
            int status = put.getResponseCode();
            if (status != 200) {
                throw new IllegalStateException("s3mock answers " + status + " to a new bucket:\n" + process.said());
            }
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
        static final TestingS3Mock SERVER = new TestingS3Mock();
    }
}
