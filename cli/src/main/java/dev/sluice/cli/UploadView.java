package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.wire.Texts;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/// What somebody who started `upload` sees. Called by one thread.
sealed interface UploadView {
    /// The jobs are made.
    void began(@Nullable String batch, List<UploadFile> files);

    /// So many bytes of the file have been sent. Called often.
    void moved(UploadFile file, long bytes);

    /// Something that the person should know: we wait, we go on.
    void note(UploadFile file, String text);

    /// No more of this file: its document, or a failure.
    void ended(UploadFile file, @Nullable JsonNode document, @Nullable Failure failure);

    /// No more at all.
    void report(ObjectNode report);

    /// A bar per file, on standard error.
    static UploadView bars(PrintWriter out) {
        return new Bars(out);
    }

    /// A line when a file begins and when it ends, and every few seconds between.
    static UploadView lines(PrintWriter out) {
        return new Lines(out);
    }

    /// One JSON document per change.
    static UploadView json(PrintWriter out) {
        return new JsonLines(out);
    }

    /// 1.5 MiB
    static String size(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        var units = "KMGTPE";
        var value = (double) bytes;
        var unit = -1;
        while (value >= 1024 && unit < units.length() - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %siB", value, units.charAt(unit));
    }

    final class Bars implements UploadView {
        private final PrintWriter out;
        private @Nullable ProgressBar bar;
        private @Nullable UploadFile shown;

        private Bars(PrintWriter out) {
            this.out = out;
        }

        @Override
        public void began(@Nullable String batch, List<UploadFile> files) {
            if (batch != null) {
                out.println("batch " + batch);
            }
        }

        @Override
        public void moved(UploadFile file, long bytes) {
            bar(file).stepTo(bytes);
        }

        @Override
        public void note(UploadFile file, String text) {
            bar(file).setExtraMessage(" " + text);
        }

        @Override
        public void ended(UploadFile file, @Nullable JsonNode document, @Nullable Failure failure) {
            if (failure == null) {
                bar(file).stepTo(file.size());
                bar(file).setExtraMessage("");
            }
            close();
            out.println(outcome(file, failure));
        }

        @Override
        public void report(ObjectNode report) {
            close();
        }

        private ProgressBar bar(UploadFile file) {
            var open = bar;
            if (open == null || !file.equals(shown)) {
                close();
                open = new ProgressBarBuilder()
                        .setTaskName(file.shown())
                        .setInitialMax(file.size())
                        .setUnit(" MiB", 1024 * 1024)
                        .showSpeed()
                        .setUpdateIntervalMillis(100)
                        .setConsumer(new ConsoleProgressBarConsumer(System.err))
                        .build();
                bar = open;
                shown = file;
            }
            return open;
        }

        private void close() {
            if (bar != null) {
                bar.close();
                bar = null;
            }
        }
    }

    final class Lines implements UploadView {
        private static final long EVERY_NANOS = 5_000_000_000L;

        private final PrintWriter out;
        private long said = System.nanoTime();

        private Lines(PrintWriter out) {
            this.out = out;
        }

        @Override
        public void began(@Nullable String batch, List<UploadFile> files) {
            if (batch != null) {
                out.println("batch " + batch);
            }
            files.forEach(file -> out.println(file.id() + "  " + file.shown() + "  " + size(file.size())));
            out.flush();
        }

        @Override
        public void moved(UploadFile file, long bytes) {
            var now = System.nanoTime();
            if (now - said >= EVERY_NANOS) {
                said = now;
                note(file, size(bytes) + " of " + size(file.size()));
            }
        }

        @Override
        public void note(UploadFile file, String text) {
            out.println(file.shown() + ": " + text);
            out.flush();
        }

        @Override
        public void ended(UploadFile file, @Nullable JsonNode document, @Nullable Failure failure) {
            out.println(outcome(file, failure));
            out.flush();
        }

        @Override
        public void report(ObjectNode report) {
            out.flush();
        }
    }

    final class JsonLines implements UploadView {
        private static final long EVERY_NANOS = 200_000_000L;

        private final PrintWriter out;
        private @Nullable String batch;
        private long started = System.nanoTime();
        private long said;
        private long totalBytes;
        private int totalFiles;
        private int ended;
        private long endedBytes;
        private long sent;
        private long sentAtLast;

        private JsonLines(PrintWriter out) {
            this.out = out;
        }

        @Override
        public void began(@Nullable String batch, List<UploadFile> files) {
            this.batch = batch;
            totalFiles = files.size();
            totalBytes = files.stream().mapToLong(UploadFile::size).sum();
            var first = Json.object();
            if (batch != null) {
                first.put("batch_id", batch);
            }
            var list = first.putArray("files");
            files.forEach(file -> list.addObject()
                    .put("file_id", file.id())
                    .put("filename", file.name())
                    .put("size", file.size()));
            line(first.put("totalFiles", totalFiles).put("totalBytes", totalBytes));
            started = System.nanoTime();
            said = started;
        }

        @Override
        public void moved(UploadFile file, long bytes) {
            sent += Math.max(0, bytes - sentAtLast);
            sentAtLast = bytes;
            var now = System.nanoTime();
            if (now - said >= EVERY_NANOS) {
                said = now;
                line(progress(file, bytes, "running"));
            }
        }

        @Override
        public void note(UploadFile file, String text) {
            line(Json.object().put("type", "note").put("file_id", file.id()).put("message", text));
        }

        @Override
        public void ended(UploadFile file, @Nullable JsonNode document, @Nullable Failure failure) {
            ended++;
            sentAtLast = 0;
            var status = failure == null ? "completed" : failure.exit() == Exit.CANCELLED ? "cancelled" : "failed";
            var line = progress(file, failure == null ? file.size() : 0, status);
            endedBytes += file.size();
            if (failure != null) {
                line.put("code", failure.code()).put("error", failure.getMessage());
            }
            line(line);
        }

        @Override
        public void report(ObjectNode report) {
            line(report);
        }

        private ObjectNode progress(UploadFile file, long bytes, String status) {
            var seconds = Math.max(0.001, (System.nanoTime() - started) / 1e9);
            var line = Json.object().put("type", "progress");
            if (batch != null) {
                line.put("batch_id", batch);
            }
            return line.put("file_id", file.id())
                    .put("currentFile", file.name())
                    .put("bytes", bytes)
                    .put("size", file.size())
                    .put("filesProcessed", ended)
                    .put("totalFiles", totalFiles)
                    .put("progressPercentage", percent(endedBytes + bytes))
                    .put("status", status)
                    .put("speed", Math.round(sent / seconds / 10_000.0) / 100.0)
                    .put("timestamp", System.currentTimeMillis());
        }

        private double percent(long bytes) {
            return totalBytes == 0 ? 100 : Math.round(1000.0 * bytes / totalBytes) / 10.0;
        }

        private void line(ObjectNode line) {
            out.println(line);
            out.flush();
        }
    }

    private static String outcome(UploadFile file, @Nullable Failure failure) {
        return failure == null
                ? "uploaded " + file.shown() + "  " + size(file.size()) + "  " + file.id()
                : file.shown() + ": " + Texts.printable(String.valueOf(failure.getMessage()));
    }
}
