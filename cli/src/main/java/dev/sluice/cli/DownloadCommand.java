package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.core.ErrorCode;
import dev.sluice.wire.Texts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "download",
        description = "Has the server fetch what URLs lead to: files, and what pages show.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice download https://example.com/disk.iso --checksum sha256:9f86d081…",
            "  sluice download 'https://example.com/watch?v=1' --quality 1080p --to archive",
            "  sluice download https://example.com/talk --audio --format mp3",
            "  sluice download https://example.com/live.m3u8 --max-duration 3600    # an hour of a live stream",
            "  sluice download https://example.com/list --playlist    # a batch: cancel, pause, retry it by its id",
            "  sluice download $(cat urls.txt)              # several URLs are one batch: cancel them by one id",
            "  sluice download $URL --json | jq -r 'select(.progress) | .progress.percent'",
            "",
            "The server goes on by itself. Ctrl-C cancels what was begun (exit 130), a second one leaves at once;",
            "with --no-wait the command ends when the jobs are made: see `sluice jobs`, `sluice watch`.",
            "A cancel drops what was recorded of a live stream, too: choose its length.",
            "Addresses that are not public need `serve --set download.allow-networks=192.168.0.0/16`.",
        })
final class DownloadCommand implements Callable<Integer> {
    private static final Duration LOOK = Duration.ofMillis(250);
    /// Of so many the documents are not asked for that often.
    private static final int MANY = 100;
    private static final Duration LOOK_AT_MANY = Duration.ofSeconds(1);

    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Parameters(arity = "1..*", paramLabel = "URL", description = "What to fetch.")
    private List<String> urls = List.of();

    @Option(names = "--to", paramLabel = "STORAGE", description = "Where it is to be stored (default: the server's).")
    private @Nullable String storage;

    @Option(
            names = "--quality",
            paramLabel = "Q",
            description = "Of what a page shows: best, worst, 8k, 4k, 2k, lines as 1080p, audio (default: best).")
    private @Nullable String quality;

    @Option(names = "--audio", description = "The sound alone; the same as --quality audio.")
    private boolean audio;

    @Option(
            names = "--format",
            paramLabel = "F",
            description =
                    "Of what a page shows: mp4, webm, mkv, mp3, flac and others (default: as it is there, of a live"
                            + " stream mp4). A format of sound remakes a plain file, too.")
    private @Nullable String format;

    @Option(names = "--subtitles", description = "Put subtitles into the file.")
    private boolean subtitles;

    @Option(
            names = "--max-duration",
            paramLabel = "SECONDS",
            description =
                    "Record so many seconds of a live stream (HLS), 604800 at the most; without it such is refused.")
    private @Nullable Integer maxDuration;

    @Option(names = "--playlist", description = "Make a job of each entry of a list (one URL only).")
    private boolean playlist;

    @Option(names = "--name", paramLabel = "NAME", description = "What the file is to be called (one URL only).")
    private @Nullable String name;

    @Option(
            names = "--checksum",
            paramLabel = "C",
            description = "What its bytes must add up to: sha256:… sha512:… sha1:… md5:… (one URL only).")
    private @Nullable String checksum;

    @Option(
            names = "--not-before",
            paramLabel = "TIME",
            description = "When it may begin, as 2026-11-21T22:00:00Z (default: as soon as there is a place).")
    private @Nullable String notBefore;

    @Option(names = "--no-wait", description = "End when the jobs are made.")
    private boolean noWait;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// What the server made of our request: a job, or a batch of several.
    private record Begun(@Nullable String batch, String id) {
        static Begun of(JsonNode answer) {
            @Nullable String batch = answer.path("batch").textValue();
            var id = batch == null ? answer.path("jobId").asText() : batch;
            if (id.isEmpty()) {
                throw new Failure(Exit.FAILED, ErrorCode.INTERNAL, "the server's answer has no jobId");
            }
            return new Begun(batch, id);
        }
    }

