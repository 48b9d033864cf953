package dev.sluice.bench;

import java.util.List;

/// A thousand uploads at 256 KiB/s each, all at once: what the server needs for them, and whether those who
/// watch notice.
final class ManyUploadsRow implements Row {
    private static final int RATE = 256 << 10;
    private static final int WATCHERS = 10;
    private static final double TICK_MILLIS = 100;

    @Override
    public String name() {
        return "many";
    }

    @Override
    public String title() {
        return "1,000 uploads at once, 256 KiB/s each";
    }

    @Override
    public Result measure(Workbench bench) {
        int jobs = bench.of(1000, 100);
        int seconds = bench.of(60, 3);
        try (var sluice = SluiceProcess.withSink(bench, bench.folder("data"), 0, List.of());
                var watchers = new Crowd(sluice.address(), "/ws/jobs", WATCHERS);
                var uploads = PacedUploads.start(
                        sluice.address(), jobs, RATE, List.of(PacedUploads.Door.WEBSOCKET, PacedUploads.Door.PUT))) {
            Pause.millis(bench.of(10_000, 2_000));
            watchers.heard();
            double server = Usage.cpuSeconds(sluice.pid());
            double load = Usage.ownCpuSeconds();
            uploads.forgetBehind();
            long late = uploads.late();
            long began = System.nanoTime();
            Pause.millis(seconds * 1_000L);
            double elapsed = (System.nanoTime() - began) / 1e9;
            Crowd.Heard heard = watchers.heard();
            server = Usage.cpuSeconds(sluice.pid()) - server;
            load = Usage.ownCpuSeconds() - load;
            double behind = uploads.behind();
            uploads.requireMoving();
            return new Result(
                    List.of(
                            Figure.alone(
                                    "resident memory of the server at its most, MiB",
                                    0,
                                    new Target.AtMost(512, " MiB"),
                                    Usage.residentPeak(sluice.pid()) / (double) (1 << 20)),
                            Figure.alone(
                                    "the latest frame of any watcher, ms",
                                    1,
                                    new Target.AtMost(250, " ms"),
                                    Figure.percentile(heard.latencies(), 100)),
                            Figure.alone(
                                    "the longest wait for a frame beyond its tick, ms",
                                    1,
                                    new Target.AtMost(250, " ms"),
                                    heard.longestGap() - TICK_MILLIS),
                            Figure.events("a frame's latency, ms", 1, Target.NONE, heard.latencies()),
                            Figure.alone("pieces that the server did not take in time", 0, Target.NONE, (double)
                                    (uploads.late() - late)),
                            Figure.alone("CPU of the server, cores", 2, Target.NONE, server / elapsed),
                            Figure.alone("CPU of load and watchers, cores", 2, Target.NONE, load / elapsed),
                            Figure.alone("the load behind its own time at the most, ms", 1, Target.NONE, behind)),
                    List.of(
                            jobs
                                    + " uploads of 256 KiB/s each, half through WebSockets, half by PUT, ten pieces a second "
                                    + "each, which the storage forgets; " + WATCHERS + " watchers of all jobs; "
                                    + seconds
                                    + " s. State in SQLite on `/dev/shm`. One run.",
                            "Memory is all that the process has ever had resident, its start and 512 MiB of allowed heap "
                                    + "among it. A frame is late from the time that stands in it to when it was read."),
                    List.of());
        }
    }
}
