package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.wire.Texts;
import java.util.ArrayList;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A download as its job document shows it.
record Downloading(JsonNode document) {
    String id() {
        return document.path("id").asText();
    }

    String state() {
        return document.path("state").asText();
    }

    boolean ended() {
        return switch (state()) {
            case "completed", "failed", "cancelled" -> true;
            default -> false;
        };
    }

    /// What it is called where it comes from, in one line.
    String title() {
        return Texts.printable(document.path("facts")
                .path("videoInfo")
                .path("title")
                .asText(document.path("name").asText(id())));
    }

    /// `47.3 %  12.0 MiB of 25.4 MiB  3.1 MiB/s  0:04 left  A film`
    String line() {
        var progress = document.path("progress");
        var line = new ArrayList<String>();
        if (!state().equals("running")) {
            line.add(waiting());
        }
        line.add(String.format(Locale.ROOT, "%.1f %%", progress.path("percent").asDouble()));
        var bytes = progress.path("bytes").asLong();
        if (progress.has("totalBytes")) {
            line.add(UploadView.size(bytes) + " of "
                    + UploadView.size(progress.path("totalBytes").asLong()));
        } else if (bytes > 0) {
            line.add(UploadView.size(bytes));
        }
        if (progress.path("rate").asLong() > 0) {
            line.add(UploadView.size(progress.path("rate").asLong()) + "/s");
        }
        if (progress.has("eta")) {
            line.add(OperationView.clock(progress.path("eta").asDouble()) + " left");
        }
        line.add(title());
        return String.join("  ", line);
    }

    private String waiting() {
        @Nullable String why = document.path("waiting").textValue();
        var position = document.path("position").asInt();
        if (why == null) {
            return state();
        }
        if (why.equals("retry")) {
            @Nullable String error = document.path("error").path("message").textValue();
            return "waits to try again" + (error == null ? "" : " (" + Texts.printable(error) + ")");
        }
        return position > 0 ? "waits as number " + position : "waits";
    }

    /// How it ended, in one line.
    String outcome() {
        return switch (state()) {
            case "completed" -> completed();
            case "failed" ->
                title() + ": "
                        + Texts.printable(document.path("error").path("message").asText("failed"));
            default -> title() + ": " + state() + by();
        };
    }

    private String completed() {
        var facts = document.path("facts");
        if (!facts.path("entries").isMissingNode() && !facts.path("entries").isNull()) {
            return title() + "  " + facts.path("entries").asInt() + " entries  " + id();
        }
        var size = facts.path("fileSize")
                .asLong(document.path("progress").path("bytes").asLong());
        // Another of the same name may have been there.
        var file = Texts.printable(facts.path("key").asText(title()));
        return "downloaded " + file + "  " + UploadView.size(size) + "  " + id();
    }

    private String by() {
        @Nullable String by = document.path("cancelledBy").textValue();
        return by == null ? "" : " by " + by;
    }
}
