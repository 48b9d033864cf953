package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the frames of `/ws/jobs` have told so far of the jobs that somebody watches.
final class Watched {
    /// One job. `percent` is 0–100, `rate` bytes a second.
    record Row(String id, String name, String state, double percent, long bytes, long rate) {
        boolean ended() {
            return switch (state) {
                case "completed", "failed", "cancelled" -> true;
                default -> false;
            };
        }

        private Row in(String next) {
            return new Row(id, name, next, next.equals("completed") ? 100 : percent, bytes, 0);
        }
    }

    private final Map<String, Row> rows = new LinkedHashMap<>();
    private final Set<String> asked = new LinkedHashSet<>();
    private final @Nullable String batch;
    private final boolean all;

    private Watched(@Nullable String batch, boolean all) {
        this.batch = batch;
        this.all = all;
    }

    static Watched everything() {
        return new Watched(null, true);
    }

    static Watched job(String id) {
        var watched = new Watched(null, false);
        watched.asked.add(id);
        return watched;
    }

    /// @param members those that are known yet; more may join
    static Watched batch(String id, Set<String> members) {
        var watched = new Watched(id, false);
        watched.asked.addAll(members);
        return watched;
    }

    /// Takes what a frame says. True where somebody who watches should see it.
    boolean take(JsonNode frame) {
        return switch (frame.path("type").asText()) {
            case "snapshot" -> snapshot(frame);
            case "event" -> event(frame);
            case "progress" -> progress(frame);
            default -> true;
        };
    }

    private boolean snapshot(JsonNode frame) {
        for (var job : frame.path("jobs")) {
            var id = job.path("id").asText();
            if (wanted(id, job)) {
                put(id, job);
            }
        }
        return true;
    }

    private boolean event(JsonNode frame) {
        var id = frame.path("job").asText();
        var data = frame.path("data");
        if (!wanted(id, data)) {
            return false;
        }
        var event = frame.path("event").asText();
        switch (event) {
            case "created" -> put(id, data);
            case "started" -> in(id, "running");
            case "resumed", "retrying" -> in(id, "pending");
            case "note" -> {
                // A note that says a state tells of a client that has left.
                if (data.has("state")) {
                    in(id, data.path("state").asText());
                }
            }
            case "paused", "completed", "failed", "cancelled" -> in(id, event);
            case "removed" -> rows.remove(id);
            default -> {}
        }
        return true;
    }

    /// `[id,percent,bytes,totalBytes,rate,eta,items,totalItems,current]`
    private boolean progress(JsonNode frame) {
        var any = false;
        for (var told : frame.path("jobs")) {
            var id = told.path(0).asText();
            if (!all && !asked.contains(id)) {
                continue;
            }
            any = true;
            var row = row(id);
            rows.put(
                    id,
                    new Row(
                            id,
                            row.name(),
                            row.ended() ? row.state() : "running",
                            told.path(1).asDouble(row.percent()),
                            told.path(2).asLong(row.bytes()),
                            told.path(4).asLong(0)));
        }
        return any;
    }

    private boolean wanted(String id, JsonNode document) {
        if (batch != null && batch.equals(document.path("batch").asText())) {
            asked.add(id);
        }
        return all || asked.contains(id);
    }

    private void put(String id, JsonNode job) {
        var progress = job.path("progress");
        rows.put(
                id,
                new Row(
                        id,
                        job.path("name").asText(id),
                        job.path("state").asText("pending"),
                        progress.path("percent").asDouble(0),
                        progress.path("bytes").asLong(0),
                        progress.path("rate").asLong(0)));
    }

    private void in(String id, String state) {
        rows.put(id, row(id).in(state));
    }

    private Row row(String id) {
        return rows.getOrDefault(id, new Row(id, id, "pending", 0, 0, 0));
    }

    Optional<Row> find(String id) {
        return Optional.ofNullable(rows.get(id));
    }

    Iterable<Row> rows() {
        return rows.values();
    }
}
