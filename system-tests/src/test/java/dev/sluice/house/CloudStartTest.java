package dev.sluice.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Fault;
import dev.sluice.testing.TestingS3Mock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a server that was killed finds when it starts again: a provider that does not answer, another key.
class CloudStartTest {
    private static final String KEY = "SLUICE_SECRETS_KEY";

    private final Provider provider = new S3Provider("s3mock", TestingS3Mock.shared());
    private final byte[] file = Cargo.bytes(21, 2 * provider.part() + 1003);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @AfterEach
    void end() {
        provider.close();
    }

    /// Uploads a part and a bit of a file.
    private String begun(ServerProcess server) throws IOException {
        String upload = server.createIn("clips", "begun.bin", file.length);
        var answer = server.patch(upload, 0, Arrays.copyOf(file, sent()));
        assertThat(answer.statusCode()).as(ServerProcess.text(answer)).isEqualTo(204);
        return upload;
    }

    private int sent() {
        return provider.part() + 1_000_003;
    }

    private void goesOn(ServerProcess server, String upload) throws IOException {
        assertThat(server.offset(upload)).isEqualTo(sent());
        var answer = server.patch(upload, sent(), Arrays.copyOfRange(file, sent(), file.length));
        assertThat(answer.statusCode()).as(ServerProcess.text(answer)).isEqualTo(204);
        assertThat(server.content(upload)).isEqualTo(file);
        await().untilAsserted(() -> assertThat(server.metric("sluice_debts")).isZero());
        assertThat(provider.leftovers()).isEmpty();
    }

    /// A server with a folder, and a bucket that is the provider's, wherever that is.
    private ServerProcess server(String endpoint) {
        var settings = new ArrayList<>(List.of("storages.local.kind=local"));
        for (String setting : provider.settings()) {
            settings.add("storages.clips." + (setting.startsWith("endpoint=") ? "endpoint=" + endpoint : setting));
        }
        return new ServerProcess(folder, settings);
    }

    private String there() {
        return provider.proxy().endpoint().toString();
    }

    @Test
    void aProviderThatIsSilentHoldsUpNeitherTheStartNorUploadsElsewhere() throws IOException {
        String upload;
        String cut;
        try (var server = server(there()).start()) {
            upload = begun(server);
            cut = server.createIn("clips", "cut.bin", 10);
            provider.proxy().next(provider::completes, Fault.holdAnswer());
            try (var sending = Sending.patch(server, cut, new byte[10], 0).to(10)) {
                provider.proxy()
                        .await(call -> provider.completes(call) && call.status().isPresent());
                server.kill();
                assertThat(sending.sent()).isEqualTo(10);
            }
        }
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var server = server("http://127.0.0.1:" + silent.getLocalPort())) {
            server.start();
            assertThat(server.offset(upload)).isEqualTo(sent());
            String elsewhere = server.create("elsewhere.bin", 10);
            assertThat(server.patch(elsewhere, 0, new byte[10]).statusCode()).isEqualTo(204);
            assertThat(server.cancel(upload).statusCode()).isEqualTo(200);
            assertThat(server.cancel(cut).statusCode()).isEqualTo(200);
            assertThat(server.metric("sluice_debts")).isPositive();
        }
        try (var server = server(there()).start()) {
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> assertThat(server.metric("sluice_debts")).isZero());
            assertThat(provider.leftovers()).isEmpty();
            assertThat(provider.objects()).isEmpty();
        }
    }

    /// The debt is older than what it is for: nobody here has ever known the id of what the provider has begun.
    @Test
    void whatWasBegunWithoutOurHearingOfItIsFoundAfterAKill() throws IOException {
        String upload;
        try (var server = server(there()).start()) {
            upload = server.createIn("clips", "unheard.bin", file.length);
            provider.proxy().next(provider::begins, Fault.holdAnswer());
            try (var sending = Sending.patch(server, upload, file, 0).on()) {
                provider.proxy()
                        .await(call -> provider.begins(call) && call.status().isPresent());
                server.kill();
                assertThat(sending.sent()).isPositive();
            }
        }
        assertThat(provider.leftovers()).isNotEmpty();
        try (var server = server(there()).start()) {
            assertThat(server.cancel(upload).statusCode()).isEqualTo(200);
            await().untilAsserted(
                            () -> assertThat(server.metric("sluice_debts")).isZero());
            assertThat(provider.leftovers()).isEmpty();
        }
    }

    @Test
    void withAnotherKeyNothingIsReadAndNothingIsLost() throws IOException {
        Map<String, String> ours = key(1);
        try (var server = server(there()).with(ours)) {
            String upload = begun(server.start());
            server.kill();
            try (var other = server(there()).with(key(2)).start()) {
                var refused = other.patch(upload, sent(), new byte[10]);
                assertThat(refused.statusCode()).isEqualTo(500);
                assertThat(ServerProcess.text(refused))
                        .contains("not sealed with the key of secrets.key", "put that key back");
            }
            goesOn(server.start(), upload);
        }
        assertThat(folder.resolve("data").resolve("secrets.key")).doesNotExist();
    }

    private static Map<String, String> key(int seed) {
        return Map.of(KEY, Base64.getEncoder().encodeToString(Cargo.bytes(seed, 32)));
    }
}
