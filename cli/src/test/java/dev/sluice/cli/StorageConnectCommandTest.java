package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.app.Configuration;
import dev.sluice.app.DataFolder;
import dev.sluice.app.Logs;
import dev.sluice.fakes.FakeDrive;
import dev.sluice.fakes.FakeGoogle;
import dev.sluice.server.SluiceServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The consent page is a fake's, which consents at once; the browser is a client that follows it.
@NullMarked
@Timeout(60)
class StorageConnectCommandTest {
    private static final String ANN = "ann@example.com";
    private static final Pattern PAGE = Pattern.compile("http://\\S+/o/oauth2/v2/auth\\?\\S+");

    private final FakeDrive drive = FakeDrive.start();
    private final HttpClient browser =
            HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @AfterEach
    void close() {
        browser.close();
        drive.close();
    }

    private Map<String, String> settings() {
        return Map.of(
                "storage",
                "drive",
                "storages.drive.kind",
                "gdrive",
                "storages.drive.endpoint",
                drive.url(),
                "storages.drive.client-id",
                FakeGoogle.CLIENT_ID,
                "storages.drive.client-secret",
                FakeGoogle.CLIENT_SECRET);
    }

    private CompletableFuture<Integer> start(String... words) {
        var args = new ArrayList<>(List.of("storage"));
        args.addAll(List.of(words));
        args.addAll(List.of("--data", folder.toString()));
        settings().forEach((key, value) -> args.addAll(List.of("--set", key + "=" + value)));
        return CompletableFuture.supplyAsync(
                () -> Main.run(args.toArray(String[]::new), new PrintWriter(out, true), new PrintWriter(err, true)));
    }

    private CompletableFuture<Integer> connect(String... more) {
        return start(Stream.concat(Stream.of("connect", "drive", "--no-browser"), Stream.of(more))
                .toArray(String[]::new));
    }

    /// The address that was printed.
    private URI page() {
        var page = PAGE.matcher("");
        await().until(() -> page.reset(err.toString()).find());
        return URI.create(page.group());
    }

    private HttpResponse<String> open(URI page) throws IOException, InterruptedException {
        return browser.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString());
    }

    private SluiceServer server(DataFolder data) {
        var flags = new HashMap<>(settings());
        flags.put("server.port", "0");
        var known = Configuration.load(folder, null, flags, Map.of()).settings();
        Logs.configure(folder, known.log());
        return SluiceServer.start(data, known);
    }

    @Test
    void anAccountIsConnectedAndDisconnectedWhereNoServerRuns() throws Exception {
        drive.account(ANN).storage(5L << 30);
        var command = connect();
        var shown = open(page());
        assertThat(shown.statusCode()).isEqualTo(200);
        assertThat(shown.body()).contains("Connected", ANN, "You can close this page.");
        assertThat(command.join()).as(err.toString()).isEqualTo(Exit.DONE);
        assertThat(out.toString()).isEqualToIgnoringNewLines(ANN + " is connected to drive, with 5.0 GiB free.");
        assertThat(err.toString()).contains("ssh -L ");

        try (var data = DataFolder.open(folder);
                var server = server(data)) {
            assertThat(accounts(server)).contains(ANN, "\"ready\"");
        }
        assertThat(start("disconnect", "drive", ANN).join()).isEqualTo(Exit.DONE);
        assertThat(start("disconnect", "drive", ANN).join()).isEqualTo(Exit.NOT_FOUND);
    }

    private String accounts(SluiceServer server) throws IOException, InterruptedException {
        var answer = open(URI.create(server.url() + "/api/v1/storages"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    @Test
    void aServerThatRunsIsHandedTheAccountThroughItsSocketAndWritesNoSecretDown() throws Exception {
        drive.account(ANN);
        String grant = drive.account(ANN).refreshToken();
        try (var data = DataFolder.open(folder);
                var server = server(data)) {
            assertThat(accounts(server)).doesNotContain("accounts");
            var command = connect("--json");
            assertThat(open(page()).body()).contains("Connected");
            assertThat(command.join()).as(err.toString()).isEqualTo(Exit.DONE);
            assertThat(Json.parse(out.toString()).path("account").asText()).isEqualTo(ANN);
            assertThat(Json.parse(out.toString()).path("free").asLong()).isEqualTo(15L << 30);
            assertThat(accounts(server)).contains(ANN, "\"ready\"");

            var byNetwork = HttpRequest.newBuilder(URI.create(server.url() + "/api/v1/storages/drive/accounts"))
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString("{\"grant\":\"" + grant + "\"}"))
                    .build();
            assertThat(browser.send(byNetwork, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(403);
            assertThat(start("disconnect", "drive", ANN).join()).isEqualTo(Exit.DONE);
            assertThat(accounts(server)).doesNotContain("accounts");
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain("1//0")
                        .doesNotContain(FakeGoogle.CLIENT_SECRET);
            }
        }
        assertThat(out + err.toString()).doesNotContain("1//0").doesNotContain(FakeGoogle.CLIENT_SECRET);
    }

    @Test
    void whoDoesNotConsentIsToldSoAndNothingIsConnected() throws Exception {
        drive.account(ANN).revoke();
        var command = connect();
        assertThat(open(page()).body()).contains("Not connected", "access_denied");
        assertThat(command.join()).isEqualTo(Exit.REFUSED);
        assertThat(err.toString()).contains("Google says access_denied");
    }

    @Test
    void whatIsNoAnswerToTheQuestionChangesNothing() throws Exception {
        drive.account(ANN);
        var command = connect();
        var redirect = URI.create(java.net.URLDecoder.decode(
                page().getRawQuery().replaceAll(".*redirect_uri=([^&]+).*", "$1"),
                java.nio.charset.StandardCharsets.UTF_8));
        assertThat(redirect.getHost()).isEqualTo("127.0.0.1");
        for (String path : new String[] {"", "?code=4/0x&state=guessed", "?error=access_denied", "favicon.ico"}) {
            assertThat(open(redirect.resolve("/" + path)).statusCode()).isEqualTo(404);
        }
        assertThat(command).isNotDone();
        assertThat(open(page()).body()).contains("Connected");
        assertThat(command.join()).isEqualTo(Exit.DONE);
    }

    @Test
    void theWaitEnds() {
        drive.account(ANN);
        assertThat(connect("--wait", "1").join()).isEqualTo(Exit.FAILED);
        assertThat(err.toString()).contains("nobody has consented within 1 s");
    }

    @Test
    void theBrowserIsAnsweredAtThePortThatWasChosen() throws Exception {
        drive.account(ANN);
        int port;
        try (var free = new java.net.ServerSocket(0)) {
            port = free.getLocalPort();
        }
        var command = connect("--port", Integer.toString(port));
        assertThat(page().toString()).contains("127.0.0.1%3A" + port);
        assertThat(open(page()).statusCode()).isEqualTo(200);
        assertThat(command.join()).isEqualTo(Exit.DONE);
        assertThat(connect("--port", "70000").join()).isEqualTo(Exit.USAGE);
    }

    @Test
    void aStorageThatTakesNoAccountsIsRefusedAtOnce() {
        assertThat(start("connect", "local").join()).isEqualTo(Exit.USAGE);
        assertThat(err.toString()).contains("there is no storage \"local\"");
    }
}