    @Override
    public Integer call() {
        var request = request();
        var server = options.server();
        var interrupt = Interrupt.onCtrlC();
        var answer = new Submission(server, interrupt, spec.commandLine().getErr())
                .send(urls.size() == 1 ? "/api/v1/download" : "/api/v1/downloads", request);
        interrupt.arm();
        var begun = begun(server, answer);
        var view = view();
        view.began(answer);
        if (noWait) {
            return Exit.DONE;
        }
        try {
            interrupt.check();
            return follow(server, begun, view);
        } catch (InterruptedException e) {
            interrupt.answered();
            return cancel(server, begun, view);
        }
    }

    /// A list's entries join its batch.
    private Begun begun(Server server, JsonNode answer) {
        var begun = Begun.of(answer);
        if (!playlist) {
            return begun;
        }
        try {
            @Nullable
            String batch =
                    document(server, "/api/v1/jobs/" + begun.id()).path("batch").textValue();
            return batch == null ? begun : new Begun(batch, batch);
        } catch (IOException e) {
            throw server.unreachable(e);
        }
    }

    private ObjectNode request() {
        if (audio && quality != null && !quality.equals("audio")) {
            throw Failure.usage("--audio and --quality " + quality + " do not go together");
        }
        if (urls.size() > 1 && (playlist || name != null || checksum != null)) {
            throw Failure.usage((playlist ? "--playlist" : name != null ? "--name" : "--checksum") + " is for one URL, "
                    + urls.size() + " were given");
        }
        var request = Json.object();
        if (urls.size() == 1) {
            request.put("url", urls.getFirst());
        } else {
            urls.forEach(request.putArray("urls")::add);
        }
        put(request, "quality", audio ? "audio" : quality);
        put(request, "format", format);
        put(request, "storageProvider", storage);
        put(request, "name", name);
        put(request, "checksum", checksum);
        put(request, "notBefore", notBefore);
        if (subtitles) {
            request.put("subtitles", true);
        }
        if (maxDuration != null) {
            request.put("maxDuration", maxDuration);
        }
        if (playlist) {
            request.put("playlist", true);
        }
        return request;
    }

    private static void put(ObjectNode request, String field, @Nullable String value) {
        if (value != null) {
            request.put(field, value);
        }
    }

    private DownloadView view() {
        var out = spec.commandLine().getOut();
        var err = spec.commandLine().getErr();
        if (options.json()) {
            return DownloadView.json(out);
        }
        return Terminal.present() ? DownloadView.bars(out, err) : DownloadView.lines(out, err);
    }

    // ---- Looking on

