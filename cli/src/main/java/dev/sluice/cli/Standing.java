package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Problem;
import dev.sluice.core.Progress;
import dev.sluice.files.OperationFacts;
import dev.sluice.files.Operations;
import dev.sluice.wire.JobDocument;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How an operation stands at one moment.
///
/// @param files that there are to do, once that is planned
/// @param bytes that there are to copy, once that is planned
/// @param doneFiles that are over, failed and skipped ones included
/// @param rate bytes a second
/// @param eta seconds left
/// @param error why it failed, or why its last attempt did
/// @param begun when it ran for the first time
record Standing(
        JobState state,
        String operation,
        @Nullable String stage,
        @Nullable Long files,
        @Nullable Long bytes,
        long doneFiles,
        long doneBytes,
        double percent,
        @Nullable Long rate,
        @Nullable Double eta,
        @Nullable String current,
        @Nullable Trouble error,
        @Nullable Instant begun) {

    /// @param status of an answer with this code
    record Trouble(String code, String message, int status) {
        private static @Nullable Trouble of(@Nullable Problem problem) {
            return problem == null
                    ? null
                    : new Trouble(
                            problem.code().code(),
                            problem.message(),
                            problem.code().status());
        }

        private static @Nullable Trouble of(JsonNode error) {
            if (error.isMissingNode()) {
                return null;
            }
            var code = error.path("code").asText();
            return new Trouble(code, error.path("message").asText(), Failure.status(code));
        }
    }

    static Standing of(Job job, @Nullable Progress live) {
        var facts = OperationFacts.of(job);
        var done = JobDocument.of(job, live).progress();
        var stage = job.stages().current().orElse(null);
        return new Standing(
                job.state(),
                Operations.spec(job).verb().word(),
                stage == null ? null : stage.name(),
                facts.files(),
                facts.bytes(),
                over(done.items(), facts.done(), facts.failed(), facts.skipped()),
                done.bytes(),
                done.percent(),
                done.rate(),
                done.eta(),
                done.current(),
                Trouble.of(job.error()),
                job.started());
    }

    /// @param document of the job
    static Standing of(JsonNode document) {
        var facts = document.path("facts");
        var done = document.path("progress");
        return new Standing(
                JobState.valueOf(document.path("state").asText().toUpperCase(Locale.ROOT)),
                facts.path("operation").asText(verb(document)),
                text(document.path("stage")),
                number(facts.path("files")),
                number(facts.path("bytes")),
                over(
                        number(done.path("items")),
                        number(facts.path("done")),
                        number(facts.path("failed")),
                        number(facts.path("skipped"))),
                done.path("bytes").asLong(),
                done.path("percent").asDouble(),
                number(done.path("rate")),
                done.has("eta") ? (Double) done.path("eta").asDouble() : null,
                text(done.path("current")),
                Trouble.of(document.path("error")),
                document.has("started") ? Instant.parse(document.path("started").asText()) : null);
    }

    /// Until it is planned, its name begins with what it does.
    private static String verb(JsonNode document) {
        return document.path("name").asText().replaceFirst(" .*", "");
    }

    private static long over(@Nullable Long live, @Nullable Long... ended) {
        if (live != null) {
            return live;
        }
        long sum = 0;
        for (Long files : ended) {
            sum += files == null ? 0 : files;
        }
        return sum;
    }

    private static @Nullable Long number(JsonNode node) {
        return node.isMissingNode() ? null : (Long) node.asLong();
    }

    private static @Nullable String text(JsonNode node) {
        return node.isMissingNode() ? null : node.asText();
    }

    boolean planned() {
        return files != null;
    }

    /// In one word, for people.
    String stageWord() {
        return switch (stage == null ? "" : stage) {
            case "" -> state == JobState.PENDING ? "waiting" : "beginning";
            case "plan" -> "planning";
            case "verify" -> "verifying";
            case "finish" -> "finishing";
            default ->
                switch (operation) {
                    case "copy" -> "copying";
                    case "move" -> "moving";
                    default -> "renaming";
                };
        };
    }
}
