package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
@Timeout(30)
class UploadCommandTest {
    private static final int SIZE = 3_000_001;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private TestingServer server;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void start() throws IOException {
        server = new TestingServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aFileArrivesWhole() throws IOException {
        var file = file("film.mp4", SIZE);
        assertThat(upload(file.toString())).isEqualTo(Exit.DONE);
        assertThat(server.only().content()).isEqualTo(Files.readAllBytes(file));
        assertThat(server.only().name).isEqualTo("film.mp4");
        assertThat(out.toString()).contains("uploaded film.mp4");
    }

    @Test
    void anEmptyFileArrives() throws IOException {
        assertThat(upload(file("empty", 0).toString())).isEqualTo(Exit.DONE);
        assertThat(server.only().status).isEqualTo("completed");
    }

    @Test
    void anotherNameIsTold() throws IOException {
        assertThat(upload(file("a.bin", 10).toString(), "--name", "b.bin")).isEqualTo(Exit.DONE);
        assertThat(server.only().name).isEqualTo("b.bin");
    }

    @Test
    void aNameThatBreaksLinesIsShownOnOne() throws IOException {
        assertThat(upload(file("a\nb\u001b[2J.bin", 10).toString())).isEqualTo(Exit.DONE);
        assertThat(server.only().name).isEqualTo("a\nb\u001b[2J.bin");
        assertThat(out.toString()).contains("a?b?[2J.bin").doesNotContain("a\nb", "\u001b");
    }

    @Test
    void aNameThatIsNotUtf8IsSaidToBeSo() {
        assertThat(upload("caf\ufffd.txt")).isEqualTo(Exit.USAGE);
        assertThat(err.toString()).contains("not UTF-8").doesNotContain("does not exist");
    }

    @Test
    void aCutConnectionIsTakenUpAtTheServersOffset() throws IOException {
        var file = file("film.mp4", SIZE);
        server.faults.add((all, upload, exchange) -> {
            upload.status = "uploading";
            TestingServer.read(exchange, upload, 1_000_000);
            return true;
        });
        assertThat(upload(file.toString())).isEqualTo(Exit.DONE);
        assertThat(server.only().content()).isEqualTo(Files.readAllBytes(file));
        assertThat(server.requests)
                .filteredOn(request -> request.startsWith("PUT"))
                .hasSize(2);
    }

    @Test
    void aServerThatIsGoneForAWhileIsWaitedFor() throws IOException {
        var file = file("film.mp4", SIZE);
        server.faults.add((all, upload, exchange) -> {
            upload.status = "uploading";
            TestingServer.read(exchange, upload, 500_000);
            all.goAway();
            return true;
        });
        var back = new StringWriter() {
            @Override
            public void write(String text, int from, int length) {
                super.write(text, from, length);
                if (text.contains("no server answers")) {
                    comeBack();
                }
            }
        };
        assertThat(upload(back, file.toString())).isEqualTo(Exit.DONE);
        assertThat(server.only().content()).isEqualTo(Files.readAllBytes(file));
    }

    private void comeBack() {
        try {
            server.comeBack();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anAnswerThatIsLostMakesNoSecondJob() throws IOException {
        var file = file("film.mp4", SIZE);
        server.answersToLose.set(2);
        assertThat(upload(file.toString(), "--json")).isEqualTo(Exit.DONE);
        assertThat(server.uploads).hasSize(1);
        assertThat(server.only().content()).isEqualTo(Files.readAllBytes(file));
        assertThat(server.requests)
                .filteredOn(request -> request.endsWith("/initiate"))
                .hasSize(3);
        assertThat(err.toString())
                .contains("the server closed the connection without an answer; trying again")
                .doesNotContain("null");
    }

    @Test
    void whatIsNoServerIsNotAskedAgain() throws IOException {
        try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().name("other").start(() -> {
                try (var accepted = other.accept()) {
                    accepted.getOutputStream().write("SSH-2.0-other\r\n".getBytes(StandardCharsets.US_ASCII));
                    accepted.getInputStream().readAllBytes();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            var args = new String[] {
                "upload",
                "--server",
                "http://127.0.0.1:" + other.getLocalPort(),
                file("a.bin", 10).toString()
            };
            assertThat(Main.run(args, new PrintWriter(out), new PrintWriter(err)))
                    .isEqualTo(Exit.UNREACHABLE);
        }
    }

    @Test
    void anOverloadedServerIsAskedAgain() throws IOException {
        server.faults.add(refusal(503, "out_of_slots"));
        server.faults.add(refusal(429, "limit_exceeded"));
        server.faults.add(refusal(409, "offset_mismatch"));
        assertThat(upload(file("a.bin", 1000).toString())).isEqualTo(Exit.DONE);
        assertThat(server.requests)
                .filteredOn(request -> request.startsWith("PUT"))
                .hasSize(4);
    }

    @Test
    void aFullDiskEndsTheUploadBeforeTheLastByteIsSent() throws IOException {
        server.faults.add(refusal(507, "disk_full"));
        assertThat(upload(file("big.bin", 50_000_000).toString())).isEqualTo(Exit.FAILED);
        assertThat(out.toString()).contains("because of disk_full");
        assertThat(server.requests)
                .filteredOn(request -> request.startsWith("PUT"))
                .hasSize(1);
    }

    @Test
    void aStorageThatRefusesEndsTheUpload() throws IOException {
        for (String code : List.of("upstream_refused", "upstream_not_found")) {
            server.requests.clear();
            server.faults.add(refusal(502, code));
            assertThat(upload(file("big.bin", 50_000_000).toString())).isEqualTo(Exit.FAILED);
            assertThat(out.toString()).contains("because of " + code);
            assertThat(server.requests)
                    .filteredOn(request -> request.startsWith("PUT"))
                    .hasSize(1);
        }
    }

    @Test
    void aCancelBySomebodyElseEndsWith130() throws IOException {
        server.faults.add((all, upload, exchange) -> {
            TestingServer.read(exchange, upload, 100_000);
            upload.status = "cancelled";
            upload.cancelledBy = "http_endpoint";
            return true;
        });
        assertThat(upload(file("film.mp4", SIZE).toString())).isEqualTo(Exit.CANCELLED);
        assertThat(out.toString()).contains("cancelled by http_endpoint");
    }

    @Test
    void aPausedUploadIsWaitedForAndThenFinished() throws IOException {
        server.faults.add((all, upload, exchange) -> {
            upload.states.addAll(List.of("paused", "paused", "pending"));
            TestingServer.problem(exchange, 409, "conflict");
            return true;
        });
        assertThat(upload(file("a.bin", 1000).toString())).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("paused").contains("resumed");
    }

    @Test
    void aFileThatGrowsWhileItIsSentFailsAndIsCancelled() throws IOException {
        var file = file("log.txt", SIZE);
        server.faults.add((all, upload, exchange) -> {
            Files.write(file, new byte[] {1}, StandardOpenOption.APPEND);
            TestingServer.read(exchange, upload, 100_000);
            return true;
        });
        assertThat(upload(file.toString())).isEqualTo(Exit.FAILED);
        assertThat(out.toString()).contains("changed while it was sent");
        assertThat(server.only().status).isEqualTo("cancelled");
    }

    @Test
    void severalFilesAreOneBatchAndEveryChangeIsALine() throws IOException {
        var code = upload(file("a.bin", 100).toString(), file("b.bin", 200).toString(), "--json");
        assertThat(code).isEqualTo(Exit.DONE);
        var lines = lines();
        var first = lines.getFirst();
        assertThat(first.path("batch_id").asText()).isEqualTo("batch-1");
        assertThat(first.path("totalFiles").asInt()).isEqualTo(2);
        assertThat(first.path("totalBytes").asInt()).isEqualTo(300);
        assertThat(first.at("/files/1/file_id").asText()).isEqualTo("file-2");
        var last = lines.getLast();
        assertThat(last.path("success").asBoolean()).isTrue();
        assertThat(last.path("files")).hasSize(2);
        assertThat(lines)
                .filteredOn(line -> line.path("status").asText().equals("completed"))
                .hasSize(2);
    }

    @Test
    void aRefusedFileIsAnAnswerOfTheServer() throws IOException {
        server.initiateStatus = 413;
        assertThat(upload(file("a.bin", 10).toString(), "--json")).isEqualTo(Exit.REFUSED);
        assertThat(lines().getLast().path("code").asText()).isEqualTo("too_large");
    }

    @Test
    void whatCannotBeSentIsSaidBeforeAnythingIsAsked() throws IOException {
        assertThat(upload("-")).isEqualTo(Exit.USAGE);
        assertThat(upload(folder.toString())).isEqualTo(Exit.USAGE);
        assertThat(upload(folder.resolve("missing").toString())).isEqualTo(Exit.USAGE);
        assertThat(upload(file("a", 1).toString(), file("b", 1).toString(), "--name", "c"))
                .isEqualTo(Exit.USAGE);
        assertThat(upload()).isEqualTo(Exit.USAGE);
        assertThat(server.requests).isEmpty();
    }

    private static TestingServer.Fault refusal(int status, String code) {
        return (server, upload, exchange) -> {
            TestingServer.problem(exchange, status, code);
            return true;
        };
    }

    private Path file(String name, int size) throws IOException {
        var bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return Files.write(folder.resolve(name), bytes);
    }

    private int upload(String... args) {
        return upload(out, args);
    }

    private int upload(StringWriter into, String... args) {
        var all = new ArrayList<>(List.of("upload", "--server", server.url()));
        all.addAll(List.of(args));
        return Main.run(all.toArray(String[]::new), new PrintWriter(into), new PrintWriter(err));
    }

    private List<JsonNode> lines() {
        return out.toString().lines().map(Json::parse).toList();
    }
}
