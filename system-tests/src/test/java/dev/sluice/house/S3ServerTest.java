package dev.sluice.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.TestingS3Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `sluice serve` as a process, with a bucket to store in and without one.
class S3ServerTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path folder;

    @Test
    void whatWasAcknowledgedSurvivesSigkillAndTheFileComesBackWhole() throws Exception {
        byte[] bytes = Cargo.bytes(1, 30 * MIB + 5);
        try (var bucket = new S3Provider("s3proxy", TestingS3Proxy.shared());
                var server = ServerProcess.storingIn(bucket, folder).start()) {
            String upload = server.create("clip.bin", bytes.length);
            int[] cuts = {1000, 9 * MIB + 3, 9 * MIB + 4, 21 * MIB};
            int at = 0;
            for (int cut : cuts) {
                assertThat(server.patch(upload, at, Arrays.copyOfRange(bytes, at, cut))
                                .statusCode())
                        .isEqualTo(204);
                at = cut;
                server.kill();
                server.start();
                assertThat(server.offset(upload)).isEqualTo(at);
            }
            assertThat(server.patch(upload, at, Arrays.copyOfRange(bytes, at, bytes.length))
                            .statusCode())
                    .isEqualTo(204);
            assertThat(server.content(upload)).isEqualTo(bytes);
            String file = "/api/v1/download/stream/" + upload;
            assertThat(server.get(file, "Range", "bytes=1000000-9000000").body())
                    .isEqualTo(Arrays.copyOfRange(bytes, 1_000_000, 9_000_001));
            long sent = bucket.proxy().calls(bucket::carries).stream()
                    .mapToLong(call -> call.bodyBytes())
                    .sum();
            assertThat(sent).isLessThan(bytes.length + 9L * MIB);
        }
    }

    @Test
    void whereNoBucketIsConfiguredNoLibraryOfItIsLoaded() throws Exception {
        Path classes = folder.resolve("classes");
        try (var server = new ServerProcess(folder, List.of()).start("-Xlog:class+load:file=" + classes)) {
            String upload = server.create("clip.bin", 10);
            assertThat(server.patch(upload, 0, new byte[10]).statusCode()).isEqualTo(204);
        }
        assertThat(Files.readAllLines(classes))
                .isNotEmpty()
                .noneMatch(line -> line.contains("software.amazon"))
                .noneMatch(line -> line.contains("com.azure"))
                .noneMatch(line -> line.contains("reactor."))
                .noneMatch(line -> line.contains("com.google.a"))
                .noneMatch(line -> line.contains("org.eclipse.jetty.client"));
    }
}
