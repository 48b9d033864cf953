package dev.sluice.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// One job that two thousand watch, ten frames a second, and then a thousand events at once; beside nchan,
/// which has the same watchers and messages of the same length.
final class FanOutRow implements Row {
    private static final int FRAMES_PER_SECOND = 10;
    private static final long PATIENCE_MILLIS = 60_000;

    /// What one side did in one turn.
    private record Seen(Crowd.Heard paced, double pacedCpu, Crowd.Heard burst, double burstCpu, double burstSeconds) {
        double framesPerCpuSecond() {
            return paced.frameCount() / pacedCpu;
        }

        double frameP99() {
            return Figure.percentile(paced.latencies(), 99);
        }

        double eventsPerCpuSecond() {
            return burst.eventCount() / burstCpu;
        }

        double lost(int events) {
            return burst.wrongEvents(events);
        }

        double fewest() {
            return paced.fewestFrames();
        }
    }

    @Override
    public String name() {
        return "fan-out";
    }

    @Override
    public String title() {
        return "One job, 2,000 watchers: 10 frames a second, and 1,000 events at once, beside nchan";
    }

    @Override
    public Result measure(Workbench bench) {
        int count = bench.of(2000, 200);
        int events = bench.of(1000, 100);
        int seconds = bench.of(10, 2);
        int pairs = bench.of(7, 2);
        var ours = new ArrayList<Seen>();
        var theirs = new ArrayList<Seen>();
        double load = Usage.ownCpuSeconds();
        try (var sluice = SluiceProcess.withSink(bench, bench.folder("data"), 0, List.of());
                var nginx = Nginx.nchan(bench.folder("nginx"));
                var watchers = new Crowd(sluice.address(), "/ws/jobs", count);
                var subscribers = new Crowd(nginx.address(), "/watch", count)) {
            for (int pair = bench.brief() ? 0 : -1; pair < pairs; pair++) {
                Seen mine = sluice(sluice, watchers, seconds, events);
                Seen other = nchan(nginx, subscribers, seconds, events, mine);
                if (pair >= 0) {
                    ours.add(mine);
                    theirs.add(other);
                }
            }
            load = Usage.ownCpuSeconds() - load;
            return new Result(
                    List.of(
                            Figure.compared(
                                    "frames delivered per CPU second of the server",
                                    0,
                                    values(ours, Seen::framesPerCpuSecond),
                                    values(theirs, Seen::framesPerCpuSecond),
                                    Target.atLeastTimes(0.5)),
                            Figure.beside(
                                    "a frame's latency, p99, ms",
                                    1,
                                    new Target.AtMost(20, " ms"),
                                    values(ours, Seen::frameP99),
                                    values(theirs, Seen::frameP99)),
                            Figure.beside(
                                    "frames of the watcher with the fewest, per second",
                                    1,
                                    Target.NONE,
                                    values(ours, seen -> seen.fewest() / seconds),
                                    values(theirs, seen -> seen.fewest() / seconds)),
                            Figure.compared(
                                    "events delivered per CPU second of the server",
                                    0,
                                    values(ours, Seen::eventsPerCpuSecond),
                                    values(theirs, Seen::eventsPerCpuSecond),
                                    Target.atLeastTimes(0.5)),
                            Figure.compared(
                                    "burst: from the first request to the last delivery, s",
                                    2,
                                    values(ours, Seen::burstSeconds),
                                    values(theirs, Seen::burstSeconds),
                                    Target.NONE),
                            Figure.beside(
                                    "burst: events lost or told twice",
                                    0,
                                    new Target.AtMost(0, ""),
                                    values(ours, seen -> seen.lost(events)),
                                    values(theirs, seen -> seen.lost(events))),
                            Figure.alone("CPU of the load in all, s", 1, Target.NONE, load)),
                    List.of(
                            count + " WebSockets on each side, read by one thread of one process; " + seconds
                                    + " s of frames, then " + events + " events. " + pairs
                                    + " pairs in turns"
                                    + (bench.brief() ? ", cold." : ", after one that does not count."),
                            "Ours: one upload at 64 KiB/s whose bytes are forgotten; the events are those of one batch of "
                                    + "files that is announced, each stored before it is told. nchan: one worker, the "
                                    + "messages posted over one kept connection, with our length, events without "
                                    + "waiting for answers."),
                    List.of(Nginx.version(bench.log("version")) + " with nchan"));
        }
    }

