package dev.sluice.server;

import static dev.sluice.server.BankFiles.field;
import static dev.sluice.server.BankFiles.file;
import static dev.sluice.server.BankFiles.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.server.TestingServer.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Files that are looked at before they are imported, and what is said once of how they are read.
@Timeout(90)
class ImportPreviewTest {
    private static final String NAMELESS = "2026-01-02;4711;Kiosk;-1,50\n2026-01-03;4712;Bakery;-2,25\n";

    @TempDir
    Path folder;

    private TestingServer server;

    @BeforeEach
    void start() {
        server = new TestingServer(folder, Map.of("imports.max-size", "100000"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer preview(String... parts) {
        return BankFiles.post(server, "/api/v1/imports/preview", parts);
    }

    private Answer keep(String name, String json) {
        return server.send(server.request("/api/v1/profiles/" + name).PUT(BodyPublishers.ofString(json)));
    }

    private void nothingIsKept() {
        await().untilAsserted(() ->
                assertThat(TestingServer.held(folder.resolve("imports"))).isEmpty());
        assertThat(server.get("/api/v1/jobs?kind=import").ok().path("jobs")).isEmpty();
    }

    @Test
    void aFileIsUnderstoodAndNothingIsKept() {
        JsonNode seen = preview(file("march.csv", rows("march", 50))).ok();
        assertThat(seen.path("filename").asText()).isEqualTo("march.csv");
        assertThat(seen.path("delimiter").asText()).isEqualTo(";");
        assertThat(seen.path("encoding").asText()).isEqualTo("UTF-8");
        assertThat(seen.path("records").asInt()).isEqualTo(50);
        assertThat(seen.path("columns")
                        .valueStream()
                        .map(column -> column.path("name").asText() + " "
                                + column.path("role").asText()))
                .containsExactly(
                        "Buchungstag booked", "Verwendungszweck description", "Betrag amount", "Währung currency");
        assertThat(seen.path("rows")).hasSize(20);
        assertThat(seen.at("/rows/0/amount").asText()).isEqualTo("-1.50");
        assertThat(seen.at("/rows/0/booked").asText()).isEqualTo("2024-01-01");
        assertThat(seen.path("problems")).isEmpty();
        nothingIsKept();
    }

    @Test
    void whatKeepsAFileFromBeingImportedIsAProblemByName() {
        String ambiguous = "Date,Description,Amount\n03/04/2026,Coffee,-2.50\n05/06/2026,Tea,-3.50\n";
        JsonNode seen = preview(file("a.csv", ambiguous)).ok();
        assertThat(seen.path("rows")).isEmpty();
        assertThat(seen.at("/problems/0/code").asText()).isEqualTo("ambiguous_date_format");

        assertThat(keep("us", "{\"date_order\":\"month_first\"}").status()).isEqualTo(200);
        JsonNode told =
                preview(field("profile", "us"), file("a.csv", ambiguous)).ok();
        assertThat(told.path("problems")).isEmpty();
        assertThat(told.at("/rows/0/booked").asText()).isEqualTo("2026-03-04");
        nothingIsKept();
    }

    @Test
    void whatCannotBeLookedAtIsRefusedAndNotKept() {
        preview(file("a.csv", rows("a", 1)), file("b.csv", rows("b", 1))).problem(400, "invalid_request");
        preview(field("account", "a")).problem(400, "invalid_request");
        preview(file("a.csv", rows("a", 1)), field("profile", "nobody")).problem(404, "not_found");
        preview(file("a.csv", "x".repeat(100_001))).problem(413, "too_large");
        preview(file("a.csv", "")).problem(422, "malformed");
        nothingIsKept();
    }

    @Test
    void aProfileIsKeptListedUsedAndForgotten() {
        String json =
                "{\"name\":\"mine\",\"kind\":\"transactions\",\"delimiter\":\";\",\"header\":false,\"decimal_mark\":\"comma\","
                        + "\"currency\":\"CHF\",\"columns\":{\"column 1\":\"booked\",\"column 2\":\"reference\","
                        + "\"column 3\":\"description\",\"column 4\":\"amount\"}}";
        Answer kept = keep("mine", json);
        assertThat(kept.status()).as(kept.text()).isEqualTo(200);
        assertThat(kept.text()).isEqualTo(json);
        assertThat(server.get("/api/v1/profiles").text()).isEqualTo("{\"profiles\":[" + json + "]}");
        BankFiles.imported(server, field("profile", "mine"), file("a.csv", NAMELESS));
        JsonNode row = server.get("/api/v1/transactions?q=kiosk")
                .ok()
                .path("transactions")
                .path(0);
        assertThat(row.path("reference").asText()).isEqualTo("4711");
        assertThat(row.path("amount").asText()).isEqualTo("-1.50");
        assertThat(row.path("currency").asText()).isEqualTo("CHF");
        assertThat(server.delete("/api/v1/profiles/mine").status()).isEqualTo(204);
        server.delete("/api/v1/profiles/mine").problem(404, "not_found");
        assertThat(server.get("/api/v1/profiles").ok().path("profiles")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"name\":\"other\"}",
                "{\"delimiter\":\";;\"}",
                "{\"encoding\":\"klingon\"}",
                "{\"date_order\":\"backwards\"}",
                "{\"skip_lines\":-1}",
                "{\"currency\":\"euro\"}",
                "{\"columns\":{\"a\":\"colour\"}}",
                "{\"kind\":\"table\"}",
                "{\"table\":[]}",
                "{\"table\":[{\"name\":\"A b\",\"type\":\"text\"}]}",
                "{\"table\":[{\"name\":\"a\",\"type\":\"number\"}]}",
                "{\"table\":[{\"name\":\"a\",\"type\":\"text\"},{\"name\":\"a\",\"type\":\"text\"}]}",
                "{\"table\":[{\"name\":\"a\",\"type\":\"text\"}],\"columns\":{\"a\":\"amount\"}}",
                "{\"table\":[{\"name\":\"a\",\"type\":\"text\"}],\"time_zone\":\"Mars\"}"
            })
    void whatNoProfileCanSayIsRefused(String json) {
        JsonNode refused = keep("mine", json).problem(400, "invalid_request");
        assertThat(refused.path("field").asText()).isNotBlank();
    }

    @Test
    void aProfileWithAnUnknownFieldOrNameIsRefused() {
        keep("mine", "{\"colour\":\"red\"}").problem(400, "unknown_field");
        keep("My%20Bank", "{}").problem(400, "invalid_request");
        assertThat(List.of(keep("mine", "{}").status())).containsExactly(200);
    }
}
