package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
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
    /// Those of `asked` that have not ended, as far as we know.
    private final Set<String> open = new HashSet<>();
    private final Map<String, JsonNode> early = new LinkedHashMap<>();
    /// Those that the parts of the present snapshot have named.
    private final Set<String> named = new HashSet<>();
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
        watched.ask(id);
        return watched;
    }

    /// @param members those that are known yet; more may join
    static Watched batch(String id, Set<String> members) {
        var watched = new Watched(id, false);
        members.forEach(watched::ask);
        return watched;
    }

    /// A job that ended before we came: the snapshot of all jobs passes over what ended long ago.
    void ended(JsonNode job) {
        early.put(job.path("id").asText(), job);
    }

    /// Whether all that we know of the jobs that were asked for is that they have ended.
    boolean over() {
        return !all && open.isEmpty();
    }

    /// Takes what a frame says. Answers what of it somebody who watches should see.
    Optional<JsonNode> take(JsonNode frame) {
        return switch (frame.path("type").asText()) {
            case "snapshot" -> Optional.of(snapshot((ObjectNode) frame));
            case "event" -> event(frame) ? Optional.of(frame) : Optional.empty();
            case "progress" -> progress((ObjectNode) frame);
            default -> Optional.of(frame);
        };
    }

    private JsonNode snapshot(ObjectNode frame) {
        var seen = frame.arrayNode();
        for (var job : frame.path("jobs")) {
            var id = job.path("id").asText();
            early.remove(id);
            if (wanted(id, job)) {
                named.add(id);
                put(id, job);
                seen.add(job);
            }
        }
        if (!frame.path("more").asBoolean()) {
            early.forEach(this::put);
            seen.addAll(early.values());
            early.clear();
            // Whoever is in no snapshot has ended long ago, or is gone.
            open.retainAll(named);
            named.clear();
        }
        return frame.set("jobs", seen);
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
            case "removed" -> {
                rows.remove(id);
                open.remove(id);
            }
            default -> {}
        }
        return true;
    }

    /// `[id,percent,bytes,totalBytes,rate,eta,items,totalItems,current]`
    private Optional<JsonNode> progress(ObjectNode frame) {
        var seen = frame.arrayNode();
        for (var told : frame.path("jobs")) {
            var id = told.path(0).asText();
            if (!all && !asked.contains(id)) {
                continue;
            }
            seen.add(told);
            var row = row(id);
            put(new Row(
                    id,
                    row.name(),
                    row.ended() ? row.state() : "running",
                    told.path(1).asDouble(row.percent()),
                    told.path(2).asLong(row.bytes()),
                    told.path(4).asLong(0)));
        }
        return seen.isEmpty() ? Optional.empty() : Optional.of(frame.set("jobs", seen));
    }

    private boolean wanted(String id, JsonNode document) {
        if (batch != null && batch.equals(document.path("batch").asText())) {
            ask(id);
        }
        return all || asked.contains(id);
    }

    private void ask(String id) {
        if (asked.add(id)) {
            open.add(id);
        }
    }

    private void put(Row row) {
        rows.put(row.id(), row);
        if (row.ended()) {
            open.remove(row.id());
        } else if (asked.contains(row.id())) {
            open.add(row.id());
        }
    }

    private void put(String id, JsonNode job) {
        var progress = job.path("progress");
        put(new Row(
                id,
                job.path("name").asText(id),
                job.path("state").asText("pending"),
                progress.path("percent").asDouble(0),
                progress.path("bytes").asLong(0),
                progress.path("rate").asLong(0)));
    }

    private void in(String id, String state) {
        put(row(id).in(state));
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