    private static double[] values(List<Seen> seen, ToDoubleFunction<Seen> value) {
        return seen.stream().mapToDouble(value).toArray();
    }

    private static Seen sluice(SluiceProcess sluice, Crowd watchers, int seconds, int events) {
        Crowd.Heard paced;
        double pacedCpu;
        try (var upload = PacedUploads.start(sluice.address(), 1, 64 << 10, List.of(PacedUploads.Door.WEBSOCKET))) {
            Pause.millis(1_000);
            watchers.heard();
            double cpu = Usage.cpuSeconds(sluice.pid());
            Pause.millis(seconds * 1_000L);
            pacedCpu = Usage.cpuSeconds(sluice.pid()) - cpu;
            paced = watchers.heard();
            upload.requireMoving();
            // It would expire a minute later, in the middle of another turn's events.
            cancel(sluice, upload);
        }
        watchers.awaitQuiet();
        watchers.heard();

        String files = IntStream.range(0, events)
                .mapToObj(i -> "{\"filename\":\"film-" + i + ".mp4\",\"size\":1}")
                .collect(Collectors.joining(","));
        try (HttpConnection http = sluice.connect()) {
            double cpu = Usage.cpuSeconds(sluice.pid());
            long began = System.nanoTime();
            http.post("/api/v1/batch/initiate", "{\"files\":[" + files + "]}").expect(200);
            watchers.awaitEvents(events, PATIENCE_MILLIS);
            double burstCpu = Usage.cpuSeconds(sluice.pid()) - cpu;
            Crowd.Heard burst = watchers.heard();
            return new Seen(paced, pacedCpu, burst, burstCpu, (burst.lastNanos() - began) / 1e9);
        }
    }

    private static void cancel(SluiceProcess sluice, PacedUploads upload) {
        String job = upload.jobs().getFirst();
        upload.stopping(job);
        try (HttpConnection http = sluice.connect()) {
            http.post("/api/v1/jobs/" + job + "/cancel", "").expect(200);
        }
    }

    /// The same with nchan, `like` ours in the length of its messages.
    private static Seen nchan(Nginx nginx, Crowd subscribers, int seconds, int events, Seen like) {
        try (var http = new HttpConnection(nginx.address())) {
            Pause.millis(200);
            subscribers.heard();
            double cpu = Usage.cpuSeconds(nginx.pid());
            long began = System.nanoTime();
            for (int frame = 0; frame < seconds * FRAMES_PER_SECOND; frame++) {
                Pause.untilNanos(began + frame * 1_000_000_000L / FRAMES_PER_SECOND);
                String now = Instant.now().truncatedTo(ChronoUnit.MICROS).toString();
                http.ask(
                                "POST",
                                "/publish",
                                "",
                                message("{\"type\":\"progress\",\"at\":\"" + now + "\"", like.paced.frameLength()))
                        .expect(201);
            }
            Pause.untilNanos(began + seconds * 1_000_000_000L);
            double pacedCpu = Usage.cpuSeconds(nginx.pid()) - cpu;
            Crowd.Heard paced = subscribers.heard();

            String body = message("{\"type\":\"event\",\"seq\":1", like.burst.eventLength());
            String request =
                    "POST /publish HTTP/1.1\r\nHost: nchan\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
            ByteBuffer requests = StandardCharsets.US_ASCII.encode(request.repeat(events));
            cpu = Usage.cpuSeconds(nginx.pid());
            began = System.nanoTime();
            http.pipeline(requests, events, 201);
            subscribers.awaitEvents(events, PATIENCE_MILLIS);
            double burstCpu = Usage.cpuSeconds(nginx.pid()) - cpu;
            Crowd.Heard burst = subscribers.heard();
            return new Seen(paced, pacedCpu, burst, burstCpu, (burst.lastNanos() - began) / 1e9);
        }
    }

    private static String message(String beginning, double length) {
        int filling = (int) Math.round(length) - beginning.length() - ",\"data\":\"\"}".length();
        return beginning + ",\"data\":\"" + "x".repeat(Math.max(0, filling)) + "\"}";
    }
}
