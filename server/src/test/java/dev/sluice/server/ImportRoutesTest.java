package dev.sluice.server;

import static dev.sluice.server.BankFiles.file;
import static dev.sluice.server.BankFiles.rows;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Imports that are listed, told of and taken back; transactions that are found, exported and put right.
@Timeout(90)
class ImportRoutesTest {
    private static final List<String> SHOPPING = List.of(
            "2026-01-02;REWE Markt Berlin;-12,50;EUR",
            "2026-01-03;=HYPERLINK(\"http://x\");-42,00;EUR",
            "2026-01-03;Gehalt Januar;2.500,00;EUR",
            "2026-01-04;REWE Markt Berlin;-7,25;EUR");

    @TempDir
    Path folder;

    private TestingServer server;

    @BeforeEach
    void start() {
        server = new TestingServer(folder, Map.of());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String shopping() {
        return BankFiles.imported(server, file("january.csv", rows(SHOPPING)));
    }

    private JsonNode transactions(String query) {
        return server.get("/api/v1/transactions" + query).ok();
    }

    private static List<String> descriptions(JsonNode page) {
        return page.path("transactions")
                .valueStream()
                .map(row -> row.path("description").asText())
                .toList();
    }

    // ---- Imports

    @Test
    void importsAreListedNewestFirstPageByPage() {
        String first = BankFiles.jobs(server, shopping()).getFirst();
        String second = BankFiles.jobs(server, BankFiles.imported(server, file("b.csv", rows("b", 3))))
                .getFirst();
        JsonNode page = server.get("/api/v1/imports?limit=1").ok();
        assertThat(page.path("imports").path(0).path("id").asText()).isEqualTo(second);
        assertThat(page.path("imports").path(0).path("added").asInt()).isEqualTo(3);
        JsonNode next = server.get(
                        "/api/v1/imports?limit=1&after=" + page.path("next").asText())
                .ok();
        assertThat(next.path("imports").path(0).path("id").asText()).isEqualTo(first);
        assertThat(next.has("next")).isFalse();
        assertThat(server.get("/api/v1/imports", "Accept", "text/plain").text())
                .contains("ADDED", first, second, "january.csv");
        server.get("/api/v1/imports?limit=0").problem(400, "invalid_request");
        server.get("/api/v1/imports?after=x").problem(400, "invalid_request");
    }

    @Test
    void theLatestMessageIsThereForThoseWhoPollByBatchAndByJob() {
        String batch = shopping();
        String job = BankFiles.jobs(server, batch).getFirst();
        JsonNode message = BankFiles.latest(server, batch);
        assertThat(message.path("status").asText()).isEqualTo("completed");
        assertThat(message.path("progress").asInt()).isEqualTo(100);
        assertThat(BankFiles.latest(server, job).path("batch_id").asText()).isEqualTo(batch);
        server.get("/api/v1/imports/nothing").problem(404, "not_found");
        server.get("/api/v1/imports/" + server.batch(1, 5)).problem(404, "not_found");
    }

    @Test
    void theJobOfAnImportSaysWhatCanBeDone() {
        String job = BankFiles.jobs(server, shopping()).getFirst();
        JsonNode document = server.job(job);
        assertThat(document.path("kind").asText()).isEqualTo("import");
        assertThat(document.at("/links/undo").asText()).isEqualTo("/api/v1/imports/" + job + "/undo");
        assertThat(transactions("?import=" + job).path("total").asInt()).isEqualTo(4);
    }

    @Test
    void aFailedImportIsNotTriedAgainSinceItsFileIsNotKept() {
        String batch = BankFiles.sent(server, file("a.csv", "PK\003\004 no table at all"));
        BankFiles.ends(server, batch, "error");
        String job = BankFiles.jobs(server, batch).getFirst();
        assertThat(server.job(job).path("links").has("retry")).isFalse();
        server.post("/api/v1/jobs/" + job + "/retry").problem(410, "gone");
    }

    @Test
    void anUndoTakesTheRowsBackOnce() {
        String batch = BankFiles.imported(server, file("a.csv", rows(SHOPPING)), file("b.csv", rows("b", 3)));
        String job = BankFiles.jobs(server, batch).getLast();
        assertThat(server.post("/api/v1/imports/" + job + "/undo").ok().toString())
                .isEqualTo("{\"id\":\"" + job + "\",\"imports\":1,\"removed\":3}");
        server.post("/api/v1/imports/" + job + "/undo").problem(409, "conflict");
        assertThat(transactions("").path("total").asInt()).isEqualTo(4);
        assertThat(server.post("/api/v1/imports/" + batch + "/undo")
                        .ok()
                        .path("removed")
                        .asInt())
                .isEqualTo(4);
        server.post("/api/v1/imports/" + batch + "/undo").problem(409, "conflict");
        server.post("/api/v1/imports/nothing/undo").problem(404, "not_found");
        assertThat(transactions("").path("total").asInt()).isZero();
        assertThat(server.get("/api/v1/imports").ok().path("imports"))
                .allSatisfy(one -> assertThat(one.has("undone")).isTrue());
    }

    @Test
    void rejectsAreCsvWithTheirRowsAndJsonWhereItIsAskedFor() {
        String batch = BankFiles.imported(
                server,
                file(
                        "a.csv",
                        rows(List.of(
                                "2026-01-02;x;-1,00;EUR",
                                "2026-01-03;y;-2,00;EUR",
                                "soon;z;-3,00;EUR",
                                "2026-01-04;y;-4,00;EUR",
                                "2026-01-05;y;-5,00;EUR"))));
        var csv = server.get("/api/v1/imports/" + batch + "/rejects");
        assertThat(csv.header("content-type")).startsWith("text/csv");
        assertThat(csv.header("content-disposition")).contains("rejects-" + batch + ".csv");
        assertThat(csv.text())
                .startsWith("line,offset,column,code,message,raw\r\n4,")
                .contains("\"soon;z;-3,00;EUR\"");
        JsonNode json = server.get("/api/v1/imports/" + batch + "/rejects", "Accept", "application/json")
                .ok();
        assertThat(json.path("rejects")).hasSize(1);
        assertThat(json.at("/rejects/0/raw").asText()).isEqualTo("soon;z;-3,00;EUR");
        assertThat(json.at("/rejects/0/line").asInt()).isEqualTo(4);
        var rows = server.get("/api/v1/imports/" + batch + "/rejects?format=rows");
        assertThat(rows.header("content-type")).startsWith("text/csv");
        assertThat(rows.text())
                .startsWith("sep=;\n")
                .endsWith("\nsoon;z;-3,00;EUR\n")
                .hasLineCount(3);
        server.get("/api/v1/imports/" + batch + "/rejects?format=xml").problem(400, "invalid_request");
        server.get("/api/v1/imports/nothing/rejects").problem(404, "not_found");
        assertThat(BankFiles.latest(server, batch).at("/details/errors").asInt())
                .isEqualTo(1);
    }

    @Test
    void aRemovedJobLeavesItsRows() {
        String batch = shopping();
        String job = BankFiles.jobs(server, batch).getFirst();
        assertThat(server.delete("/api/v1/jobs/" + job + "?content=true").status())
                .isEqualTo(204);
        assertThat(transactions("?import=" + job).path("total").asInt()).isEqualTo(4);
        assertThat(server.post("/api/v1/imports/" + job + "/undo")
                        .ok()
                        .path("removed")
                        .asInt())
                .isEqualTo(4);
    }

    // ---- Transactions

    @Test
    void transactionsAreFilteredAndPaged() {
        String batch = shopping();
        BankFiles.imported(
                server,
                BankFiles.field("account", "other"),
                file("b.csv", rows(List.of("2026-01-09;Kiosk;-1,00;EUR"))));
        assertThat(transactions("").path("total").asInt()).isEqualTo(5);
        assertThat(descriptions(transactions("?account=other"))).containsExactly("Kiosk");
        assertThat(transactions("?import=" + batch).path("total").asInt()).isEqualTo(4);
        assertThat(transactions("?import=nothing").path("total").asInt()).isZero();
        assertThat(descriptions(transactions("?q=rewe"))).hasSize(2);
        JsonNode page = transactions("?limit=2");
        assertThat(page.path("transactions")).hasSize(2);
        assertThat(page.path("total").asInt()).isEqualTo(5);
        JsonNode next = transactions("?limit=2&after=" + page.path("next").asText());
        JsonNode last = transactions("?limit=2&after=" + next.path("next").asText());
        assertThat(last.path("transactions")).hasSize(1);
        assertThat(last.has("next")).isFalse();
        assertThat(descriptions(last)).containsExactly("REWE Markt Berlin");
        server.get("/api/v1/transactions?after=x").problem(400, "invalid_request");
        server.get("/api/v1/transactions?limit=1001").problem(400, "invalid_request");
        server.get("/api/v1/transactions?format=xml").problem(400, "invalid_request");
    }

    @Test
    void anExportIsAllThatMatchesAndHarmlessInASpreadsheet() {
        shopping();
        for (var csv : List.of(
                server.get("/api/v1/transactions?format=csv&limit=1"),
                server.get("/api/v1/transactions", "Accept", "text/csv"))) {
            assertThat(csv.status()).isEqualTo(200);
            assertThat(csv.header("content-type")).startsWith("text/csv");
            assertThat(csv.header("content-disposition")).isEqualTo("attachment; filename=\"transactions.csv\"");
            assertThat(csv.text().split("\r\n")).hasSize(5);
            assertThat(csv.text())
                    .startsWith("id,account,booked,")
                    .contains("\"'=HYPERLINK(\"\"http://x\"\")\"", ",-42.00,EUR,", ",2500.00,EUR,");
        }
        assertThat(server.get("/api/v1/transactions?format=csv&q=rewe").text().split("\r\n"))
                .hasSize(3);
        server.get("/api/v1/transactions?format=csv&after=x").problem(400, "invalid_request");
    }

    @Test
    void whatIsUncategorizedSaysWhatItCouldBe() {
        BankFiles.imported(
                server,
                file("d.csv", rows(List.of("2026-02-01;XQZWVKJ HQ;-3,00;EUR", "2026-02-02;REWE Markt;-3,00;EUR"))));
        JsonNode unsure =
                transactions("?category=uncategorized").path("transactions").path(0);
        assertThat(unsure.path("suggestions")).hasSize(3).allSatisfy(one -> {
            assertThat(one.path("category").asText()).isNotBlank();
            assertThat(one.path("confidence").asDouble()).isBetween(0.0, 0.7);
        });
        assertThat(transactions("?q=rewe").path("transactions").path(0).has("suggestions"))
                .isFalse();
    }

    /// More than what is read at a time.
    @Test
    void anExportOfManyHasEachOnce() {
        BankFiles.imported(server, file("many.csv", rows("many", 2_500)));
        List<String> lines =
                server.get("/api/v1/transactions?format=csv").text().lines().toList();
        assertThat(lines).hasSize(2_501).doesNotHaveDuplicates();
        assertThat(lines.subList(1, lines.size()))
                .extracting(line -> line.split(",")[2])
                .isSortedAccordingTo((a, b) -> b.compareTo(a));
    }

    @Test
    void aCorrectionHoldsForAllOfTheMerchantAndForThoseThatCome() {
        shopping();
        JsonNode found = transactions("?q=rewe").path("transactions").path(0);
        JsonNode changed = server.send(server.request(
                                "/api/v1/transactions/" + found.path("id").asText())
                        .method(
                                "PATCH",
                                java.net.http.HttpRequest.BodyPublishers.ofString("{\"category\":\"leisure\"}")))
                .ok();
        assertThat(changed.path("changed").asInt()).isEqualTo(2);
        assertThat(transactions("?category=leisure").path("total").asInt()).isEqualTo(2);
        BankFiles.imported(server, file("c.csv", rows(List.of("2026-02-01;REWE Markt Berlin;-3,00;EUR"))));
        assertThat(transactions("?category=leisure").path("total").asInt()).isEqualTo(3);
    }

    @Test
    void whatIsNoCorrectionIsRefused() {
        for (String path : List.of("/api/v1/transactions/999", "/api/v1/transactions/abc")) {
            server.send(server.request(path)
                            .method(
                                    "PATCH",
                                    java.net.http.HttpRequest.BodyPublishers.ofString("{\"category\":\"leisure\"}")))
                    .problem(404, "not_found");
        }
        server.send(server.request("/api/v1/transactions/1")
                        .method("PATCH", java.net.http.HttpRequest.BodyPublishers.ofString("{\"category\":\"food\"}")))
                .problem(400, "invalid_request");
        assertThat(server.get("/api/v1/categories")
                        .ok()
                        .path("categories")
                        .valueStream()
                        .map(JsonNode::asText))
                .contains("groceries", "uncategorized");
    }

    // ---- Who asks

    @Test
    void whoeverLogsInIsTheLocalOwner() {
        var login = server.send(server.request("/api/v1/auth/login")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(java.net.http.HttpRequest.BodyPublishers.ofString("username=a&password=b")));
        JsonNode answer = login.ok();
        assertThat(answer.path("token_type").asText()).isEqualTo("bearer");
        assertThat(answer.path("access_token").asText()).hasSize(32);
        assertThat(answer.path("expires_in").asInt()).isPositive();
        assertThat(login.header("set-cookie")).contains("HttpOnly", "SameSite=Lax");
        JsonNode token = server.post(
                        "/api/v1/auth/websocket-token",
                        "",
                        "Authorization",
                        "Bearer " + answer.path("access_token").asText())
                .ok();
        assertThat(token.path("token_type").asText()).isEqualTo("websocket");
        assertThat(token.path("expires_in").asInt()).isEqualTo(300);
        assertThat(token.path("websocket_token").asText()).hasSize(32);
    }
}
