package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.server.TestingServer.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;

/// Files as banks give them, and how they are sent.
final class BankFiles {
    static final String HEAD = "Buchungstag;Verwendungszweck;Betrag;Währung\r\n";
    static final String END = "--XX--\r\n";

    private BankFiles() {}

    /// So many rows that are different from each other and from those of other names.
    static String rows(String name, int count) {
        var text = new StringBuilder(HEAD);
        for (int row = 0; row < count; row++) {
            text.append(LocalDate.of(2024, 1, 1).plusDays(row % 900))
                    .append(';')
                    .append(name)
                    .append(' ')
                    .append(row)
                    .append(";-")
                    .append(1 + row % 90)
                    .append(",50;EUR\r\n");
        }
        return text.toString();
    }

    static String rows(List<String> rows) {
        return HEAD + String.join("\r\n", rows) + "\r\n";
    }

    static String file(String filename, String content) {
        return TestingServer.part("file", filename, "text/csv", content);
    }

    static String field(String name, String value) {
        return "--XX\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }

    /// @param parts one after the other, without the end
    static Answer send(TestingServer server, String... parts) {
        return post(server, "/api/v1/upload/csv", parts);
    }

    static Answer post(TestingServer server, String path, String... parts) {
        return server.send(server.request(path)
                .header("Content-Type", "multipart/form-data; boundary=XX")
                .POST(BodyPublishers.ofByteArray((String.join("", parts) + END).getBytes(StandardCharsets.UTF_8))));
    }

    /// @return the batch
    static String sent(TestingServer server, String... parts) {
        Answer answer = send(server, parts);
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        return answer.json().path("batch_id").asText();
    }

    static JsonNode latest(TestingServer server, String id) {
        return server.get("/api/v1/imports/" + id).ok();
    }

    /// Waits until all of the batch has ended so.
    static JsonNode ends(TestingServer server, String batch, String status) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(latest(server, batch).path("status").asText())
                                .as(latest(server, batch).toString())
                                .isEqualTo(status));
        return latest(server, batch);
    }

    static String imported(TestingServer server, String... parts) {
        String batch = sent(server, parts);
        ends(server, batch, "completed");
        return batch;
    }

    /// The ids of the jobs of a batch.
    static List<String> jobs(TestingServer server, String batch) {
        return server.get("/api/v1/batches/" + batch)
                .ok()
                .path("file_ids")
                .valueStream()
                .map(JsonNode::asText)
                .toList();
    }
}
