package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.wire.Texts;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What somebody who started `import` sees. Called by one thread.
sealed interface ImportView {
    List<String> STAGES = List.of("validation", "scanning", "parsing", "database", "categorization");

    /// The files are sent.
    ///
    /// @param answer the server's
    void began(JsonNode answer);

    /// How far all is, as the server's latest message says it. Called often.
    void now(JsonNode message);

    /// Something that the person should know: we wait, we go on.
    void note(String text);

    /// No more at all.
    void report(ObjectNode report);

    /// Five stages and a bar, drawn over again, on standard error.
    static ImportView bars(PrintWriter out, PrintWriter err) {
        return new Bars(out, err);
    }

    /// A line for each stage, and one every few seconds between.
    static ImportView lines(PrintWriter out, PrintWriter err) {
        return new Lines(out, err);
    }

    /// One JSON document per change.
    static ImportView json(PrintWriter out) {
        return new JsonLines(out);
    }

    private static int place(JsonNode message) {
        return STAGES.indexOf(message.path("stage").asText());
    }

    private static double percent(JsonNode message) {
        return message.path("progress").asDouble();
    }

    private static void began(JsonNode answer, PrintWriter out) {
        out.println("batch " + answer.path("batch_id").asText());
        out.flush();
    }

    private static void report(ObjectNode report, PrintWriter out, PrintWriter err) {
        for (var scan : report.path("scans")) {
            out.println(Texts.printable(
                    scan.path("file").asText() + ": " + scan.path("sentence").asText()));
        }
        var text = Texts.printable(report.path("message").asText());
        if (report.path("success").asBoolean()) {
            out.println(text);
        } else {
            err.println("sluice: " + text);
            err.flush();
        }
        out.flush();
    }

    final class Bars implements ImportView {
        private final PrintWriter out;
        private final PrintWriter err;
        private final Redrawn screen;

        private Bars(PrintWriter out, PrintWriter err) {
            this.out = out;
            this.err = err;
            this.screen = new Redrawn(err);
        }

        @Override
        public void began(JsonNode answer) {
            ImportView.began(answer, out);
        }

        @Override
        public void now(JsonNode message) {
            screen.draw(stages(message) + "\n" + bar(message) + "\n");
        }

        /// `✓ validation  ▸ scanning  · parsing  · database  · categorization`
        private static String stages(JsonNode message) {
            var line = new StringBuilder();
            var place = place(message);
            var all = message.path("status").asText().equals("completed");
            for (var stage = 0; stage < STAGES.size(); stage++) {
                line.append(stage == 0 ? "" : "  ")
                        .append(all || stage < place ? "✓ " : stage == place ? "▸ " : "· ")
                        .append(STAGES.get(stage));
            }
            return line.toString();
        }

        private static String bar(JsonNode message) {
            return Redrawn.bar(
                    percent(message),
                    String.format(
                            Locale.ROOT,
                            "%.1f %%  %s",
                            percent(message),
                            Texts.printable(
                                    message.path("details").path("filename").asText())));
        }

        @Override
        public void note(String text) {
            screen.note(text);
        }

        @Override
        public void report(ObjectNode report) {
            screen.leave();
            ImportView.report(report, out, err);
        }
    }

    final class Lines implements ImportView {
        private static final long EVERY_NANOS = 5_000_000_000L;

        private final PrintWriter out;
        private final PrintWriter err;
        private int told = -1;
        private long said = System.nanoTime();

        private Lines(PrintWriter out, PrintWriter err) {
            this.out = out;
            this.err = err;
        }

        @Override
        public void began(JsonNode answer) {
            ImportView.began(answer, out);
        }

        /// Stages that were over before anybody asked are told, too.
        @Override
        public void now(JsonNode message) {
            var place = place(message);
            while (told < place) {
                told++;
                line(Math.max(20.0 * told, told == place ? percent(message) : 0), STAGES.get(told));
            }
            if (System.nanoTime() - said >= EVERY_NANOS && place >= 0) {
                line(percent(message), STAGES.get(place));
            }
            out.flush();
        }

        private void line(double percent, String stage) {
            out.println(String.format(Locale.ROOT, "%5.1f %%  %s", percent, stage));
            said = System.nanoTime();
        }

        @Override
        public void note(String text) {
            err.println("sluice: " + text);
            err.flush();
        }

        @Override
        public void report(ObjectNode report) {
            ImportView.report(report, out, err);
        }
    }

    final class JsonLines implements ImportView {
        private final PrintWriter out;
        private @Nullable JsonNode said;

        private JsonLines(PrintWriter out) {
            this.out = out;
        }

        @Override
        public void began(JsonNode answer) {
            line(answer);
        }

        @Override
        public void now(JsonNode message) {
            var before = said;
            if (before == null || !told(message).equals(told(before))) {
                line(message);
                said = message;
            }
        }

        private static JsonNode told(JsonNode message) {
            return message.isObject() ? ((ObjectNode) message.deepCopy()).without("timestamp") : message;
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
