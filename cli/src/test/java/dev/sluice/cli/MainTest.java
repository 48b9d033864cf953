package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullMarked
@Timeout(30)
class MainTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path data;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "serve",
                "upload",
                "jobs",
                "watch",
                "cancel",
                "pause",
                "resume",
                "retry",
                "status",
                "config",
                "doctor",
                "completion"
            })
    void everyCommandTeachesByExample(String command) {
        assertThat(run(command, "--help")).isEqualTo(Exit.DONE);
        assertThat(out.toString())
                .contains("Example")
                .contains("--data")
                .contains("--json")
                .contains("--config");
    }

    @Test
    void withoutACommandTheHelpIsShown() {
        assertThat(run()).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("Examples:").doesNotContain("rehearse");
    }

    @Test
    void whatIsNotUnderstoodIsUsage() {
        assertThat(run("frobnicate")).isEqualTo(Exit.USAGE);
        assertThat(run("jobs", "--frobnicate")).isEqualTo(Exit.USAGE);
        assertThat(run("cancel")).isEqualTo(Exit.USAGE);
        assertThat(run("cancel", "../etc")).isEqualTo(Exit.USAGE);
        assertThat(run("status", "--server", "localhost")).isEqualTo(Exit.USAGE);
    }

    @Test
    void withoutAServerEveryTalkingCommandSaysHowToStartOne() {
        for (var command : new String[][] {{"jobs"}, {"status"}, {"cancel", "x"}, {"watch"}, {"watch", "x"}}) {
            var args = new String[command.length + 2];
            System.arraycopy(command, 0, args, 0, command.length);
            args[command.length] = "--data";
            args[command.length + 1] = data.toString();
            assertThat(run(args)).isEqualTo(Exit.UNREACHABLE);
        }
        assertThat(err.toString()).contains("sluice serve --data " + data);
    }

    @Test
    void theServerIsFoundThroughTheDataFolder() throws IOException {
        try (var server = new TestingServer()) {
            Files.writeString(data.resolve("server.json"), "{\"pid\":1,\"url\":\"" + server.url() + "\"}");
            assertThat(run("jobs", "--data", data.toString())).isEqualTo(Exit.DONE);
            assertThat(out.toString()).isEqualTo("no jobs\n");
        }
    }

    @Test
    void filtersBecomeTheQuery() throws IOException {
        try (var server = new TestingServer()) {
            assertThat(run("jobs", "--server", server.url(), "--state", "running", "--q", "a b&c", "--json"))
                    .isEqualTo(Exit.DONE);
            assertThat(server.requests).containsExactly("GET /api/v1/jobs?state=running&q=a%20b%26c");
            assertThat(out.toString()).isEqualTo("{\"jobs\":[]}\n");
        }
    }

    @Test
    void aCancelsExitCodeTellsItsOutcome() throws IOException {
        try (var server = new TestingServer()) {
            assertThat(run("cancel", "batch-1", "--server", server.url(), "--json"))
                    .isEqualTo(Exit.DONE);
            assertThat(Json.parse(out.toString()).at("/receipt/by").asText()).isEqualTo("cli");
            assertThat(run("cancel", "unknown", "--server", server.url())).isEqualTo(Exit.NOT_FOUND);
            assertThat(run("cancel", "ended", "--server", server.url())).isEqualTo(Exit.ALREADY_ENDED);
            assertThat(run("cancel", "forbidden", "--server", server.url())).isEqualTo(Exit.REFUSED);
            assertThat(err.toString()).contains("has already completed");
        }
    }

    @Test
    void anUnknownJobIsADocumentWithJson() throws IOException {
        try (var server = new TestingServer()) {
            assertThat(run("cancel", "unknown", "--server", server.url(), "--json"))
                    .isEqualTo(Exit.NOT_FOUND);
            assertThat(Json.parse(out.toString()).path("success").asBoolean(true))
                    .isFalse();
            assertThat(err.toString()).isEmpty();
        }
    }

    @Test
    void doctorNamesWhatItLookedAt() {
        assertThat(run("doctor", "--data", data.toString(), "--json")).isEqualTo(Exit.DONE);
        assertThat(Json.parse(out.toString()).path("checks").findValuesAsText("name"))
                .contains("java", "data", "space", "server", "curl", "ffmpeg");
    }

    @Test
    void completionKnowsTheCommands() {
        assertThat(run("completion")).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("upload").contains("complete -F");
    }

    private int run(String... args) {
        return Main.run(args, new PrintWriter(out), new PrintWriter(err));
    }
}
