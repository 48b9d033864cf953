package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullMarked
@Timeout(60)
class StorageCommandTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path data;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.run(args, new PrintWriter(out), new PrintWriter(err));
    }

    private int storage(String... more) {
        var all = new ArrayList<>(List.of("storage"));
        all.addAll(List.of(more));
        all.addAll(List.of("--data", data.toString()));
        return run(all.toArray(String[]::new));
    }

    private JsonNode json() {
        return Json.parse(out.toString());
    }

    private Path yaml() {
        return data.resolve("sluice.yaml");
    }

    private static int closedPort() throws IOException {
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"list", "test", "add"})
    void everyCommandTeachesByExample(String command) {
        assertThat(run("storage", command, "--help")).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("Examples:", "--data", "--json", "--config");
    }

    @Test
    void theGroupTellsWhatItHas() {
        assertThat(run("storage")).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("list", "test", "add", "Examples:");
    }

    @Test
    void withoutAServerTheConfigurationIsListed() throws IOException {
        Files.writeString(yaml(), """
                storages:
                  disk:
                    path: here
                  clips:
                    kind: s3
                    bucket: b
                    access-key: who
                    secret-key: hidden
                storage: disk
                """);
        assertThat(storage("list")).isEqualTo(Exit.DONE);
        assertThat(out.toString())
                .contains("NAME", "bucket b in us-east-1", data.resolve("here").toString())
                .doesNotContain("hidden");
        assertThat(storage("list", "--json")).isEqualTo(Exit.DONE);
        assertThat(json().path("storages").path(1).toString())
                .isEqualTo("{\"name\":\"disk\",\"kind\":\"local\",\"default\":true,\"place\":\"" + data.resolve("here")
                        + "\"}");
        assertThat(data.resolve("here")).doesNotExist();
    }

    @Test
    void ofAServerItsOwnAreListed() throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/v1/storages", exchange -> {
            byte[] answer = "{\"storages\":[]}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        try {
            var url = "http://127.0.0.1:" + server.getAddress().getPort();
            assertThat(storage("list", "--json", "--server", url)).isEqualTo(Exit.DONE);
            assertThat(json().path("storages").isArray()).isTrue();
            assertThat(json().path("storages")).isEmpty();
            Files.writeString(data.resolve("server.json"), "{\"pid\":1,\"url\":\"" + url + "\"}");
            assertThat(storage("list", "--json")).isEqualTo(Exit.DONE);
            assertThat(json().path("storages")).isEmpty();
        } finally {
            server.stop(0);
        }
        assertThat(storage("list", "--server", "http://127.0.0.1:" + closedPort()))
                .isEqualTo(Exit.UNREACHABLE);
    }

    @Test
    void aDiskIsTriedStepByStep() throws IOException {
        assertThat(storage("test", "local")).isEqualTo(Exit.DONE);
        assertThat(out.toString().lines().map(line -> line.split(" +")[1]))
                .containsExactly("answer", "write", "read", "range", "delete", "abort");
        assertThat(storage("test", "local", "--json")).isEqualTo(Exit.DONE);
        assertThat(json().path("ok").asBoolean()).isTrue();
        assertThat(json().path("steps"))
                .hasSize(6)
                .allMatch(step -> step.path("ok").asBoolean());
        try (Stream<Path> left = Files.list(data)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void whatDoesNotWorkIsSaidAndEndsWithOne() throws IOException {
        var port = closedPort();
        var bucket = new String[] {
            "test",
            "clips",
            "--json",
            "--set",
            "storages.clips.kind=s3",
            "--set",
            "storages.clips.bucket=b",
            "--set",
            "storages.clips.endpoint=http://127.0.0.1:" + port,
            "--set",
            "storages.clips.access-key=who-asks",
            "--set",
            "storages.clips.secret-key=hidden-word"
        };
        assertThat(storage(bucket)).isEqualTo(Exit.FAILED);
        assertThat(json().path("ok").asBoolean(true)).isFalse();
        var step = json().path("steps").path(0);
        assertThat(step.path("name").asText()).isEqualTo("answer");
        assertThat(step.path("code").asText()).isEqualTo("upstream_unavailable");
        assertThat(step.path("text").asText()).contains("127.0.0.1:" + port);
        bucket[2] = "--set=log.level=info";
        assertThat(storage(bucket)).isEqualTo(Exit.FAILED);
        assertThat(out.toString()).startsWith("FAIL  answer").doesNotContain("hidden-word", "who-asks");
        assertThat(storage("test", "local", "--set", "storages.local.reserve=8000000 GiB"))
                .isEqualTo(Exit.FAILED);
        assertThat(out.toString()).contains("FAIL  write", "bytes are missing");
    }

    @Test
    void whatIsNotThereOrDoesNotHoldIsTold() {
        assertThat(storage("test", "moon")).isEqualTo(Exit.NOT_FOUND);
        assertThat(err.toString()).contains("there is no storage \"moon\"; there are: local");
        assertThat(storage("test", "clips", "--set", "storages.clips.kind=s3", "--json"))
                .isEqualTo(Exit.USAGE);
        assertThat(json().path("code").asText()).isEqualTo("configuration");
        assertThat(storage("test", "clips", "--set", "storages.clips.kind=tape"))
                .isEqualTo(Exit.USAGE);
        assertThat(err.toString()).contains("tape");
    }

    @Test
    void aDiskIsAddedAndKnownAfterwards() throws IOException {
        assertThat(storage("add", "archive", "--kind", "local", "--path", "far/away", "--json"))
                .isEqualTo(Exit.DONE);
        assertThat(json().path("ok").asBoolean()).isTrue();
        assertThat(json().path("steps")).hasSize(6);
        assertThat(json().path("message").asText()).contains("started anew");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(yaml())))
                .isEqualTo("rw-------");
        assertThat(storage("list", "--json")).isEqualTo(Exit.DONE);
        assertThat(json().path("storages").findValuesAsText("name")).containsExactly("archive", "local");
        assertThat(storage("add", "archive", "--kind", "local")).isEqualTo(Exit.USAGE);
        assertThat(err.toString()).contains("there is a storage \"archive\" already");
    }

    @Test
    void aBucketThatCannotBeReachedIsNotWrittenUnlessAskedTo() throws IOException {
        var secret = Files.writeString(data.resolve("secret"), "hidden-word\n").toString();
        var add = new String[] {
            "add",
            "clips",
            "--kind",
            "s3",
            "--bucket",
            "b",
            "--endpoint",
            "http://127.0.0.1:" + closedPort(),
            "--path-style",
            "--access-key",
            "who",
            "--secret-key-file",
            secret,
            "--config",
            yaml().toString(),
            "--json"
        };
        assertThat(storage(add)).isEqualTo(Exit.FAILED);
        assertThat(json().path("message").asText()).contains("nothing was written", "--no-test");
        assertThat(yaml()).doesNotExist();
        add[add.length - 1] = "--no-test";
        assertThat(storage(add)).isEqualTo(Exit.DONE);
        assertThat(yaml()).content().contains("secret-key: hidden-word", "path-style: true", "  local:");
        assertThat(out.toString()).doesNotContain("hidden-word");
        assertThat(run("config", "--data", data.toString())).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("storages.clips.secret-key = ***").doesNotContain("hidden-word");
    }

    @Test
    void doctorAsksEveryStorageAndShowsNoSecret() throws IOException {
        Files.writeString(
                yaml(),
                "storages:\n  local:\n    kind: local\n  clips:\n    kind: s3\n    bucket: b\n    access-key: who\n"
                        + "    secret-key: hidden-word\n    endpoint: http://127.0.0.1:" + closedPort() + "\n");
        assertThat(run("doctor", "--data", data.toString(), "--port", "0", "--json"))
                .isEqualTo(Exit.FAILED);
        for (var check : json().path("checks")) {
            if (check.path("name").asText().equals("storage clips")) {
                assertThat(check.path("ok").asBoolean(true)).isFalse();
                assertThat(check.path("text").asText()).contains("no answer");
            }
        }
        assertThat(out.toString()).contains("storage clips").doesNotContain("hidden-word");
    }

    @Test
    void whatCannotBeAddedIsRefused() {
        refused("--kind wants one of", "add", "clips");
        refused("--kind wants one of", "add", "clips", "--kind", "tape");
        refused("--path is not for the kind s3", "add", "clips", "--kind", "s3", "--path", "x");
        refused("storages.clips.bucket is missing", "add", "clips", "--kind", "s3");
        refused(
                "storages.clips.secret-key is missing",
                "add",
                "c",
                "--kind",
                "s3",
                "--bucket",
                "b",
                "--access-key",
                "a");
        refused(
                "NO_SUCH_VARIABLE",
                "add",
                "c",
                "--kind",
                "s3",
                "--bucket",
                "b",
                "--secret-key-env",
                "NO_SUCH_VARIABLE");
        refused("cannot be read", "add", "c", "--kind", "s3", "--bucket", "b", "--secret-key-file", "/no/such/file");
        refused(
                "two places",
                "add",
                "c",
                "--kind",
                "s3",
                "--secret-key-file",
                "/no/such/file",
                "--secret-key-env",
                "X");
        // No secret is an argument.
        refused("--secret-key", "add", "c", "--kind", "s3", "--bucket", "b", "--secret-key=hidden-word");
    }

    private void refused(String said, String... command) {
        assertThat(storage(command)).isEqualTo(Exit.USAGE);
        assertThat(err.toString()).contains(said.replace("storages.clips.secret-key", "secret-key"));
        assertThat(yaml()).doesNotExist();
    }
}
