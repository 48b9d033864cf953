package dev.sluice.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// What a cancel takes while a thousand uploads move: until its answer, until the last byte that somebody
/// behind the storage gets, until the last watcher knows. All of it seen from outside of the server.
final class CancelRow implements Row {
    private static final int RATE = 64 << 10;
    private static final List<PacedUploads.Door> DOORS = List.of(PacedUploads.Door.WEBSOCKET, PacedUploads.Door.TUS);
    private static final int WATCHERS = 5;
    private static final int HANDS = 4;
    private static final int ID_AT = "\"job\":\"".length();

    /// @param answered nanoseconds from the request to its answer
    private record Cancelled(String job, long sent, long answered) {}

    /// Who was told of a job's cancel, and when the last one was.
    private record Told(int watchers, long nanos) {}

    @Override
    public String name() {
        return "cancel";
    }

    @Override
    public String title() {
        return "Cancel, with 1,000 uploads moving";
    }

    @Override
    public Result measure(Workbench bench) {
        var figures = new ArrayList<>(on(bench, "SQLite", List.of(), 5, 5, 10));
        String version;
        try (var postgres = Postgres.start(bench)) {
            figures.addAll(on(bench, "PostgreSQL", postgres.settings(), 15, 15, 20));
            version = postgres.version();
        }
        return new Result(
                figures,
                List.of(
                        uploads(bench)
                                + " uploads of 64 KiB/s each, half through WebSockets, half by tus, ten pieces a "
                                + "second each; " + cancels(bench) + " of them are cancelled at random times within "
                                + seconds(bench) + " s, after " + practice(bench) + " that do not count. "
                                + WATCHERS + " watchers read all events.",
                        "The storage passes every byte on to another process over TCP, and resets the connection when the "
                                + "job is stopped; that process notes when bytes come. A job whose last byte came before "
                                + "the request counts as 0.",
                        "Data folders lie on a disk. SQLite: WAL, `synchronous=NORMAL`. PostgreSQL: `fsync` on, its "
                                + "commits of cancels with `synchronous_commit=off`. Load, sink and watchers share the "
                                + "cores with the server."),
                List.of(version));
    }

    private static int uploads(Workbench bench) {
        return bench.of(1000, 40);
    }

    private static int cancels(Workbench bench) {
        return bench.of(500, 20);
    }

    /// Cancels with which the server's code becomes warm.
    private static int practice(Workbench bench) {
        return bench.of(200, 5);
    }

    private static int seconds(Workbench bench) {
        return bench.of(30, 2);
    }

    private static List<Figure> on(
            Workbench bench, String database, List<String> settings, int answerBound, int byteBound, int watcherBound) {
        var told = new ConcurrentHashMap<String, Told>();
        try (var sink = Sink.start(bench);
                var sluice = SluiceProcess.withSink(bench, bench.diskFolder("data"), sink.port(), settings);
                var uploads = PacedUploads.start(sluice.address(), uploads(bench) + practice(bench), RATE, DOORS);
                var watchers = Watchers.connect(
                        sluice.address(),
                        "/ws/jobs",
                        WATCHERS,
                        256,
                        (watcher, text, kept, length, nanos) ->
                                note(told, new String(text, 0, Math.min(kept, 256), StandardCharsets.UTF_8), nanos))) {
            Pause.millis(bench.of(10_000, 1_000));
            List<String> jobs = uploads.jobs();
            cancel(sluice, uploads, jobs.subList(0, practice(bench)), bench.of(10, 1));

            double server = Usage.cpuSeconds(sluice.pid());
            double load = Usage.ownCpuSeconds();
            uploads.forgetBehind();
            long began = System.nanoTime();
            List<Cancelled> cancelled = cancel(
                    sluice, uploads, jobs.subList(practice(bench), practice(bench) + cancels(bench)), seconds(bench));
            double elapsed = (System.nanoTime() - began) / 1e9;
            server = Usage.cpuSeconds(sluice.pid()) - server;
            load = Usage.ownCpuSeconds() - load;
            double behind = uploads.behind();

            Pause.millis(1_000);
            uploads.requireMoving();
            watchers.requireAll();
            Map<String, Sink.Arrival> arrivals = sink.arrivals();
            return List.of(
                    Figure.events(
                            database + ": request → answer, ms",
                            1,
                            new Target.AtMost(answerBound, " ms"),
                            cancelled.stream()
                                    .mapToDouble(one -> one.answered / 1e6)
                                    .toArray()),
                    Figure.events(
                            database + ": → last byte in another process, ms",
                            1,
                            new Target.AtMost(byteBound, " ms"),
                            cancelled.stream()
                                    .mapToDouble(one -> lastByte(arrivals, one))
                                    .toArray()),
                    Figure.events(
                            database + ": → last watcher told, ms",
                            1,
                            new Target.AtMost(watcherBound, " ms"),
                            cancelled.stream()
                                    .mapToDouble(one -> lastTold(told, one))
                                    .toArray()),
                    Figure.alone(database + ": CPU of the server, cores", 2, Target.NONE, server / elapsed),
                    Figure.alone(database + ": CPU of load and watchers, cores", 2, Target.NONE, load / elapsed),
                    Figure.alone(
                            database + ": " + "the load behind its own time at the most, ms", 1, Target.NONE, behind));
        }
    }

