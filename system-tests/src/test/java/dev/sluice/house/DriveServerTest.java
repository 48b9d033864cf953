package dev.sluice.house;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.fakes.Call;
import dev.sluice.fakes.FakeDrive;
import dev.sluice.fakes.FakeGoogle;
import dev.sluice.fakes.Step;
import dev.sluice.fakes.Stored;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `sluice serve` as a process, with a folder of Google Drive that several accounts share.
class DriveServerTest {
    private static final int MIB = 1 << 20;
    private static final String ANN = "ann@example.com";
    private static final String BOB = "bob@example.com";
    private static final Pattern PAGE = Pattern.compile("http://\\S+/o/oauth2/v2/auth\\?\\S+");

    /// Of access or refresh, as the fake makes them.
    private static final Pattern TOKEN = Pattern.compile("(1//0|ya29\\.)[\\w-]{20}");

    private final FakeDrive drive = FakeDrive.start();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    private @Nullable Process server;
    private URI uri = URI.create("http://127.0.0.1");
    private int sent;

    @TempDir
    Path data;

    @AfterEach
    void end() throws InterruptedException {
        kill();
        drive.close();
    }

    private void kill() throws InterruptedException {
        Process running = server;
        if (running != null) {
            running.destroyForcibly().waitFor();
        }
    }

