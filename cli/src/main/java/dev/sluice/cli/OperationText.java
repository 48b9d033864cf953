package dev.sluice.cli;

import dev.sluice.core.JobState;
import dev.sluice.files.Preview;
import dev.sluice.files.Report;
import dev.sluice.wire.Texts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Operations in words for people.
final class OperationText {
    private static final int MOST_FAILURES = 20;
    private static final int MOST_SEQUENCES = 40;
    private static final Map<String, String> STATES = Map.of("taken_back", "taken back", "untouched", "not begun");

    private OperationText() {}

    /// `240 files, 1.9 GiB`
    static String amount(@Nullable Long files, @Nullable Long bytes) {
        var size = bytes == null || bytes == 0 ? "" : ", " + UploadView.size(bytes);
        return (files == null ? "" : files(files)) + size;
    }

    private static String files(long count) {
        return count + (count == 1 ? " file" : " files");
    }

    /// The one line of a terminal.
    static String progress(Standing now) {
        var line = new ArrayList<String>();
        line.add(now.state() == JobState.PAUSED ? "paused" : now.stageWord());
        if (now.planned()) {
            line.add(String.format(Locale.ROOT, "%.1f %%", now.percent()));
            if (now.bytes() != null && now.bytes() > 0) {
                line.add(UploadView.size(now.doneBytes()) + " of " + UploadView.size(now.bytes()));
            }
            line.add(now.doneFiles() + "/" + files(now.files() == null ? 0 : now.files()));
            if (now.rate() != null && now.rate() > 0) {
                line.add(UploadView.size(now.rate()) + "/s");
            }
            if (now.eta() != null) {
                line.add(OperationView.clock(now.eta()) + " left");
            }
        }
        if (now.current() != null) {
            line.add(now.current().substring(now.current().lastIndexOf('/') + 1));
        }
        return String.join("  ", line);
    }

    /// What an operation would do.
    static List<String> preview(Preview plan) {
        var lines = new ArrayList<String>();
        lines.add("would " + plan.operation() + " " + amount(plan.files(), plan.bytes())
                + (plan.blocked() ? ", but something is in the way" : ""));
        plan.summary().forEach(line -> lines.add("  " + Texts.printable(line)));
        plan.conflicts().stream()
                .sorted(Comparator.comparing((Preview.Obstacle one) -> !one.blocks()))
                .forEach(one -> lines.add(
                        (one.blocks() ? "blocked: " : "note: ") + one.kind() + ": " + Texts.printable(one.message())));
        return lines;
    }

    /// What an operation has done.
    static List<String> report(Standing last, Report report) {
        var lines = new ArrayList<String>();
        lines.add(head(last, report));
        report.sequences().stream()
                .limit(MOST_SEQUENCES)
                .forEach(one -> lines.add("  " + word(one.state()) + " " + Texts.printable(one.text())));
        more(lines, report.sequences().size() - MOST_SEQUENCES);
        var failed = report.files().stream()
                .filter(line -> line.state().equals("failed"))
                .toList();
        failed.stream()
                .limit(MOST_FAILURES)
                .forEach(line -> lines.add("failed: "
                        + Texts.printable(line.source() + ": " + (line.error() == null ? "" : line.error()))));
        more(lines, failed.size() - MOST_FAILURES);
        var error = last.error();
        if (failed.isEmpty() && error != null && last.state() == JobState.FAILED) {
            lines.add("failed: " + Texts.printable(error.message()));
        }
        return lines;
    }

    private static void more(List<String> lines, int count) {
        if (count > 0) {
            lines.add("  … and " + count + " more; --report FILE has them all");
        }
    }

    private static String head(Standing last, Report report) {
        var totals = report.totals().entrySet().stream()
                .map(entry -> entry.getValue() + " " + word(entry.getKey()))
                .collect(Collectors.joining(", "));
        var seconds = report.seconds();
        return last.operation() + " " + last.state().word()
                + (totals.isEmpty() ? "" : ": " + totals)
                + (report.bytes() == 0 ? "" : ", " + UploadView.size(report.bytes()))
                + (seconds == null ? "" : String.format(Locale.ROOT, " in %.1f s", seconds))
                + (seconds == null || seconds <= 0 || report.bytes() == 0
                        ? ""
                        : " (" + UploadView.size(Math.round(report.bytes() / seconds)) + "/s)");
    }

    private static String word(String state) {
        return STATES.getOrDefault(state, state);
    }
}
