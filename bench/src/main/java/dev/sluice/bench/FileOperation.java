package dev.sluice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// File operations that a server of ours does.
///
/// @param job its id
record FileOperation(SluiceProcess sluice, String job) {
    /// A server that may touch some folders.
    static SluiceProcess serve(Workbench bench, Path... roots) {
        return SluiceProcess.serve(
                bench,
                bench.folder("data"),
                "",
                List.of("files.roots="
                        + String.join(
                                ",", List.of(roots).stream().map(Path::toString).toList())));
    }

    /// @param more further members of the request, each with a comma before it
    static FileOperation copy(SluiceProcess sluice, Path source, Path target, String more) {
        try (HttpConnection http = sluice.connect()) {
            String body = "{\"operation\":\"copy\",\"sources\":[\"" + source + "\"],\"target\":\"" + target + "\""
                    + more + "}";
            return new FileOperation(
                    sluice,
                    http.post("/api/v1/operations", body)
                            .expect(202)
                            .json()
                            .path("id")
                            .asText());
        }
    }

    /// The job once it has ended, as it has to.
    JsonNode ended(String wanted) {
        try (HttpConnection http = sluice.connect()) {
            while (true) {
                JsonNode now = http.get("/api/v1/jobs/" + job).expect(200).json();
                String state = now.path("state").asText();
                if (state.equals(wanted)) {
                    return now;
                }
                if (!state.equals("pending") && !state.equals("running")) {
                    throw new BenchException("the operation is " + state + ": " + now);
                }
                Pause.millis(5);
            }
        }
    }

    /// How far it is, in bytes.
    long bytes() {
        try (HttpConnection http = sluice.connect()) {
            return http.get("/api/v1/jobs/" + job)
                    .expect(200)
                    .json()
                    .path("progress")
                    .path("bytes")
                    .asLong();
        }
    }

    /// From its begin to its end, as the server tells them.
    static double seconds(JsonNode ended) {
        return Duration.between(
                                Instant.parse(ended.path("started").asText()),
                                Instant.parse(ended.path("ended").asText()))
                        .toNanos()
                / 1e9;
    }
}