    private int follow(Server server, Begun begun, DownloadView view) throws InterruptedException {
        var backoff = new Backoff(RandomGenerator.getDefault());
        // By the job's id; of those that have ended.
        Map<String, Optional<String>> links = new HashMap<>();
        while (true) {
            try {
                var jobs = jobs(server, begun);
                backoff.reset();
                view.now(jobs);
                for (var job : jobs) {
                    if (job.ended() && !links.containsKey(job.id())) {
                        var link = link(server, job);
                        var warnings = warnings(server, job);
                        links.put(job.id(), link);
                        view.ended(job, link.orElse(null));
                        warnings.forEach(view::note);
                    }
                }
                if (jobs.stream().allMatch(Downloading::ended) && isOver(server, begun.batch())) {
                    return report(begun, jobs, links, view);
                }
                Thread.sleep(jobs.size() > MANY ? LOOK_AT_MANY : LOOK);
            } catch (IOException gone) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("Ctrl-C");
                }
                view.note(Failure.why(gone) + "; the download goes on where the server does; asking again");
                Thread.sleep(backoff.next());
            }
        }
    }

    /// Where its bytes are, for whoever has it.
    private static Optional<String> link(Server server, Downloading job) throws IOException {
        if (!job.state().equals("completed")) {
            return Optional.empty();
        }
        var answer = server.get("/api/v1/download/" + job.id());
        return answer.ok()
                ? Optional.ofNullable(answer.json().path("downloadUrl").textValue())
                : Optional.empty();
    }

    /// What it warned of while it ran, as of pieces that a recording lacks.
    private static List<String> warnings(Server server, Downloading job) throws IOException {
        var warnings = new ArrayList<String>();
        var path = "/api/v1/jobs/" + job.id() + "/events";
        @Nullable String next = "";
        while (next != null) {
            var answer = server.get(path + next);
            if (answer.status() == 404) {
                // Somebody has removed it meanwhile.
                break;
            }
            var page = document(answer);
            for (var event : page.path("events")) {
                var data = event.path("data");
                if (event.path("event").asText().equals("note")
                        && data.path("level").asText().equals("warning")) {
                    warnings.add(job.title() + ": "
                            + Texts.printable(data.path("text").asText()));
                }
            }
            next = page.has("next") ? "?after=" + Http.encoded(page.path("next").asText()) : null;
        }
        return warnings;
    }

    private static List<Downloading> jobs(Server server, Begun begun) throws IOException {
        if (begun.batch() == null) {
            return List.of(new Downloading(document(server, "/api/v1/jobs/" + begun.id())));
        }
        var jobs = new ArrayList<Downloading>();
        var after = "";
        do {
            var page = document(server, "/api/v1/jobs?batch=" + begun.id() + "&limit=1000" + after);
            page.path("jobs").forEach(job -> jobs.add(new Downloading(job)));
            var next = page.path("next").asText();
            after = next.isEmpty() ? "" : "&after=" + Http.encoded(next);
        } while (!after.isEmpty());
        // The newest come first.
        return jobs.reversed();
    }

    /// Nothing can join any more.
    private static boolean isOver(Server server, @Nullable String batch) throws IOException {
        if (batch == null) {
            return true;
        }
        return switch (document(server, "/api/v1/batches/" + batch)
                .path("status")
                .asText()) {
            case "completed", "failed", "cancelled" -> true;
            default -> false;
        };
    }

    private static JsonNode document(Server server, String path) throws IOException {
        return document(server.get(path));
    }

    private static JsonNode document(Http.Answer answer) throws IOException {
        if (answer.status() >= 500) {
            throw new IOException(Failure.of(answer).getMessage());
        }
        if (!answer.ok()) {
            throw Failure.of(answer);
        }
        return answer.json();
    }

    // ---- The end

    private static int report(
            Begun begun, List<Downloading> jobs, Map<String, Optional<String>> links, DownloadView view) {
        var failed =
                jobs.stream().filter(job -> !job.state().equals("completed")).toList();
        var report = Json.object().put("success", failed.isEmpty());
        if (failed.isEmpty()) {
            report.put("message", jobs.size() == 1 ? "downloaded" : jobs.size() + " files downloaded");
        } else {
            var first = failed.getFirst();
            report.put(
                    "code",
                    first.state().equals("cancelled")
                            ? "cancelled"
                            : first.document().path("error").path("code").asText("internal"));
            report.put("message", first.outcome());
        }
        if (begun.batch() != null) {
            report.put("batch_id", begun.batch());
        }
        var ended = report.putArray("jobs");
        for (var job : jobs) {
            var one = ended.addObject().put("id", job.id()).put("state", job.state());
            links.getOrDefault(job.id(), Optional.empty()).ifPresent(link -> one.put("downloadUrl", link));
        }
        view.report(report);
        if (failed.isEmpty()) {
            return Exit.DONE;
        }
        return failed.getFirst().state().equals("cancelled") ? Exit.CANCELLED : Exit.FAILED;
    }

    private int cancel(Server server, Begun begun, DownloadView view) {
        var report = Cancellation.of(server, begun.id(), begun.batch());
        view.report(report);
        if (!options.json()) {
            var err = spec.commandLine().getErr();
            err.println("sluice: " + report.path("message").asText());
            err.flush();
        }
        return Exit.CANCELLED;
    }
}
