package dev.sluice.house;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Call;
import dev.sluice.testing.Fault;
import dev.sluice.testing.FaultyProxy;
import dev.sluice.testing.TestingAzurite;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// What only a server and its provider may know (keys, tokens, signatures, ids of uploads, addresses of sessions) is
/// told to no client, said in no log and lies in no file of the data folder, whatever becomes of an upload and whatever
/// the provider says.
@ParameterizedClass(name = "{0}")
@MethodSource("all")
class CloudSecretsTest {
    private final Provider provider;
    private final FaultyProxy proxy;
    private final byte[] large;
    /// All that clients were told.
    private final StringWriter told = new StringWriter();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    CloudSecretsTest(Provider provider) {
        this.provider = provider;
        this.proxy = provider.proxy();
        this.large = Cargo.bytes(4, 2 * provider.part() + 5);
    }

    static Stream<Provider> all() {
        return Stream.concat(Provider.all(), Stream.of(TestingAzurite.shared()).map(AzureProvider::byToken));
    }

    @Test
    void whatOnlyTheProviderMayKnowStandsNowhere() throws IOException {
        try (var server =
                ServerProcess.storingIn(provider, folder, "log.level=debug").start()) {
            listen(server);
            String upload = stopped(server);
            completed(server, upload);
            cancelled(server, begun(server));
            refused(server, begun(server));
            refusedAtOnce(server);
            await().untilAsserted(() ->
                    assertThat(told.toString()).contains("\"completed\"", "\"cancelled\"", "no to ", "data: "));
            requireNowhere(server);
        }
    }

    // ------------------------------------------------------------ what becomes of uploads

    /// One of which a part and a bit have come, after a connection that broke.
    private String stopped(ServerProcess server) throws IOException {
        proxy.next(provider::carries, Fault.dropAt(1000));
        String upload = begun(server);
        assertThat(proxy.calls(call -> call.ending() == Call.Ending.DROPPED)).hasSize(1);
        assertThat(server.post("/api/v1/jobs/" + upload + "/pause").statusCode())
                .isEqualTo(200);
        assertThat(provider.leftovers()).isNotEmpty();
        assertThat(server.tails()).isNotEmpty();
        assertThat(provider.handles().isEmpty())
                .as("only Azure has no handles")
                .isEqualTo(provider instanceof AzureProvider);
        hear(server, upload);
        requireNowhere(server);
        return upload;
    }

    private String begun(ServerProcess server) throws IOException {
        String upload = server.create("clip.bin", large.length);
        HttpResponse<byte[]> answer = server.patch(upload, 0, Arrays.copyOf(large, provider.part() + 7));
        hear(answer);
        assertThat(answer.statusCode()).as(ServerProcess.text(answer)).isEqualTo(204);
        return upload;
    }

    private HttpResponse<byte[]> rest(ServerProcess server, String upload) throws IOException {
        int at = provider.part() + 7;
        HttpResponse<byte[]> answer = server.patch(upload, at, Arrays.copyOfRange(large, at, large.length));
        hear(answer);
        return answer;
    }

    private void completed(ServerProcess server, String upload) throws IOException {
        hear(server.post("/api/v1/jobs/" + upload + "/resume"));
        assertThat(rest(server, upload).statusCode()).isEqualTo(204);
        hear(server, upload);
        HttpResponse<byte[]> content = server.get("/api/v1/download/stream/" + upload, "Range", "bytes=0-9");
        told.append(content.headers().map().toString());
        server.remove(upload);
    }

    private void cancelled(ServerProcess server, String upload) throws IOException {
        hear(server.cancel(upload));
        await().untilAsserted(() -> assertThat(server.metric("sluice_debts")).isZero());
        hear(server, upload);
    }

    /// By a provider that quotes what it was asked.
    private void refused(ServerProcess server, String upload) throws IOException {
        Call last = proxy.calls(provider::carries).getLast();
        proxy.next(provider::carries, provider.refusal("no to " + last.method() + " " + last.target()));
        requireRefused(server, upload, rest(server, upload));
    }

    /// By a provider that quotes how it was asked.
    private void refusedAtOnce(ServerProcess server) throws IOException {
        Call last = proxy.calls(provider::carries).getLast();
        proxy.next(provider::carries, provider.refusal("no to " + last.headers().get("Authorization")));
        String upload = server.create("small.bin", 10);
        HttpResponse<byte[]> answer = server.patch(upload, 0, new byte[10]);
        hear(answer);
        requireRefused(server, upload, answer);
    }

    private void requireRefused(ServerProcess server, String upload, HttpResponse<byte[]> answer) throws IOException {
        assertThat(answer.statusCode()).isGreaterThanOrEqualTo(400);
        assertThat(ServerProcess.text(answer)).contains("no to ");
        assertThat(server.job(upload).path("state").textValue()).isNotEqualTo("completed");
        hear(server, upload);
    }

    // ------------------------------------------------------------ what is told of them

    private void hear(HttpResponse<byte[]> answer) {
        told.append(answer.headers().map() + ServerProcess.text(answer) + '\n');
    }

    private void hear(ServerProcess server, String upload) throws IOException {
        String job = "/api/v1/jobs/" + upload;
        for (String path : new String[] {
            job,
            job + "/history",
            job + "/events",
            "/api/v1/jobs",
            "/api/v1/upload/" + upload,
            "/api/v1/storages",
            "/api/v1/status",
            "/metrics",
            "/health"
        }) {
            HttpResponse<byte[]> answer = server.get(path);
            assertThat(answer.statusCode()).as(path).isEqualTo(200);
            hear(answer);
            hear(server.get(path, "Accept", "text/plain"));
        }
    }

    /// Listens to all events until the server ends.
    private void listen(ServerProcess server) {
        Thread.ofVirtual().name("events").start(() -> {
            try (var events = new BufferedReader(
                    new InputStreamReader(server.at("/api/v1/events").toURL().openStream(), UTF_8))) {
                events.lines().forEach(line -> told.append(line + '\n'));
            } catch (IOException | UncheckedIOException e) {
                // It has ended.
            }
        });
    }

    // ------------------------------------------------------------ where it must not stand

    private void requireNowhere(ServerProcess server) throws IOException {
        var secrets = new TreeSet<>(provider.keys());
        secrets.addAll(provider.handles());
        assertThat(secrets).hasSizeGreaterThan(1).allMatch(secret -> secret.length() > 7);
        requireNoneIn("what clients were told", told.toString(), secrets);
        requireNoneIn("the log", server.log(), secrets);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                requireNoneIn(file.toString(), Files.readString(file, ISO_8859_1), secrets);
            }
        }
    }

    private static void requireNoneIn(String where, String text, Set<String> secrets) {
        for (String secret : secrets) {
            int at = text.indexOf(secret);
            assertThat(at)
                    .as(() -> secret + " stands in " + where + ": …"
                            + text.substring(Math.max(0, at - 200), Math.min(text.length(), at + 300)))
                    .isNegative();
        }
    }
}
