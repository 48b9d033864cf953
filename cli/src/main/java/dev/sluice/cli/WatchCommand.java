package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.core.Ids;
import dev.sluice.wire.Texts;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "watch",
        description = "Follows jobs live: all of them, one, or a batch.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice watch                       # everything, until Ctrl-C",
            "  sluice watch $ID && echo arrived   # ends with the job: 0 completed, 1 failed, 130 cancelled",
            "  sluice watch --json | jq -c 'select(.type == \"event\")'",
        })
final class WatchCommand implements Callable<Integer> {
    private static final int BAR = 30;
    private static final long EVERY_NANOS = 1_000_000_000L;
    /// As many ids go well into an address. Of a larger batch, or one that more may join, all is heard and the
    /// others' is passed over.
    private static final int NAMED = 100;
    /// A batch may be sealed, and so end, after its last job has.
    private static final Duration SEALING = Duration.ofSeconds(1);

    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Parameters(arity = "0..1", paramLabel = "ID", description = "A job or a batch.")
    private @Nullable String id;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// What is watched: everything, one job, or a batch with those of its jobs that there are.
    private record Subject(Watched watched, String filter, boolean batch) {}

    private final Map<String, String> said = new HashMap<>();
    private long saidProgress;
    private int drawn;

    @Override
    public Integer call() throws InterruptedException {
        var server = options.server();
        try {
            var subject = subject(server);
            try (var events = new EventStream(server, subject.filter())) {
                events.open();
                return follow(server, subject, events);
            }
        } catch (IOException e) {
            throw server.unreachable(e);
        }
    }

    private Subject subject(Server server) throws IOException {
        if (id == null) {
            return new Subject(Watched.everything(), "", false);
        }
        if (!Ids.isIdentifier(id)) {
            throw Failure.usage("\"" + id + "\" is no id of a job or a batch");
        }
        var job = server.get("/api/v1/jobs/" + Http.encoded(id));
        if (job.ok()) {
            return new Subject(Watched.job(id), "jobs=" + id, false);
        }
        if (job.status() != 404) {
            throw Failure.of(job);
        }
        var batch = server.get("/api/v1/batches/" + Http.encoded(id));
        if (!batch.ok()) {
            throw Failure.of(batch);
        }
        var members = new LinkedHashSet<String>();
        batch.json().path("file_ids").forEach(member -> members.add(member.asText()));
        var watched = Watched.batch(id, members);
        if (batch.json().path("sealed").asBoolean() && members.size() <= NAMED) {
            return new Subject(watched, "jobs=" + String.join(",", members), true);
        }
        tellEnded(server, watched);
        return new Subject(watched, "", true);
    }

    private void tellEnded(Server server, Watched watched) throws IOException {
        var after = "";
        do {
            var page = server.get("/api/v1/jobs?batch=" + id + "&limit=1000" + after);
            if (!page.ok()) {
                throw Failure.of(page);
            }
            for (var job : page.json().path("jobs")) {
                switch (job.path("state").asText()) {
                    case "completed", "failed", "cancelled" -> watched.ended(job);
                    default -> {}
                }
            }
            var next = page.json().path("next").asText();
            after = next.isEmpty() ? "" : "&after=" + Http.encoded(next);
        } while (!after.isEmpty());
    }

    private int follow(Server server, Subject subject, EventStream events) throws InterruptedException {
        var out = spec.commandLine().getOut();
        var watched = subject.watched();
        var asked = System.nanoTime();
        while (true) {
            var frame = events.next(watched.over() ? SEALING : EventStream.SILENCE);
            var seen = frame == null ? Optional.<JsonNode>empty() : watched.take(frame);
            seen.ifPresent(some -> tell(some, watched, out));
            var heard = seen.isPresent() || System.nanoTime() - asked >= SEALING.toNanos();
            if (!heard || !watched.over()) {
                continue;
            }
            asked = System.nanoTime();
            var ended = ended(server, subject);
            if (ended != null) {
                return switch (ended) {
                    case "completed" -> Exit.DONE;
                    case "cancelled" -> Exit.CANCELLED;
                    default -> Exit.FAILED;
                };
            }
        }
    }

    /// The state that what we watch has ended in; null while it goes on.
    private @Nullable String ended(Server server, Subject subject) {
        if (id == null) {
            return null;
        }
        if (!subject.batch()) {
            return subject.watched().find(id).map(Watched.Row::state).orElse("removed");
        }
        try {
            var answer = server.get("/api/v1/batches/" + Http.encoded(id));
            if (answer.status() == 404) {
                return "removed";
            }
            var status = answer.json().path("status").asText();
            return switch (status) {
                case "completed", "failed", "cancelled" -> status;
                default -> null;
            };
        } catch (IOException gone) {
            return null;
        }
    }

    private void tell(JsonNode frame, Watched watched, PrintWriter out) {
        if (options.json()) {
            out.println(frame);
        } else {
            show(frame, watched, out);
        }
        out.flush();
    }

    private void show(JsonNode frame, Watched watched, PrintWriter out) {
        if (Terminal.present()) {
            draw(watched, out);
            return;
        }
        for (var row : watched.rows()) {
            if (!row.state().equals(said.put(row.id(), row.state()))) {
                out.println(line(row));
            }
        }
        var now = System.nanoTime();
        if (frame.path("type").asText().equals("progress") && now - saidProgress >= EVERY_NANOS) {
            saidProgress = now;
            for (var told : frame.path("jobs")) {
                watched.find(told.path(0).asText()).ifPresent(row -> out.println(line(row)));
            }
        }
    }

    /// Draws over what was drawn before: the jobs that go on, and those that ended while somebody looked.
    private void draw(Watched watched, PrintWriter out) {
        var screen = new StringBuilder();
        if (drawn > 0) {
            screen.append("\u001b[").append(drawn).append('A');
        }
        drawn = 0;
        for (var row : watched.rows()) {
            if (drawn < 40 && (id != null || !row.ended() || said.containsKey(row.id()))) {
                said.put(row.id(), row.state());
                screen.append("\u001b[2K").append(line(row)).append('\n');
                drawn++;
            }
        }
        out.print(screen.append("\u001b[J"));
    }

    private static String line(Watched.Row row) {
        var full = (int) Math.round(Math.clamp(row.percent(), 0, 100) / 100 * BAR);
        var rate = row.rate() > 0 ? "  " + UploadView.size(row.rate()) + "/s" : "";
        return String.format(
                Locale.ROOT,
                "%-36s  %-9s %s%s %5.1f %%  %9s%s  %s",
                row.id(),
                row.state(),
                "█".repeat(full),
                "░".repeat(BAR - full),
                row.percent(),
                UploadView.size(row.bytes()),
                rate,
                Texts.printable(row.name()));
    }
}
