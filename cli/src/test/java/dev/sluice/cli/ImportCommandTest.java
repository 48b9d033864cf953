package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.app.Configuration;
import dev.sluice.app.DataFolder;
import dev.sluice.server.SluiceServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `sluice import` and `sluice imports` against a server.
@NullMarked
@Timeout(90)
@SuppressWarnings("NullAway.Init")
class ImportCommandTest {
    @TempDir
    Path data;

    @TempDir
    Path files;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private DataFolder folder;
    private SluiceServer server;

    @BeforeEach
    void start() {
        folder = DataFolder.open(data);
        server = SluiceServer.start(
                folder,
                Configuration.load(
                                data,
                                null,
                                Map.of("server.port", "0", "operations.port", "0", "imports.max-size", "20000000"),
                                Map.of())
                        .settings());
    }

    @AfterEach
    void stop() {
        server.close();
        folder.close();
    }

    private int run(String... args) {
        var all = new ArrayList<>(List.of(args));
        if (!all.contains("--server")) {
            all.addAll(List.of("--data", data.toString()));
        }
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.run(all.toArray(String[]::new), new PrintWriter(out, true), new PrintWriter(err, true));
    }

    private List<JsonNode> lines() {
        return out.toString().lines().map(Json::parse).toList();
    }

    private String file(String name, String... rows) throws IOException {
        return Files.writeString(
                        files.resolve(name), "Buchungstag;Verwendungszweck;Betrag\n" + String.join("\n", rows) + "\n")
                .toString();
    }

    private String march() throws IOException {
        return file("march.csv", "2026-03-02;REWE Markt;-12,50", "2026-03-03;Gehalt;2.500,00");
    }

    private String large() throws IOException {
        var rows = new ArrayList<String>();
        for (int row = 0; row < 300_000; row++) {
            rows.add("2026-03-" + (10 + row % 20) + ";row " + row + ";-" + (1 + row % 90) + ",50");
        }
        return file("large.csv", rows.toArray(String[]::new));
    }

    @Test
    void aFileIsImportedAndFiveStagesAreTold() throws IOException {
        assertThat(run("import", march(), "--currency", "EUR")).isEqualTo(Exit.DONE);
        assertThat(out.toString())
                .startsWith("batch ")
                .contains("validation", "scanning", "parsing", "database", "categorization", "2 rows added")
                .contains("march.csv: no virus scanner is configured: only the built-in checks looked at the file");
        assertThat(run("import", march(), "--currency", "EUR")).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("Imported before");
    }

    @Test
    void jsonIsOneDocumentALineAndTheLastIsTheReport() throws IOException {
        assertThat(run("import", march(), "--json")).isEqualTo(Exit.DONE);
        var lines = lines();
        var batch = lines.getFirst().path("batch_id").asText();
        assertThat(lines.getFirst().path("status").asText()).isEqualTo("processing");
        assertThat(lines.get(lines.size() - 2).path("status").asText()).isEqualTo("completed");
        var report = lines.getLast();
        assertThat(report.path("success").asBoolean()).isTrue();
        assertThat(report.path("batch_id").asText()).isEqualTo(batch);
        assertThat(report.path("details").path("processed").asInt()).isEqualTo(2);
        assertThat(report.at("/scans/0/file").asText()).isEqualTo("march.csv");
        assertThat(report.at("/scans/0/engine").asText()).isEqualTo("built-in");
    }

    @Test
    void wrongRowsArePutRightAndImportedAgain() throws IOException {
        assertThat(run("import", file("march.csv", "2026-03-02;REWE Markt;-12,50", "2026-03-03;Gehalt;viel")))
                .isEqualTo(Exit.DONE);
        var batch = out.toString().lines().findFirst().orElseThrow().substring("batch ".length());
        assertThat(run("imports", "rejects", "--rows", batch)).isEqualTo(Exit.DONE);
        assertThat(out.toString()).isEqualTo("sep=;\nBuchungstag;Verwendungszweck;Betrag\n2026-03-03;Gehalt;viel\n");
        var again = Files.writeString(files.resolve("again.csv"), out.toString().replace("viel", "2.500,00"));
        assertThat(run("import", again.toString())).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("1 row added");
        assertThat(run("imports", "rejects", "--rows", "--json", batch)).isEqualTo(Exit.USAGE);
    }

    @Test
    void severalFilesAreOneBatchAndOneThatFailsFailsIt() throws IOException {
        var bad = Files.writeString(files.resolve("bad.csv"), "no\ntable\n").toString();
        assertThat(run("import", march(), bad, "--json")).isEqualTo(Exit.FAILED);
        var report = lines().getLast();
        assertThat(report.path("success").asBoolean(true)).isFalse();
        assertThat(report.path("code").asText()).isEqualTo("malformed");
        assertThat(report.path("message").asText()).isNotBlank();
    }

    @Test
    void aDryRunSaysHowAFileWouldBeReadAndImportsNothing() throws IOException {
        assertThat(run("import", march(), "--dry-run", "--currency", "EUR")).isEqualTo(Exit.DONE);
        assertThat(out.toString())
                .contains("march.csv: 2 records, ", "Buchungstag → booked", "Betrag → amount")
                .contains("2026-03-02  -12.50 EUR  REWE Markt");
        assertThat(run("import", file("a.csv", "03/04/2026;x;-1,00", "05/06/2026;y;-2,00"), "--dry-run", "--json"))
                .isEqualTo(Exit.FAILED);
        assertThat(lines().getFirst().path("problems").path(0).path("code").asText())
                .isEqualTo("ambiguous_date_format");
        assertThat(run("jobs", "--kind", "import", "--json")).isEqualTo(Exit.DONE);
        assertThat(lines().getFirst().path("jobs")).isEmpty();
    }

