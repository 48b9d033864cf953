package dev.sluice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Imports that a server of ours does.
///
/// @param batch in which it is the only one
record Import(SluiceProcess sluice, String batch) {
    /// Sends a file.
    static Import start(Workbench bench, SluiceProcess sluice, Path file) {
        String answer = Child.run(
                bench.log("curl"),
                List.of(
                        "curl",
                        "-s",
                        "--fail",
                        "-F",
                        "currency=EUR",
                        "-F",
                        "file=@" + file,
                        "http://127.0.0.1:" + sluice.address().getPort() + "/api/v1/upload/csv"));
        return new Import(
                sluice,
                new HttpConnection.Answer(200, Map.of(), answer)
                        .json()
                        .path("batch_id")
                        .asText());
    }

    /// The job's id.
    String job() {
        try (HttpConnection http = sluice.connect()) {
            JsonNode jobs =
                    http.get("/api/v1/jobs?batch=" + batch).expect(200).json().path("jobs");
            return jobs.path(0).path("id").asText();
        }
    }

    /// Seconds from its begin to its end, as the server tells them, once it has completed.
    double seconds() {
        return FileOperation.seconds(new FileOperation(sluice, job()).ended("completed"));
    }

    boolean ended() {
        try (HttpConnection http = sluice.connect()) {
            String state = http.get("/api/v1/jobs/" + job())
                    .expect(200)
                    .json()
                    .path("state")
                    .asText();
            return !state.equals("running");
        }
    }

    /// How long each stage took, in words.
    String stages() {
        try (HttpConnection http = sluice.connect()) {
            var words = new ArrayList<String>();
            for (JsonNode stage :
                    http.get("/api/v1/jobs/" + job()).expect(200).json().path("stages")) {
                words.add(String.format("%s %.1f s", stage.path("name").asText(), FileOperation.seconds(stage)));
            }
            return String.join(", ", words);
        }
    }

    /// Takes the rows back, once it has completed.
    void undo() {
        seconds();
        try (HttpConnection http = sluice.connect()) {
            http.post("/api/v1/imports/" + batch + "/undo", "").expect(200);
        }
    }
}
