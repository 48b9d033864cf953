package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.core.ErrorCode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The end of a command whose jobs somebody stops by Ctrl-C.
final class Cancellation {
    private Cancellation() {}

    /// Has the server cancel a job or a batch.
    ///
    /// @param batch of the job, where it has one
    /// @return the report with which the command ends, also where the server cannot be told
    static ObjectNode of(Server server, String id, @Nullable String batch) {
        var report = Json.object().put("success", false).put("code", ErrorCode.CANCELLED.code());
        if (batch != null) {
            report.put("batch_id", batch);
        }
        try {
            var answer = server.post("/api/v1/cli/cancel/" + Http.encoded(id), "application/json");
            report.put("message", answer.json().path("message").asText("cancelled"));
            if (answer.json().has("receipt")) {
                report.set("receipt", answer.json().path("receipt"));
            }
        } catch (IOException e) {
            report.put("message", "the server could not be told: " + Failure.why(e) + "; type: sluice cancel " + id);
        }
        return report;
    }
}
