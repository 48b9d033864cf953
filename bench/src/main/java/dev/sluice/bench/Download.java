package dev.sluice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/// Downloads that a server of ours does.
///
/// @param job its id
record Download(SluiceProcess sluice, String job) {
    /// A server that may download from this machine.
    static SluiceProcess serve(Workbench bench, List<String> settings) {
        var all = new ArrayList<>(settings);
        all.add("download.allow-networks=127.0.0.0/8");
        return SluiceProcess.serve(bench, bench.folder("data"), "", all);
    }

    static Download start(SluiceProcess sluice, String url) {
        return ask(sluice, "{\"url\":\"" + url + "\"}");
    }

    /// @param body of `POST /api/download`
    static Download ask(SluiceProcess sluice, String body) {
        try (HttpConnection http = sluice.connect()) {
            return new Download(
                    sluice,
                    http.post("/api/download", body)
                            .expect(202)
                            .json()
                            .path("jobId")
                            .asText());
        }
    }

    /// Seconds from its begin to its end, as the server tells them, once it has completed.
    double seconds() {
        return FileOperation.seconds(operation().ended("completed"));
    }

    /// Waits until so many bytes have come.
    void awaitBytes(long bytes) {
        while (operation().bytes() < bytes) {
            Pause.millis(5);
        }
    }

    void requireNotEnded() {
        try (HttpConnection http = sluice.connect()) {
            JsonNode now = http.get("/api/v1/jobs/" + job).expect(200).json();
            if (now.has("ended")) {
                throw new BenchException("the download has ended: " + now);
            }
        }
    }

    private FileOperation operation() {
        return new FileOperation(sluice, job);
    }

    /// Cancels it.
    JsonNode cancel() {
        try (HttpConnection http = sluice.connect()) {
            return http.post("/api/v1/jobs/" + job + "/cancel", "").expect(200).json();
        }
    }
}
