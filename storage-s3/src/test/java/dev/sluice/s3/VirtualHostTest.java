package dev.sluice.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cloud.Buffers;
import dev.sluice.cloud.KeptTails;
import dev.sluice.cloud.Patience;
import dev.sluice.cloud.Supplies;
import dev.sluice.cloud.Transport;
import dev.sluice.core.StopToken;
import dev.sluice.secrets.Vault;
import dev.sluice.storage.Trial;
import dev.sluice.testing.TestingS3Proxy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A bucket by its name before that of the host, as Amazon has it. The names are known to a process of its own only.
@NullMarked
class VirtualHostTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void aBucketIsUsedByTheNameOfItsHost() throws Exception {
        Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 localhost\n127.0.0.1 bucket-1.s3.test\n");
        Path said = folder.resolve("said");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-Djdk.net.hosts.file=" + hosts,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Trying.class.getName(),
                        folder.toString()))
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(said)).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    static final class Trying {
        private Trying() {}

        public static void main(String[] args) throws IOException {
            Path data = Path.of(args[0]);
            Vault vault = Vault.in(data.resolve("key"));
            try (var service = TestingS3Proxy.under("s3.test");
                    var transport = Transport.open(Patience.SHORT.connect(), Patience.SHORT.silence())) {
                var settings = new S3Settings(
                        "clips",
                        service.newBucket(),
                        URI.create("http://s3.test:" + service.endpoint().getPort()),
                        service.region(),
                        service.accessKey(),
                        service.secretKey(),
                        "team",
                        false);
                var supplies = new Supplies(
                        transport,
                        new Buffers(64 << 20).share(),
                        KeptTails.in(data.resolve("tails"), vault),
                        vault,
                        Clock.systemUTC(),
                        Patience.SHORT.backOff());
                try (var storage = new S3Storage(settings, supplies)) {
                    assertThat(Trial.of(storage, "t", new StopToken(), step -> {}))
                            .hasSize(6)
                            .allMatch(Trial.Step::works);
                }
            }
        }
    }
}
