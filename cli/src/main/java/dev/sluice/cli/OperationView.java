package dev.sluice.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.sluice.core.JobState;
import dev.sluice.files.Report;
import dev.sluice.wire.OperationProgress;
import dev.sluice.wire.Texts;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What somebody sees who started an operation. Called by one thread.
sealed interface OperationView {
    /// It is known what there is to do.
    void planned(String batch, Standing now);

    /// It may have moved. Called often.
    void moved(String batch, Standing now);

    /// Something that the person should know: we wait, we go on.
    void note(String text);

    /// No more.
    void ended(String batch, Standing last, Report report);

    /// A line that is drawn over again, on standard error.
    static OperationView line(PrintWriter out, PrintWriter err) {
        return new Line(out, err);
    }

    /// A line at the beginning and some at the end.
    static OperationView text(PrintWriter out, PrintWriter err) {
        return new Text(out, err);
    }

    /// One JSON document a line.
    static OperationView json(PrintWriter out) {
        return new JsonLines(out);
    }

    final class Text implements OperationView {
        private final PrintWriter out;
        private final PrintWriter err;

        private Text(PrintWriter out, PrintWriter err) {
            this.out = out;
            this.err = err;
        }

        @Override
        public void planned(String batch, Standing now) {
            out.println(now.operation() + " " + batch + ": " + OperationText.amount(now.files(), now.bytes()));
            out.flush();
        }

        @Override
        public void moved(String batch, Standing now) {
            // Who reads a file is told at the end.
        }

        @Override
        public void note(String text) {
            err.println("sluice: " + Texts.printable(text));
            err.flush();
        }

        @Override
        public void ended(String batch, Standing last, Report report) {
            OperationText.report(last, report).forEach(out::println);
            out.flush();
        }
    }

    final class Line implements OperationView {
        private static final int WIDTH = 79;

        private final Text text;
        private final PrintWriter err;
        private String drawn = "";

        private Line(PrintWriter out, PrintWriter err) {
            this.text = new Text(out, err);
            this.err = err;
        }

        @Override
        public void planned(String batch, Standing now) {
            wipe();
            text.planned(batch, now);
        }

        @Override
        public void moved(String batch, Standing now) {
            var line = Texts.printable(OperationText.progress(now));
            draw(line.length() > WIDTH ? line.substring(0, WIDTH - 1) + "…" : line);
        }

        @Override
        public void note(String note) {
            wipe();
            text.note(note);
        }

        @Override
        public void ended(String batch, Standing last, Report report) {
            wipe();
            text.ended(batch, last, report);
        }

        private void wipe() {
            draw("");
        }

        private void draw(String line) {
            if (!line.equals(drawn)) {
                err.print("\r\u001b[K" + line);
                err.flush();
                drawn = line;
            }
        }
    }

    final class JsonLines implements OperationView {
        private static final long EVERY_NANOS = 100_000_000L;

        private final PrintWriter out;
        /// The last document, but for its time.
        private @Nullable OperationProgress said;
        private long saidNanos;

        private JsonLines(PrintWriter out) {
            this.out = out;
        }

        @Override
        public void planned(String batch, Standing now) {
            out.println("{\"batch_id\":\"" + batch + "\",\"totalFiles\":" + now.files() + ",\"totalBytes\":"
                    + now.bytes() + "}");
            out.flush();
        }

        @Override
        public void moved(String batch, Standing now) {
            if (!now.planned()) {
                return;
            }
            var nanos = System.nanoTime();
            var next = progress(batch, now, now.rate() == null ? 0 : (double) now.rate(), 0);
            if (!next.equals(said) && (said == null || nanos - saidNanos >= EVERY_NANOS)) {
                said = next;
                saidNanos = nanos;
                line(progress(batch, now, now.rate() == null ? 0 : (double) now.rate(), System.currentTimeMillis()));
            }
        }

        @Override
        public void note(String text) {
            // Whoever reads this looks for what it knows.
        }

        @Override
        public void ended(String batch, Standing last, Report report) {
            if (last.planned()) {
                var seconds = report.seconds();
                line(progress(
                        batch,
                        last,
                        seconds == null || seconds <= 0 ? 0 : report.bytes() / seconds,
                        System.currentTimeMillis()));
            }
            var error = last.error();
            line(new Ended(
                    last.state() == JobState.COMPLETED,
                    batch,
                    error == null ? null : error.code(),
                    error == null ? null : error.message(),
                    report));
        }

        /// The last document: the report, and how it went.
        private record Ended(
                boolean success,

                @JsonProperty("batch_id") String batch,

                @Nullable String code,
                @Nullable String message,

                @JsonUnwrapped Report report) {}

        private static OperationProgress progress(String batch, Standing now, double bytesASecond, long timestamp) {
            var error = now.state() == JobState.FAILED ? now.error() : null;
            return new OperationProgress(
                    "progress",
                    batch,
                    now.doneFiles(),
                    now.files() == null ? 0 : now.files(),
                    now.percent(),
                    now.current() == null ? "" : now.current(),
                    now.state().ended() ? now.state().word() : "running",
                    timestamp,
                    Math.round(bytesASecond / 1e4) / 100.0,
                    now.operation(),
                    error == null ? null : error.message());
        }

        private void line(Record document) {
            out.println(dev.sluice.wire.Json.text(document));
            out.flush();
        }
    }

    /// `0:07`, `12:30`, `1:02:03`
    static String clock(double seconds) {
        var whole = Math.round(seconds);
        return whole < 3600
                ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
