package dev.sluice.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a kill may do to an import: nothing.
abstract class ImportKills {
    private static final int KILLS = Integer.getInteger("sluice.kills", 2);
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());
    private static final int ROWS = 60_000;
    private static final String ENDED = "completed";

    @TempDir
    Path folder;

    private ServerProcess server;

    @BeforeEach
    void start() throws IOException {
        var settings = new ArrayList<>(database());
        settings.add("operations.port=0");
        server = new ServerProcess(folder, settings).start();
    }

    /// The settings by which a server finds it, as `--set` takes them; none: its own.
    abstract List<String> database();

    @AfterEach
    void stop() {
        server.close();
    }

    /// What is killed.
    ///
    /// @param fields of the form that brings the file
    /// @param rows a page of the import's rows, and how many there are
    private record Kind(Map<String, String> fields, Rows rows) {}

    private interface Rows {
        long of(String batch) throws IOException;
    }

    @Test
    void theImportIsThereOnceAndWhole() throws Exception {
        int imports = killed(new Kind(
                Map.of(),
                batch -> server.json("/api/v1/transactions?limit=1&import=" + batch)
                        .path("total")
                        .asLong()));
        assertThat(server.json("/api/v1/transactions?limit=1").path("total").asLong())
                .isEqualTo((long) ROWS * imports);
    }

    @Test
    void theRowsOfATableAreThereOnceAndWhole() throws Exception {
        var kept = server.putJson(
                "/api/v1/profiles/shops",
                "{\"table\":[{\"name\":\"day\",\"from\":\"Datum\",\"type\":\"date\"},"
                        + "{\"name\":\"shop\",\"from\":\"Verwendungszweck\",\"type\":\"text\",\"key\":true},"
                        + "{\"name\":\"amount\",\"from\":\"Betrag\",\"type\":\"decimal\"}]}");
        assertThat(kept.statusCode()).as(ServerProcess.text(kept)).isEqualTo(200);
        int imports = killed(new Kind(
                Map.of("profile", "shops"),
                batch -> ServerProcess.text(server.get("/api/v1/tables/shops/rows?format=csv&import=" + batch))
                                .lines()
                                .count()
                        - 1));
        assertThat(server.json("/api/v1/tables/shops").path("rows").asLong()).isEqualTo((long) ROWS * imports);
    }

    /// Kills that came after the end do not count.
    ///
    /// @return how many imports there were
    private int killed(Kind kind) throws Exception {
        var random = new Random(SEED);
        String first = sent(kind, 0);
        whole(kind, first);
        long millis = millis(first);
        var stages = new TreeMap<String, Integer>();
        int imports = 1;
        for (int hits = 0; hits < KILLS; imports++) {
            long after = random.nextLong(millis);
            try {
                assertThat(imports).as("imports for %s kills: %s", hits, stages).isLessThan(5 * KILLS + 5);
                String stage = killed(kind, imports, after);
                stages.merge(stage, 1, Integer::sum);
                hits += stage.equals(ENDED) ? 0 : 1;
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "seed " + SEED + ", import " + imports + ", killed after " + after + " ms\n" + server.log(), e);
            }
        }
        System.out.println(
                "imports: " + KILLS + " kills within " + millis + " ms, seed " + SEED + ", where they hit: " + stages);
        return imports;
    }

    /// How long the only import of a batch took.
    private long millis(String batch) throws IOException {
        JsonNode job = server.json("/api/v1/jobs?batch=" + batch).path("jobs").path(0);
        return Duration.between(
                        Instant.parse(job.path("started").asText()),
                        Instant.parse(job.path("ended").asText()))
                .toMillis();
    }

    /// @return the stage in which the kill found the import, or how that had ended
    private String killed(Kind kind, int kill, long millis) throws Exception {
        String batch = sent(kind, kill);
        Thread.sleep(millis);
        JsonNode last = server.json("/api/v1/imports/" + batch);
        server.kill();
        server.start();
        whole(kind, batch);
        return last.path("status").asText().equals(ENDED)
                ? ENDED
                : last.path("stage").asText();
    }

    private String sent(Kind kind, int number) throws IOException {
        var answer = server.postForm("/api/v1/upload/csv", kind.fields(), "bank.csv", rows(number));
        assertThat(answer.statusCode()).as(ServerProcess.text(answer)).isEqualTo(202);
        return ServerProcess.json(answer).path("batch_id").asText();
    }

    private void whole(Kind kind, String batch) throws IOException {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(server.json("/api/v1/imports/" + batch)
                                .path("status")
                                .asText())
                        .as(() -> String.valueOf(server.log()))
                        .isEqualTo("completed"));
        assertThat(kind.rows().of(batch)).isEqualTo(ROWS);
        await().atMost(Duration.ofSeconds(10)).until(() -> {
            String[] waiting =
                    folder.resolve("data").resolve("imports").toFile().list();
            return waiting == null || waiting.length == 0;
        });
    }

    private static String rows(int kill) {
        var text = new StringBuilder("Datum;Verwendungszweck;Betrag;Währung\n");
        for (int row = 0; row < ROWS; row++) {
            LocalDate day = LocalDate.of(2019, 1, 1).plusDays(row % 1_000);
            text.append(day)
                    .append(";Laden ")
                    .append(kill)
                    .append('-')
                    .append(row)
                    .append(";-12,50;EUR\n");
        }
        return text.toString();
    }
}