    @Test
    void importsAreListedLookedAtAndTakenBack() throws IOException {
        assertThat(run("imports")).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("No imports.");
        assertThat(run(
                        "import",
                        file(
                                "wrong.csv",
                                "2026-03-02;a;-1,00",
                                "2026-03-03;b;-2,00",
                                "soon;c;-3,00",
                                "2026-03-04;d;-4,00",
                                "2026-03-05;e;-5,00")))
                .isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("4 rows added, 1 rejected");
        assertThat(run("imports", "--json")).isEqualTo(Exit.DONE);
        var id = lines().getFirst().path("imports").path(0).path("id").asText();
        assertThat(run("imports")).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("ADDED", id, "wrong.csv");
        assertThat(run("imports", "rejects", id)).isEqualTo(Exit.DONE);
        assertThat(out.toString())
                .startsWith("line,offset,column,code,message,raw")
                .contains("soon;c;-3,00");
        assertThat(run("imports", "rejects", id, "--json")).isEqualTo(Exit.DONE);
        assertThat(lines().getFirst().path("rejects")).hasSize(1);
        assertThat(run("imports", "undo", id)).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("4 rows of " + id + " are taken back");
        assertThat(run("imports", "undo", id)).isEqualTo(Exit.ALREADY_ENDED);
        assertThat(run("imports", "undo", "nothing")).isEqualTo(Exit.NOT_FOUND);
    }

    @Test
    void aFileGoesIntoTheTableOfItsProfile() throws Exception {
        var profile = """
                {"table":[{"name":"station","from":"Ort","type":"text","key":true},{"name":"value","type":"decimal"}]}
                """;
        try (var client = HttpClient.newHttpClient()) {
            var kept = client.send(
                    HttpRequest.newBuilder(URI.create(server.url() + "/api/v1/profiles/readings"))
                            .PUT(HttpRequest.BodyPublishers.ofString(profile))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(kept.statusCode()).as(kept.body()).isEqualTo(200);
        }
        var file = Files.writeString(files.resolve("readings.csv"), "Ort;Value\nNord;1,50\nSüd;=2\nOst;-3,25\n")
                .toString();
        assertThat(run("import", file, "--profile", "readings", "--dry-run")).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("Ort → station", "station=Nord  value=1.50", "would be rejected");
        assertThat(run("import", file, "--profile", "readings")).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("2 rows added, 1 rejected");
        assertThat(run("tables")).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("readings", "table_readings", "station text, value decimal");
        assertThat(run("tables", "rows", "readings")).isEqualTo(Exit.DONE);
        assertThat(out.toString())
                .startsWith("_id,_import,_line,station,value")
                .contains("\"Nord\",1.50", "\"Ost\",-3.25");
        assertThat(run("tables", "rows", "readings", "--json")).isEqualTo(Exit.DONE);
        assertThat(lines().getFirst().path("rows")).hasSize(2);
        assertThat(run("tables", "rows", "nothing")).isEqualTo(Exit.NOT_FOUND);
    }

    @Test
    void whatTheServerRefusesIsARefusalAndWhatIsNoFileIsUsage() throws IOException {
        assertThat(run("import", march(), "--currency", "EURO")).isEqualTo(Exit.REFUSED);
        assertThat(run("import", march(), "--profile", "nobody")).isEqualTo(Exit.NOT_FOUND);
        assertThat(run("import", files.resolve("missing.csv").toString())).isEqualTo(Exit.USAGE);
        assertThat(run("import")).isEqualTo(Exit.USAGE);
        var huge = Files.writeString(files.resolve("huge.csv"), "x".repeat(20_000_001))
                .toString();
        assertThat(run("import", huge, "--json")).isEqualTo(Exit.REFUSED);
        assertThat(lines().getLast().path("code").asText()).isEqualTo("too_large");
        assertThat(run("import", march(), "--server", "http://127.0.0.1:1")).isEqualTo(Exit.UNREACHABLE);
    }

    @Test
    void ctrlCCancelsAndLeavesNoRow() throws IOException {
        try (var command = CommandProcess.start(data, "import", large(), "--json")) {
            var batch = Json.parse(command.first()).path("batch_id").asText();
            command.interrupt();
            assertThat(command.exit()).isEqualTo(Exit.CANCELLED);
            assertThat(Json.parse(command.lines().getLast()).path("code").asText())
                    .isEqualTo("cancelled");
            assertThat(run("jobs", "--batch", batch, "--json")).isEqualTo(Exit.DONE);
            assertThat(lines().getFirst().path("jobs").path(0).path("state").asText())
                    .isEqualTo("cancelled");
            assertThat(run("imports", "--json")).isEqualTo(Exit.DONE);
            assertThat(lines().getFirst().path("imports")).isEmpty();
        }
    }

    @Test
    void aCancelByAnotherEndsTheCommandAsOneOfItsOwn() throws IOException {
        try (var command = CommandProcess.start(data, "import", large(), "--json")) {
            var batch = Json.parse(command.first()).path("batch_id").asText();
            assertThat(run("cancel", batch)).isEqualTo(Exit.DONE);
            assertThat(command.exit()).isEqualTo(Exit.CANCELLED);
            assertThat(Json.parse(command.lines().getLast()).path("success").asBoolean(true))
                    .isFalse();
        }
    }
}
