package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Operations of several processes on one data folder: stopped, handed over, gone on with.
@NullMarked
@Timeout(180)
class OperationProcessTest {
    private static final int SIZE = 24_000_000;
    /// The large file takes a quarter of a minute at it.
    private static final String SLOW = "1500K";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void files() throws IOException {
        Files.createDirectories(at("data"));
        Files.writeString(at("data/sluice.yaml"), "operations:\n  port: 0\n");
        Files.createDirectories(at("a"));
        var bytes = new byte[SIZE];
        new Random(7).nextBytes(bytes);
        Files.write(at("a/large.mov"), bytes);
        Files.writeString(at("a/small.txt"), "small");
    }

    @Test
    void ctrlCLeavesNothingBehind() throws IOException {
        try (var copy = slowly("copy", "large.mov", "b/", "--json")) {
            assertThat(Json.parse(copy.first()).path("totalBytes").asLong()).isEqualTo(SIZE);
            assertThat(awaitMoving(copy)).isTrue();
            copy.interrupt();
            assertThat(copy.exit()).isEqualTo(Exit.CANCELLED);
            var report = Json.parse(copy.lines().getLast());
            assertThat(report.path("success").asBoolean(true)).isFalse();
            assertThat(report.path("state").asText()).isEqualTo("cancelled");
            var last = Json.parse(copy.lines().get(copy.lines().size() - 2));
            assertThat(last.path("status").asText()).isEqualTo("cancelled");
        }
        assertThat(names("b")).isEmpty();
        assertThat(Files.size(at("a/large.mov"))).isEqualTo(SIZE);
    }

    @Test
    void anotherTerminalCancels() throws IOException {
        try (var copy = slowly("copy", "large.mov", "b/", "--json")) {
            var batch = Json.parse(copy.first()).path("batch_id").asText();
            assertThat(run("cancel", batch, "--json")).as(out + "" + err).isEqualTo(Exit.DONE);
            var answer = Json.parse(out.toString());
            assertThat(answer.path("success").asBoolean()).isTrue();
            assertThat(answer.path("message").asText()).endsWith("cancelled");
            assertThat(answer.path("batch_id").asText()).isEqualTo(batch);
            assertThat(names("b")).isEmpty();
            assertThat(copy.exit()).isEqualTo(Exit.CANCELLED);
        }
        assertThat(names("b")).isEmpty();
    }

    @Test
    void whoComesLaterHandsTheWorkOver() throws IOException {
        try (var first = slowly("copy", "large.mov", "b/", "--json")) {
            assertThat(first.first()).contains("batch_id");
            assertThat(run("copy", at("a/small.txt").toString(), at("c") + "/", "--json", "--batch-id", "second"))
                    .as(out + "" + err)
                    .isEqualTo(Exit.DONE);
            assertThat(Files.readString(at("c/small.txt"))).isEqualTo("small");
            assertThat(documents().getFirst().toString())
                    .isEqualTo("{\"batch_id\":\"second\",\"totalFiles\":1,\"totalBytes\":5}");
            assertThat(documents().getLast().at("/totals/copied").asInt()).isEqualTo(1);
            assertThat(run("copy", at("a/small.txt").toString(), at("c") + "/", "--plan"))
                    .isEqualTo(Exit.REFUSED);
            assertThat(run("rename", at("c/small.txt").toString(), "other.txt", "--batch-id", "third"))
                    .isEqualTo(Exit.DONE);
            assertThat(run("undo", "third")).as(out + "" + err).isEqualTo(Exit.DONE);
            assertThat(names("c")).containsExactly("small.txt");
            assertThat(run("copy", at("a/small.txt").toString(), at("c") + "/")).isEqualTo(Exit.REFUSED);
            assertThat(run("undo", "nobody-knows-it")).isEqualTo(Exit.NOT_FOUND);
            first.interrupt();
            assertThat(first.exit()).isEqualTo(Exit.CANCELLED);
        }
    }

    @Test
    void ctrlCEndsAPlanThatAnotherProcessIsMaking() throws IOException {
        Files.createDirectories(at("data"));
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Files.writeString(at("data/server.json"), "{\"url\":\"http://127.0.0.1:" + silent.getLocalPort() + "\"}");
            try (var plan = CommandProcess.start(at("data"), "copy", at("a/small.txt") + "", at("c") + "/", "--plan");
                    var looked = silent.accept();
                    var asked = silent.accept()) {
                assertThat(looked.getInputStream().read()).isEqualTo(-1);
                assertThat(asked.getInputStream().read()).isEqualTo('P');
                plan.interrupt();
                assertThat(plan.exit()).isEqualTo(Exit.CANCELLED);
            }
        }
    }

    @Test
    void whenTheHolderIsKilledWhoFollowsGoesOn() throws IOException {
        try (var holder = slowly("copy", "large.mov", "b/", "--json")) {
            assertThat(holder.first()).contains("batch_id");
            try (var follower = slowly("copy", "large.mov", "c/", "--json", "--batch-id", "follower")) {
                assertThat(awaitMoving(follower)).isTrue();
                holder.kill();
                assertThat(follower.exit()).as(follower.lines().toString()).isEqualTo(Exit.DONE);
                assertThat(Json.parse(follower.lines().getLast())
                                .path("success")
                                .asBoolean())
                        .isTrue();
            }
        }
        assertThat(Files.mismatch(at("a/large.mov"), at("c/large.mov"))).isEqualTo(-1);
        assertThat(names("c")).containsExactly("large.mov");
    }

    @Test
    void aServerDoesTheWork() throws IOException {
        try (var server = CommandProcess.start(at("data"), "serve", "--port", "0")) {
            assertThat(server.first()).startsWith("ready ");
            assertThat(run("move", at("a/small.txt").toString(), at("c") + "/", "--verify", "--json"))
                    .as(out + "" + err)
                    .isEqualTo(Exit.DONE);
            assertThat(documents().getLast().at("/totals/moved").asInt()).isEqualTo(1);
            assertThat(at("a/small.txt")).doesNotExist();
            assertThat(run("copy", at("a/none.txt") + "", at("c") + "/", "--on-cancel", "rollback", "--map", "x"))
                    .isEqualTo(Exit.USAGE);
            try (var copy = slowly("copy", "large.mov", "b/", "--json")) {
                assertThat(awaitMoving(copy)).isTrue();
                copy.interrupt();
                assertThat(copy.exit()).isEqualTo(Exit.CANCELLED);
                assertThat(names("b")).isEmpty();
            }
        }
    }

    // ---- Ours

    private CommandProcess slowly(String command, String source, String target, String... more) throws IOException {
        var args = new ArrayList<>(List.of(command, at("a/" + source).toString(), folder + "/" + target));
        args.addAll(List.of("--bwlimit", SLOW));
        args.addAll(List.of(more));
        return CommandProcess.start(at("data"), args.toArray(String[]::new));
    }

    /// Reads until some of it is copied.
    private static boolean awaitMoving(CommandProcess copy) throws IOException {
        for (var line = copy.line(); line != null; line = copy.line()) {
            if (Json.parse(line).path("progressPercentage").asDouble() > 2) {
                return true;
            }
        }
        return false;
    }

    private Path at(String path) {
        return folder.resolve(path);
    }

    private List<String> names(String where) throws IOException {
        if (Files.notExists(at(where))) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(at(where))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private List<JsonNode> documents() {
        return out.toString().lines().map(Json::parse).toList();
    }

    private int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--data", at("data").toString()));
        return Main.run(all.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err));
    }
}
