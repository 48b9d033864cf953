package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.core.BatchId;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.files.OperationSpec;
import dev.sluice.files.Preview;
import dev.sluice.files.Renaming;
import dev.sluice.files.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A server, or another command, holds the data folder: it is asked through the socket there.
final class OtherProcess implements Holder {
    private static final String OPERATIONS = "/api/v1/operations";
    private static final String JOBS = "/api/v1/jobs/";
    /// A plan may look at hundreds of thousands of files.
    private static final long PLAN_SECONDS = 3600;
    private static final long FIRST_LOOK_MILLIS = 5;
    private static final Duration CLEANING = Duration.ofSeconds(60);

    private final Server server;
    private final Interrupt interrupt;
    private long look = FIRST_LOOK_MILLIS;

    private OtherProcess(Server server, Interrupt interrupt) {
        this.server = server;
        this.interrupt = interrupt;
    }

    /// The process that answers on the data folder just now, where there is one.
    static Optional<OtherProcess> on(Path data, Interrupt interrupt) {
        if (!Files.exists(data.resolve("sluice.sock")) && !Files.exists(data.resolve("server.json"))) {
            return Optional.empty();
        }
        var server = new Server(data, null);
        try {
            server.endpoint().connect().close();
            return Optional.of(new OtherProcess(server, interrupt));
        } catch (IOException nobody) {
            return Optional.empty();
        }
    }

    /// Touches nothing, so that nobody has to be told where it is given up.
    Preview preview(OperationSpec spec) throws IOException {
        var body = body(spec, null).put("plan", true).toString().getBytes(UTF_8);
        try (var exchange = Http.open(
                server.endpoint(),
                "POST",
                OPERATIONS,
                Map.of("Accept", "application/json", "Content-Type", "application/json"),
                body.length)) {
            interrupt.wakes(() -> Closing.quietly(exchange));
            exchange.write(body, body.length);
            return Json.as(accepted(exchange.await(PLAN_SECONDS)).json(), Preview.class);
        }
    }

    @Override
    public Begun begin(OperationSpec spec, @Nullable BatchId batch, String key) throws IOException {
        return begun(server.postJson(OPERATIONS, Map.of("Idempotency-Key", key), body(spec, batch)));
    }

    @Override
    public Begun undo(JobId id, String key) throws IOException {
        return begun(server.postJson(OPERATIONS + "/" + id + "/undo", Map.of("Idempotency-Key", key), Json.object()));
    }

    private static Begun begun(Http.Answer answer) throws IOException {
        var document = accepted(answer).json();
        var id = document.path("id").asText();
        if (!Ids.isIdentifier(id)) {
            throw new Failure(Exit.FAILED, ErrorCode.INTERNAL, "the server's answer has no id");
        }
        return new Begun(new JobId(id), document.path("batch_id").asText());
    }

    /// @throws IOException where it is going down: another one will take it
    private static Http.Answer accepted(Http.Answer answer) throws IOException {
        if (answer.status() == ErrorCode.STATE_UNAVAILABLE.status()) {
            throw new IOException(Failure.of(answer).getMessage());
        }
        if (!answer.ok()) {
            throw Failure.refused(answer);
        }
        return answer;
    }

    private static ObjectNode body(OperationSpec spec, @Nullable BatchId batch) {
        var body = Json.object().put("operation", spec.verb().word()).put("base", spec.base());
        if (spec.mapping() == null) {
            var sources = body.putArray("sources");
            spec.sources().forEach(sources::add);
        }
        set(body, "mapping", spec.mapping());
        set(body, "target", spec.target());
        if (spec.renaming() != null) {
            body.set("rename", rename(spec.renaming()));
        }
        body.put("policy", spec.policy().word());
        if (spec.verify() != null) {
            body.put("verify", spec.verify().word());
        }
        body.put("mhl", spec.manifest())
                .put("durability", spec.power() ? "power" : "process")
                .put("onCancel", spec.onCancel().word());
        if (spec.bandwidth() != null) {
            body.put("bandwidth", spec.bandwidth());
        }
        set(body, "batch_id", batch == null ? null : batch.value());
        return body;
    }

    private static ObjectNode rename(Renaming renaming) {
        var rename = Json.object();
        set(rename, "to", renaming.to());
        if (renaming.offset() != 0) {
            rename.put("offset", renaming.offset());
        }
        if (renaming.padding() != null) {
            rename.put("padding", renaming.padding());
        }
        var letterCase = renaming.letterCase();
        set(rename, "case", letterCase == null ? null : letterCase.name().toLowerCase(Locale.ROOT));
        set(rename, "separator", renaming.separator());
        set(rename, "replace", renaming.replace());
        set(rename, "with", renaming.with());
        return rename;
    }

    private static void set(ObjectNode document, String name, @Nullable String value) {
        if (value != null) {
            document.put(name, value);
        }
    }

    @Override
    public JobId find(String id) throws IOException {
        if (Ids.isIdentifier(id)) {
            if (server.get(JOBS + id).ok()) {
                return new JobId(id);
            }
            var batch = server.get("/api/v1/batches/" + id);
            var job = batch.json().path("file_ids").path(0).asText();
            if (batch.ok() && !job.isEmpty()) {
                return new JobId(job);
            }
        }
        throw new Failure(Exit.NOT_FOUND, ErrorCode.NOT_FOUND, "there is no operation " + id);
    }

    @Override
    public boolean reachable() {
        return true;
    }

    @Override
    public Standing standing(JobId id) throws IOException {
        return Standing.of(document(id));
    }

    private JsonNode document(JobId id) throws IOException {
        return accepted(server.get(JOBS + id)).json();
    }

    /// Soon at first: what is short should not wait for us.
    @Override
    public void await(Duration atMost) {
        interrupt.pause(Duration.ofMillis(Math.min(look, atMost.toMillis())));
        look = Math.min(2 * look, atMost.toMillis());
        if (interrupt.fired()) {
            rest(look);
        }
    }

    private static void rest(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void cancel(JobId id) throws IOException {
        var answer = server.post("/api/v1/cli/cancel/" + id, "application/json");
        if (!answer.ok() && answer.status() != ErrorCode.NOT_CANCELLABLE.status()) {
            accepted(answer);
        }
    }

    @Override
    public void settle(JobId id) throws IOException {
        var document = document(id);
        var state = Standing.of(document).state();
        if (state == JobState.COMPLETED || !document.has("started")) {
            return;
        }
        var until = System.nanoTime() + CLEANING.toNanos();
        while (!cleaned(id) && System.nanoTime() < until) {
            rest(20);
        }
    }

    private boolean cleaned(JobId id) throws IOException {
        var after = "";
        do {
            var page = accepted(server.get(JOBS + id + "/events" + after)).json();
            for (var event : page.path("events")) {
                if (event.path("event").asText().equals("cleaned")) {
                    return true;
                }
            }
            var next = page.path("next").asText();
            after = next.isEmpty() ? "" : "?after=" + next;
        } while (!after.isEmpty());
        return false;
    }

    @Override
    public Report report(JobId id) throws IOException {
        return Json.as(accepted(server.get(OPERATIONS + "/" + id + "/report")).json(), Report.class);
    }

    @Override
    public void close() {
        // Every question has a connection of its own.
    }
}