    private static void note(Map<String, Told> told, String frame, long nanos) {
        int job = frame.indexOf("\"job\":\"");
        if (job >= 0 && frame.startsWith("{\"type\":\"event\"") && frame.contains("\"event\":\"cancelled\"")) {
            String id = frame.substring(job + ID_AT, job + ID_AT + SinkProcess.ID_LENGTH);
            told.merge(id, new Told(1, nanos), (before, now) -> new Told(before.watchers + 1, now.nanos));
        }
    }

    private static double lastByte(Map<String, Sink.Arrival> arrivals, Cancelled cancelled) {
        Sink.Arrival arrival = arrivals.get(cancelled.job);
        if (arrival == null) {
            throw new BenchException(cancelled.job + " was cancelled before it moved");
        }
        return Math.max(0, arrival.nanos() - cancelled.sent) / 1e6;
    }

    private static double lastTold(Map<String, Told> told, Cancelled cancelled) {
        Told last = told.get(cancelled.job);
        if (last == null || last.watchers != WATCHERS) {
            throw new BenchException("of the cancel of " + cancelled.job + " not every watcher was told: " + last);
        }
        return (last.nanos - cancelled.sent) / 1e6;
    }

    /// Cancels jobs at random times within some seconds, from a few connections.
    private static List<Cancelled> cancel(
            SluiceProcess sluice, PacedUploads uploads, List<String> jobs, int withinSeconds) {
        long began = System.nanoTime() + 100_000_000;
        long[] times = new Random(jobs.size())
                .longs(jobs.size(), began, began + withinSeconds * 1_000_000_000L)
                .sorted()
                .toArray();
        try (var hands = Executors.newFixedThreadPool(HANDS)) {
            var parts = new ArrayList<Future<List<Cancelled>>>();
            for (int hand = 0; hand < HANDS; hand++) {
                int first = hand;
                parts.add(hands.submit(() -> {
                    var done = new ArrayList<Cancelled>();
                    try (HttpConnection http = sluice.connect()) {
                        for (int i = first; i < jobs.size(); i += HANDS) {
                            Pause.untilNanos(times[i]);
                            done.add(cancel(http, uploads, jobs.get(i)));
                        }
                    }
                    return done;
                }));
            }
            var all = new ArrayList<Cancelled>();
            for (Future<List<Cancelled>> part : parts) {
                all.addAll(part.get());
            }
            return all;
        } catch (ExecutionException e) {
            throw new BenchException("a cancel failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted", e);
        }
    }

    private static Cancelled cancel(HttpConnection http, PacedUploads uploads, String job) {
        uploads.stopping(job);
        long sent = System.nanoTime();
        http.post("/api/v1/jobs/" + job + "/cancel", "").expect(200);
        return new Cancelled(job, sent, System.nanoTime() - sent);
    }
}
