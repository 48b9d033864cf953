package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.core.ErrorCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
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
                "download",
                "import",
                "imports",
                "tables",
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
        assertThat(doctor("--port", "0")).isEqualTo(Exit.DONE);
        assertThat(checks().findValuesAsText("name"))
                .containsExactly(
                        "java",
                        "data",
                        "configuration",
                        "storage local",
                        "yt-dlp",
                        "ffmpeg",
                        "port 0",
                        "server",
                        "curl");
        assertThat(Json.parse(out.toString()).path("ok").asBoolean()).isTrue();
    }

    /// As clamd answers `VERSION`.
    @Test
    void doctorAsksClamdWhatItIs() throws IOException, InterruptedException {
        try (var clamd = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var answering = Thread.startVirtualThread(() -> {
                try (var asked = clamd.accept()) {
                    asked.getInputStream().readNBytes("zVERSION\0".length());
                    asked.getOutputStream().write("ClamAV 1.4.3/27500/Wed Jan  1 08:00:00 2025\0".getBytes(US_ASCII));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            var address = "127.0.0.1:" + clamd.getLocalPort();
            assertThat(doctor("--port", "0", "--set", "scan.clamd=" + address)).isEqualTo(Exit.DONE);
            assertThat(check("clamd").path("text").asText()).contains("ClamAV 1.4.3", "27500", address);
            answering.join();
        }
    }

    @Test
    void doctorSaysWhereClamdIsNotReached() {
        var nowhere = "scan.clamd=" + data.resolve("none.ctl");
        assertThat(doctor("--port", "0", "--set", nowhere)).isEqualTo(Exit.FAILED);
        assertThat(check("clamd").path("text").asText()).contains("none.ctl");
        assertThat(doctor("--port", "0", "--set", nowhere, "--set", "scan.mode=optional"))
                .isEqualTo(Exit.DONE);
        assertThat(check("clamd").path("ok").asBoolean(true)).isFalse();
    }

    @Test
    void doctorReadsTheConfigurationThatServeWouldRead() throws IOException {
        var file = Files.writeString(data.resolve("other.yaml"), "storages:\n  archive:\n    path: far/away\n");
        assertThat(doctor("--port", "0", "--config", file.toString(), "--set", "storage=archive"))
                .isEqualTo(Exit.DONE);
        assertThat(check("storage archive").path("text").asText()).contains("away (will be made)", "free");
        assertThat(Files.exists(data.resolve("far"))).isFalse();
    }

    @Test
    void doctorFindsAConfigurationThatDoesNotHold() throws IOException {
        var file = Files.writeString(data.resolve("sluice.yaml"), "server:\n  prot: 8080\n");
        assertThat(doctor()).isEqualTo(Exit.FAILED);
        assertThat(check("configuration").path("ok").asBoolean(true)).isFalse();
        assertThat(check("configuration").path("text").asText()).contains("server.prot", file.toString());
    }

    @Test
    void doctorFindsAStorageThatCannotBe() throws IOException {
        var file = Files.writeString(data.resolve("file"), "");
        assertThat(doctor("--port", "0", "--set", "storages.local.path=file/files"))
                .isEqualTo(Exit.FAILED);
        assertThat(check("storage local").path("text").asText()).contains(file + " is no folder");
    }

    @Test
    void doctorFindsADiskThatHasNoMoreThanTheReserve() {
        assertThat(doctor("--port", "0", "--set", "storages.local.reserve=8000000 GiB"))
                .isEqualTo(Exit.FAILED);
        assertThat(check("storage local").path("text").asText()).contains("no more than the reserve");
    }

    @Test
    void doctorSaysWhichToolsThereAreAndThatFilesComeWithout() throws IOException {
        var now = DateTimeFormatter.ofPattern("uuuu.MM.dd").format(LocalDate.now(ZoneOffset.UTC));
        var tool = Files.writeString(data.resolve("yt-dlp"), "#!/bin/sh\necho " + now + "\necho more\n");
        Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwx------"));
        assertThat(doctor("--port", "0", "--set", "download.yt-dlp=" + tool, "--set", "download.ffmpeg=/no/ffmpeg"))
                .isEqualTo(Exit.DONE);
        assertThat(check("yt-dlp").path("text").asText()).isEqualTo(now + " (" + tool + ")");
        assertThat(check("ffmpeg").path("ok").asBoolean(true)).isFalse();
        assertThat(check("ffmpeg").path("text").asText()).contains("/no/ffmpeg", "install the package ffmpeg");
    }

    @Test
    void doctorSaysThatAYtDlpIsOld() throws IOException {
        var tool = Files.writeString(data.resolve("yt-dlp"), "#!/bin/sh\necho 2023.03.04\n");
        Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwx------"));
        assertThat(doctor("--port", "0", "--set", "download.yt-dlp=" + tool)).isEqualTo(Exit.DONE);
        assertThat(check("yt-dlp").path("ok").asBoolean()).isTrue();
        assertThat(check("yt-dlp").path("text").asText()).contains("2023.03.04", "older than a year");
    }

    @Test
    void doctorFindsANetworkThatIsNone() {
        assertThat(doctor("--port", "0", "--set", "download.allow-networks=10.0.0.0/99"))
                .isEqualTo(Exit.FAILED);
        assertThat(check("download").path("text").asText()).contains("download.allow-networks", "10.0.0.0/99");
    }

    @Test
    void doctorFindsADefaultStorageThatIsNotThere() {
        assertThat(doctor("--port", "0", "--set", "storage=cloud")).isEqualTo(Exit.FAILED);
        assertThat(check("storage").path("text").asText()).contains("\"cloud\"", "local");
    }

    @Test
    void doctorFindsAPortThatIsTaken() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var port = String.valueOf(taken.getLocalPort());
            assertThat(doctor("--port", port)).isEqualTo(Exit.FAILED);
            assertThat(check("port " + port).path("text").asText()).contains("cannot listen on 127.0.0.1:" + port);
        }
    }

    @Test
    void doctorFindsAnAddressThatMustNotBe() {
        assertThat(doctor("--port", "0", "--host", "0.0.0.0")).isEqualTo(Exit.FAILED);
        assertThat(check("address").path("text").asText()).contains("loopback");
    }

    @Test
    void doctorNamesTheFoldersThatAreOpenToRequests() throws IOException {
        var shots = Files.createDirectory(data.resolve("shots"));
        assertThat(doctor("--port", "0", "--set", "files.roots=" + shots)).isEqualTo(Exit.DONE);
        assertThat(check("files.roots").path("text").asText()).isEqualTo(shots.toString());
    }

    @Test
    void doctorFindsAFolderThatIsNotThereAndOpenToRequests() {
        var gone = data.resolve("gone");
        assertThat(doctor("--port", "0", "--set", "files.roots=" + gone)).isEqualTo(Exit.FAILED);
        assertThat(check("files.roots").path("text").asText()).contains("there is no folder " + gone);
    }

    @Test
    void doctorFindsADatabaseThatDoesNotAnswer() {
        assertThat(doctor("--port", "0", "--set", "state.url=jdbc:postgresql://127.0.0.1:1/none"))
                .isEqualTo(Exit.FAILED);
        assertThat(check("database").path("text").asText()).contains("127.0.0.1:1");
    }

    private int doctor(String... more) {
        var all = new ArrayList<>(List.of("doctor", "--data", data.toString(), "--json"));
        all.addAll(List.of(more));
        return run(all.toArray(String[]::new));
    }

    private JsonNode checks() {
        return Json.parse(out.toString()).path("checks");
    }

    private JsonNode check(String name) {
        for (var check : checks()) {
            if (check.path("name").asText().equals(name)) {
                return check;
            }
        }
        throw new AssertionError("no check " + name + " in " + out);
    }

    /// The codes that the command itself gives are in the one table.
    @Test
    void aConfigurationThatDoesNotHoldHasItsCode() {
        assertThat(run("config", "--data", data.toString(), "--set", "no.such=1", "--json"))
                .isEqualTo(Exit.USAGE);
        var code = Json.parse(out.toString()).path("code").asText();
        assertThat(ErrorCode.of(code)).isEqualTo(ErrorCode.CONFIGURATION);
    }

    @Test
    void helpPromisesWhatThereIs() {
        assertThat(run("serve", "--help")).isEqualTo(Exit.DONE);
        assertThat(run("status", "--help")).isEqualTo(Exit.DONE);
        assertThat(run()).isEqualTo(Exit.DONE);
        assertThat(out.toString()).doesNotContain("page, API").doesNotContain("space");
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
