package dev.sluice.server;

import static dev.sluice.server.BankFiles.END;
import static dev.sluice.server.BankFiles.field;
import static dev.sluice.server.BankFiles.file;
import static dev.sluice.server.BankFiles.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `POST /api/v1/upload/csv`, as wire contract §3 has it.
@Timeout(90)
class ImportFormTest {
    private static final int LIMIT = 200_000;

    @TempDir
    Path folder;

    private TestingServer server;

    @BeforeEach
    void start() {
        server = new TestingServer(folder, Map.of("imports.max-size", Integer.toString(LIMIT)));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /// What has come and is not imported.
    private List<String> inbox() {
        Path imports = folder.resolve("imports");
        return Files.isDirectory(imports) ? TestingServer.held(imports) : List.of();
    }

    private void nothingIsLeft() {
        await().untilAsserted(() -> assertThat(inbox()).isEmpty());
    }

    private int imports() {
        return server.get("/api/v1/jobs?kind=import").ok().path("jobs").size();
    }

    @Test
    void aFileIsTakenAndItsBatchIsTold() {
        String content = rows("march", 3);
        var answer = BankFiles.send(server, file("../bank statements/märz.csv", content));
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        String batch = answer.json().path("batch_id").asText();
        assertThat(answer.text())
                .isEqualTo("{\"batch_id\":\"" + batch + "\",\"filename\":\"märz.csv\",\"size\":"
                        + content.getBytes(StandardCharsets.UTF_8).length + ",\"status\":\"processing\"}");
        assertThat(answer.header("location")).isEqualTo("/api/v1/imports/" + batch);
        assertThat(BankFiles.ends(server, batch, "completed")
                        .at("/details/processed")
                        .asInt())
                .isEqualTo(3);
        nothingIsLeft();
    }

    @Test
    void fieldsMayStandBeforeAndBehindTheFiles() {
        var answer = BankFiles.send(
                server,
                field("batch_id", "my.batch-1"),
                file("a.csv", "Date,Description,Amount\n2026-01-02,Coffee,-2.50\n"),
                field("account", "giro"),
                field("profile", ""),
                field("currency", "chf"));
        assertThat(answer.json().path("batch_id").asText()).isEqualTo("my.batch-1");
        BankFiles.ends(server, "my.batch-1", "completed");
        JsonNode row = server.get("/api/v1/transactions?account=giro")
                .ok()
                .path("transactions")
                .path(0);
        assertThat(row.path("currency").asText()).isEqualTo("CHF");
        assertThat(row.path("amount").asText()).isEqualTo("-2.50");
    }

    @Test
    void severalFilesAreJobsOfOneSealedBatch() {
        String first = rows("one", 5);
        String second = rows("two", 7);
        var answer = BankFiles.send(server, file("1.csv", first), file("2.csv", second));
        assertThat(answer.json().path("filename").asText()).isEqualTo("1.csv");
        assertThat(answer.json().path("size").asInt())
                .isEqualTo((first + second).getBytes(StandardCharsets.UTF_8).length);
        String batch = answer.json().path("batch_id").asText();
        assertThat(BankFiles.jobs(server, batch)).hasSize(2);
        assertThat(BankFiles.ends(server, batch, "completed")
                        .at("/details/processed")
                        .asInt())
                .isEqualTo(12);
        BankFiles.send(server, field("batch_id", batch), file("3.csv", rows("three", 1)))
                .problem(409, "conflict");
        nothingIsLeft();
        assertThat(imports()).isEqualTo(2);
    }

    @Test
    void aBatchThatIsTakenIsRefusedBeforeItsFilesAreRead() throws IOException {
        BankFiles.imported(server, field("batch_id", "taken"), file("a.csv", rows("a", 1)));
        String head = "POST /api/v1/upload/csv HTTP/1.1\r\nHost: " + server.uri.getAuthority()
                + "\r\nContent-Type: multipart/form-data; boundary=XX\r\nContent-Length: 100000\r\n\r\n";
        try (Socket socket = server.connect()) {
            socket.getOutputStream()
                    .write((head + field("batch_id", "taken") + "--XX\r\n").getBytes(StandardCharsets.US_ASCII));
            var first = new byte[12];
            assertThat(socket.getInputStream().readNBytes(first, 0, 12)).isEqualTo(12);
            assertThat(new String(first, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 409");
        }
    }

    @Test
    void aFileOverTheLimitIsRefusedAtTheLimit() throws IOException {
        String head = "POST /api/v1/upload/csv HTTP/1.1\r\nHost: " + server.uri.getAuthority()
                + "\r\nContent-Type: multipart/form-data; boundary=XX\r\nContent-Length: 1000000000\r\n\r\n";
        try (Socket socket = server.connect()) {
            var out = socket.getOutputStream();
            out.write((head + file("small.csv", rows("small", 2))).getBytes(StandardCharsets.UTF_8));
            out.write("--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b.csv\"\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            byte[] line = "2026-01-01;something;1,00;EUR\r\n".getBytes(StandardCharsets.US_ASCII);
            for (int sent = 0; sent < LIMIT + 10_000; sent += line.length) {
                out.write(line);
            }
            String answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            assertThat(answer).isEqualTo("HTTP/1.1 413");
        } catch (SocketException e) {
            throw new AssertionError("the answer must arrive although the body does not end", e);
        }
        nothingIsLeft();
        assertThat(imports()).isZero();
    }

    @Test
    void aFileOfJustTheLimitIsTaken() {
        String content = rows("x", 2);
        String filled = content + " ".repeat(LIMIT - content.getBytes(StandardCharsets.UTF_8).length);
        assertThat(BankFiles.send(server, file("a.csv", filled)).status()).isEqualTo(202);
        BankFiles.send(server, file("a.csv", filled + " ")).problem(413, "too_large");
    }

    @Test
    void aClientThatGoesAwayLeavesNothing() throws IOException {
        String head = "POST /api/v1/upload/csv HTTP/1.1\r\nHost: " + server.uri.getAuthority()
                + "\r\nContent-Type: multipart/form-data; boundary=XX\r\nContent-Length: 100000\r\n\r\n";
        try (Socket socket = server.connect()) {
            socket.getOutputStream()
                    .write((head + file("a.csv", rows("a", 20)) + file("b.csv", rows("b", 20)))
                            .getBytes(StandardCharsets.UTF_8));
            await().untilAsserted(() -> assertThat(inbox()).hasSize(2));
        }
        nothingIsLeft();
        assertThat(imports()).isZero();
    }

    @Test
    void aFormThatEndsBeforeItsEndLeavesNothing() {
        server.send(server.request("/api/v1/upload/csv")
                        .header("Content-Type", "multipart/form-data; boundary=XX")
                        .POST(java.net.http.HttpRequest.BodyPublishers.ofString(file("a.csv", rows("a", 2)))))
                .problem(400, "invalid_request");
        nothingIsLeft();
        assertThat(imports()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"colour,red,unknown_field", "batch_id,a b,invalid_request", "currency,EURO,invalid_request"})
    void aFieldThatCannotBeIsRefusedAndLeavesNothing(String name, String value, String code) {
        JsonNode refused = BankFiles.send(server, file("a.csv", rows("a", 2)), field(name, value))
                .problem(400, code);
        assertThat(refused.path("field").asText()).isEqualTo(name);
        nothingIsLeft();
        assertThat(imports()).isZero();
    }

    @Test
    void aProfileThatThereIsNotIsRefused() {
        BankFiles.send(server, file("a.csv", rows("a", 2)), field("profile", "nobody"))
                .problem(404, "not_found");
        nothingIsLeft();
    }

    @Test
    void whatIsNoFormIsRefused() {
        server.post("/api/v1/upload/csv", "{}").problem(400, "invalid_request");
        BankFiles.send(server, field("account", "a")).problem(400, "invalid_request");
        BankFiles.send(server, field("file", "a")).problem(400, "invalid_request");
        BankFiles.send(server, field("account", "a"), field("account", "b")).problem(400, "invalid_request");
        BankFiles.send(server, field("account", "a".repeat(2000))).problem(400, "invalid_request");
        server.send(server.request("/api/v1/upload/csv")
                        .headers("Content-Type", "multipart/form-data; boundary=XX", "Idempotency-Key", "k")
                        .POST(java.net.http.HttpRequest.BodyPublishers.ofString(END)))
                .problem(400, "invalid_request");
        nothingIsLeft();
    }
}