    private Process run(String output, List<String> words) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.sluice.cli.Main"));
        command.addAll(words);
        command.addAll(List.of(
                "--data",
                data.resolve("data").toString(),
                "--set",
                "storage=drive",
                "--set",
                "storages.drive.kind=gdrive",
                "--set",
                "storages.drive.folder=Team/Clips",
                "--set",
                "storages.drive.create-folder=true",
                "--set",
                "storages.drive.endpoint=" + drive.url(),
                "--set",
                "storages.drive.credentials=" + data.resolve("ann.json") + "," + data.resolve("bob.json"),
                "--set",
                "storages.drive.client-id=" + FakeGoogle.CLIENT_ID,
                "--set",
                "storages.drive.client-secret=" + FakeGoogle.CLIENT_SECRET));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(data.resolve(output).toFile()))
                .start();
    }

    private void start() throws IOException {
        Files.writeString(data.resolve("ann.json"), drive.account(ANN).serviceAccountKey());
        Files.writeString(data.resolve("bob.json"), drive.account(BOB).serviceAccountKey());
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Process started = run("server.log", List.of("serve", "--port", Integer.toString(port)));
        server = started;
        uri = URI.create("http://127.0.0.1:" + port);
        await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> {
            assertThat(started.isAlive())
                    .as(Files.readString(data.resolve("server.log")))
                    .isTrue();
            return get("/health/ready").statusCode() == 200;
        });
    }

    private HttpResponse<String> get(String path) throws IOException {
        return send(HttpRequest.newBuilder(uri.resolve(path)));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try {
            return http.send(request.timeout(Duration.ofSeconds(60)).build(), BodyHandlers.ofString());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private String upload(int size) throws IOException {
        sent++;
        String name = "clip" + sent + ".bin";
        HttpResponse<String> made = send(HttpRequest.newBuilder(uri.resolve("/files/"))
                .header("Tus-Resumable", "1.0.0")
                .header("Upload-Length", Integer.toString(size))
                .header(
                        "Upload-Metadata",
                        "filename " + java.util.Base64.getEncoder().encodeToString(name.getBytes(UTF_8)))
                .POST(BodyPublishers.noBody()));
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        HttpResponse<String> patched = send(HttpRequest.newBuilder(
                        uri.resolve(made.headers().firstValue("Location").orElseThrow()))
                .header("Tus-Resumable", "1.0.0")
                .header("Upload-Offset", "0")
                .header("Content-Type", "application/offset+octet-stream")
                .method("PATCH", BodyPublishers.ofByteArray(bytes)));
        assertThat(patched.statusCode())
                .as(patched.body() + Files.readString(data.resolve("server.log")))
                .isEqualTo(204);
        assertThat(drive.stored()).extracting(Stored::name).contains(name);
        return name;
    }

    private List<String> begunBy() {
        return drive.calls().of(Step.START).stream()
                .filter(call -> call.status() == 200)
                .map(Call::account)
                .map(String::valueOf)
                .toList();
    }

    private String accounts() throws IOException {
        return get("/api/v1/storages").body();
    }

    @Test
    void anUploadGoesToAnotherAccountWhereItsOwnIsOverItsLimitAlsoAfterSigkill() throws Exception {
        drive.account(ANN).storage(30L << 30);
        drive.account(ANN).daily(0);
        start();
        upload(MIB);
        upload(20 * MIB);
        assertThat(begunBy()).isNotEmpty().containsOnly(BOB);
        assertThat(drive.calls().of(Step.START))
                .filteredOn(call -> call.status() == 403)
                .hasSize(1);
        assertThat(accounts())
                .contains("\"account\":\"" + ANN + "\",\"state\":\"set_aside\"")
                .contains("User rate limit exceeded.")
                .contains("\"account\":\"" + BOB + "\",\"state\":\"ready\"");
        assertThat(Files.readString(data.resolve("server.log")).lines())
                .filteredOn(line -> line.contains("account " + ANN + " of storage drive is set aside until"))
                .hasSize(1);

        kill();
        drive.calls().clear();
        start();
        assertThat(sentToday(BOB)).as("counted before it is sent, in steps").isBetween(21L * MIB, 128L * MIB);
        upload(MIB);
        assertThat(begunBy()).containsOnly(BOB);
        assertThat(drive.calls().of(Step.START)).allMatch(call -> call.status() == 200);
        assertThat(accounts()).contains("\"account\":\"" + ANN + "\",\"state\":\"set_aside\"");
        assertThat(drive.openSessions()).isEmpty();

        drive.account(BOB).daily(0);
        HttpResponse<String> refused = refused();
        assertThat(refused.statusCode()).isEqualTo(507);
        assertThat(refused.body()).contains("quota_exceeded", ANN, BOB, "User rate limit exceeded.");
    }

    private long sentToday(String account) throws IOException {
        for (JsonNode one : new ObjectMapper().readTree(accounts()).findParents("sentToday")) {
            if (one.path("account").asText().equals(account)) {
                return one.path("sentToday").longValue();
            }
        }
        throw new AssertionError("no account " + account);
    }

    private HttpResponse<String> refused() throws IOException {
        HttpResponse<String> made = send(HttpRequest.newBuilder(uri.resolve("/api/v1/upload/initiate"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"filename\":\"last.bin\",\"size\":10}")));
        String id = made.body().replaceAll(".*\"file_id\":\"([^\"]+)\".*", "$1");
        return send(
                HttpRequest.newBuilder(uri.resolve("/api/v1/upload/" + id)).PUT(BodyPublishers.ofString("0123456789")));
    }

    @Test
    void anAccountThatIsConnectedTakesUploadsUntilItIsRevokedAndAgainOnceItIsConnectedAnew() throws Exception {
        start();
        String cat = "cat@example.com";
        drive.account(cat).storage(90L << 30);
        connect(cat);
        upload(MIB);
        assertThat(begunBy()).containsExactly(cat);
        drive.account(cat).revoke();
        upload(MIB);
        assertThat(begunBy()).containsExactly(cat, ANN);
        assertThat(accounts()).contains("\"account\":\"" + cat + "\",\"state\":\"revoked\"");
        drive.account(cat).restore();
        connect(cat);
        upload(MIB);
        assertThat(begunBy()).containsExactly(cat, ANN, cat);
        assertThat(Files.readString(data.resolve("server.log")))
                .doesNotContain("1//0")
                .doesNotContain("ya29.")
                .doesNotContain(FakeGoogle.CLIENT_SECRET);
        assertThat(accounts()).doesNotContainPattern(TOKEN);
        tokensAreNowhereInTheClear();
    }

    private void tokensAreNowhereInTheClear() throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, ISO_8859_1))
                        .as(file.toString())
                        .doesNotContainPattern(TOKEN)
                        .doesNotContain(FakeGoogle.CLIENT_SECRET);
            }
        }
    }

    private void connect(String account) throws Exception {
        Files.deleteIfExists(data.resolve("connect.log"));
        Process command = run("connect.log", List.of("storage", "connect", "drive", "--no-browser"));
        send(HttpRequest.newBuilder(URI.create(page() + "&login_hint=" + account)));
        assertThat(command.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(command.exitValue())
                .as(Files.readString(data.resolve("connect.log")))
                .isZero();
        assertThat(Files.readString(data.resolve("connect.log"))).contains(account + " is connected to drive, with ");
    }

    private String page() {
        var page = PAGE.matcher("");
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> page.reset(Files.readString(data.resolve("connect.log")))
                        .find());
        return page.group();
    }

    @Test
    void ctrlCEndsTheWaitForConsent() throws Exception {
        drive.account(ANN);
        Files.writeString(data.resolve("ann.json"), drive.account(ANN).serviceAccountKey());
        Files.writeString(data.resolve("bob.json"), drive.account(BOB).serviceAccountKey());
        Process command = run("connect.log", List.of("storage", "connect", "drive", "--no-browser"));
        assertThat(page()).isNotEmpty();
        assertThat(new ProcessBuilder("kill", "-INT", Long.toString(command.pid()))
                        .start()
                        .waitFor())
                .isZero();
        assertThat(command.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(command.exitValue()).isEqualTo(130);
    }
}
