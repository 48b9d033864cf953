package dev.sluice.server;

import static dev.sluice.server.BankFiles.field;
import static dev.sluice.server.BankFiles.file;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.server.TestingServer.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Tables of one's own: said by a profile, filled by imports, read.
@Timeout(90)
class TableRoutesTest {
    private static final String PROFILE =
            "{\"name\":\"readings\",\"kind\":\"table\",\"columns\":{},\"time_zone\":\"Europe/Berlin\","
                    + "\"table\":[{\"name\":\"station\",\"from\":\"Ort\",\"type\":\"text\",\"required\":true,\"key\":false},"
                    + "{\"name\":\"at\",\"type\":\"timestamp\",\"required\":false,\"key\":false},"
                    + "{\"name\":\"value\",\"type\":\"decimal\",\"required\":false,\"key\":false},"
                    + "{\"name\":\"good\",\"type\":\"boolean\",\"required\":false,\"key\":false},"
                    + "{\"name\":\"n\",\"type\":\"integer\",\"required\":false,\"key\":false}]}";
    private static final String FILE = """
            Ort;at;value;good;n
            =north;28.03.2026 14:05;1,50;ja;7
            south;29.03.2026 14:05;-0,25;nein;
            ;30.03.2026 14:05;2,00;ja;1
            """;

    @TempDir
    Path folder;

    private TestingServer server;

    @BeforeEach
    void start() {
        server = new TestingServer(folder, Map.of("imports.max-errors", "1"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer keep(String json) {
        return server.send(server.request("/api/v1/profiles/readings").PUT(BodyPublishers.ofString(json)));
    }

    private String imported() {
        assertThat(keep(PROFILE).text()).isEqualTo(PROFILE);
        return BankFiles.imported(server, field("profile", "readings"), file("a.csv", FILE));
    }

    @Test
    void rowsAreListedPageByPageAndExported() {
        String batch = imported();
        String job = BankFiles.jobs(server, batch).getFirst();
        JsonNode page = server.get("/api/v1/tables/readings/rows?limit=1").ok();
        JsonNode row = page.path("rows").path(0);
        assertThat(row.path("import").asText()).isEqualTo(job);
        assertThat(row.path("line").asInt()).isEqualTo(2);
        assertThat(row.path("values").toString())
                .isEqualTo(
                        "{\"station\":\"=north\",\"at\":\"2026-03-28T13:05:00Z\",\"value\":\"1.50\",\"good\":true,\"n\":7}");
        JsonNode next = server.get("/api/v1/tables/readings/rows?limit=1&after="
                        + page.path("next").asText())
                .ok();
        assertThat(next.path("rows").path(0).path("values").has("n")).isFalse();
        assertThat(next.has("next")).isFalse();
        for (Answer csv : new Answer[] {
            server.get("/api/v1/tables/readings/rows?format=csv"),
            server.get("/api/v1/tables/readings/rows?import=" + batch, "Accept", "text/csv")
        }) {
            assertThat(csv.header("content-disposition")).isEqualTo("attachment; filename=\"readings.csv\"");
            assertThat(csv.text().split("\r\n"))
                    .containsExactly(
                            "_id,_import,_line,station,at,value,good,n",
                            row.path("id") + "," + job + ",2,\"'=north\",2026-03-28T13:05:00Z,1.50,true,7",
                            (row.path("id").asInt() + 1) + "," + job
                                    + ",3,\"south\",2026-03-29T12:05:00Z,-0.25,false,");
        }
        assertThat(server.get("/api/v1/tables/readings/rows?import=nothing")
                        .ok()
                        .path("rows"))
                .isEmpty();
        server.get("/api/v1/tables/nothing/rows").problem(404, "not_found");
        server.get("/api/v1/tables/nothing/rows?format=csv").problem(404, "not_found");
        server.get("/api/v1/tables/readings/rows?after=x").problem(400, "invalid_request");
    }

    @Test
    void tablesAreListedAndAnImportSaysWhichIsIts() {
        String batch = imported();
        JsonNode table = server.get("/api/v1/tables").ok().path("tables").path(0);
        assertThat(table.path("table").asText()).isEqualTo("table_readings");
        assertThat(table.path("rows").asInt()).isEqualTo(2);
        assertThat(server.get("/api/v1/tables/readings").ok()).isEqualTo(table);
        assertThat(server.get("/api/v1/tables", "Accept", "text/plain").text())
                .contains("table_readings", "station text");
        JsonNode one = server.get("/api/v1/imports").ok().path("imports").path(0);
        assertThat(one.path("table").asText()).isEqualTo("readings");
        String job = BankFiles.jobs(server, batch).getFirst();
        assertThat(one.at("/links/rows").asText()).isEqualTo("/api/v1/tables/readings/rows?import=" + job);
        assertThat(server.job(job).at("/links/rows")).isEqualTo(one.at("/links/rows"));
        assertThat(server.get("/api/v1/transactions").ok().path("total").asInt())
                .isZero();
    }

    @Test
    void aTableWithRowsKeepsItsColumnsUntilTheyAreTakenBack() {
        String batch = imported();
        String other = "{\"table\":[{\"name\":\"station\",\"from\":\"Ort\",\"type\":\"text\"}]}";
        keep(other).problem(409, "conflict");
        assertThat(server.post("/api/v1/imports/" + batch + "/undo")
                        .ok()
                        .path("removed")
                        .asInt())
                .isEqualTo(2);
        assertThat(keep(other).status()).isEqualTo(200);
    }

    @Test
    void aFileIsLookedAtFirst() {
        keep(PROFILE);
        JsonNode seen = BankFiles.post(
                        server, "/api/v1/imports/preview", field("profile", "readings"), file("a.csv", FILE))
                .ok();
        assertThat(seen.at("/table/name").asText()).isEqualTo("readings");
        assertThat(seen.at("/table/rows")).hasSize(2);
        assertThat(seen.at("/table/rows/0/values/value").asText()).isEqualTo("1.50");
        assertThat(seen.path("rejects")).hasSize(1);
        assertThat(seen.at("/columns/1/role").asText()).isEqualTo("at");
        assertThat(seen.at("/columns/1/holds").asText()).isEqualTo("timestamp");
        assertThat(server.get("/api/v1/tables/readings/rows").ok().path("rows")).isEmpty();
    }

    @Test
    void whatAnImportHasFailedByCanBeRead() {
        keep(PROFILE);
        String batch = BankFiles.sent(
                server, field("profile", "readings"), file("a.csv", FILE + ";31.03.2026 14:05;1,00;ja;2\n"));
        BankFiles.ends(server, batch, "error");
        String job = BankFiles.jobs(server, batch).getFirst();
        String rejects = server.job(job).at("/links/rejects").asText();
        JsonNode all = server.get(rejects, "Accept", "application/json").ok().path("rejects");
        assertThat(all).hasSize(2);
        assertThat(all.at("/1/line").asInt()).isEqualTo(5);
        assertThat(server.get("/api/v1/imports/" + batch + "/rejects").text()).contains("missing_value");
    }
}
