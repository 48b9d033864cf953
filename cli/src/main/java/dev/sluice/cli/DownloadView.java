package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What somebody who started `download` sees. Called by one thread.
sealed interface DownloadView {
    /// The jobs are made.
    ///
    /// @param answer the server's
    void began(JsonNode answer);

    /// How far all are. Called often.
    void now(Collection<Downloading> jobs);

    /// One of them has ended. Called once for each.
    ///
    /// @param link where its bytes are, where there are some
    void ended(Downloading job, @Nullable String link);

    /// Something that the person should know: we wait, we go on.
    void note(String text);

    /// No more at all.
    void report(ObjectNode report);

    /// A line for each that moves, drawn over again, on standard error.
    static DownloadView bars(PrintWriter out, PrintWriter err) {
        return new Bars(out, err);
    }

    /// A line when one begins to run and when it ends, and every few seconds between.
    static DownloadView lines(PrintWriter out, PrintWriter err) {
        return new Lines(out, err);
    }

    /// One JSON document per change.
    static DownloadView json(PrintWriter out) {
        return new JsonLines(out);
    }

    private static void began(JsonNode answer, PrintWriter out) {
        out.println(
                answer.has("batch")
                        ? "batch " + answer.path("batch").asText()
                        : "download " + answer.path("jobId").asText());
        out.flush();
    }

    private static void ended(Downloading job, @Nullable String link, PrintWriter out) {
        out.println(job.outcome());
        if (link != null) {
            out.println("  " + link);
        }
        out.flush();
    }

    final class Bars implements DownloadView {
        private static final int MOST = 20;

        private final PrintWriter out;
        private final Redrawn screen;

        private Bars(PrintWriter out, PrintWriter err) {
            this.out = out;
            this.screen = new Redrawn(err);
        }

        @Override
        public void began(JsonNode answer) {
            DownloadView.began(answer, out);
        }

        @Override
        public void now(Collection<Downloading> jobs) {
            screen.draw(jobs.stream()
                    .filter(job ->
                            !job.ended() && (jobs.size() == 1 || job.state().equals("running")))
                    .limit(MOST)
                    .map(job -> bar(job) + "\n")
                    .collect(Collectors.joining()));
        }

        private static String bar(Downloading job) {
            return Redrawn.bar(job.document().path("progress").path("percent").asDouble(), job.line());
        }

        @Override
        public void ended(Downloading job, @Nullable String link) {
            screen.wipe();
            DownloadView.ended(job, link, out);
        }

        @Override
        public void note(String text) {
            screen.note(text);
        }

        @Override
        public void report(ObjectNode report) {
            screen.wipe();
        }
    }

    final class Lines implements DownloadView {
        private static final long EVERY_NANOS = 5_000_000_000L;

        private final PrintWriter out;
        private final PrintWriter err;
        private final Map<String, String> states = new HashMap<>();
        private long said = System.nanoTime();

        private Lines(PrintWriter out, PrintWriter err) {
            this.out = out;
            this.err = err;
        }

        @Override
        public void began(JsonNode answer) {
            DownloadView.began(answer, out);
        }

        @Override
        public void now(Collection<Downloading> jobs) {
            var due = System.nanoTime() - said >= EVERY_NANOS;
            for (var job : jobs) {
                var changed = !job.state().equals(states.put(job.id(), job.state()));
                if (!job.ended() && (changed || (due && job.state().equals("running")))) {
                    out.println(job.line());
                }
            }
            if (due) {
                said = System.nanoTime();
            }
            out.flush();
        }

        @Override
        public void ended(Downloading job, @Nullable String link) {
            DownloadView.ended(job, link, out);
        }

        @Override
        public void note(String text) {
            err.println("sluice: " + text);
            err.flush();
        }

        @Override
        public void report(ObjectNode report) {
            out.flush();
        }
    }

    final class JsonLines implements DownloadView {
        private final PrintWriter out;
        private final Map<String, JsonNode> said = new HashMap<>();

        private JsonLines(PrintWriter out) {
            this.out = out;
        }

        @Override
        public void began(JsonNode answer) {
            line(answer);
        }

        @Override
        public void now(Collection<Downloading> jobs) {
            for (var job : jobs) {
                @Nullable JsonNode before = said.put(job.id(), job.document());
                if (!job.document().equals(before)) {
                    line(job.document());
                }
            }
        }

        @Override
        public void ended(Downloading job, @Nullable String link) {
            // Its document has been said.
        }

        @Override
        public void note(String text) {
            line(Json.object().put("type", "note").put("message", text));
        }

        @Override
        public void report(ObjectNode report) {
            line(report);
        }

        private void line(JsonNode line) {
            out.println(line);
            out.flush();
        }
    }
}
