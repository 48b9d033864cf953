package dev.sluice.bench;

import java.util.List;

/// A thousand uploads that all move, and a hundred who watch all of them: one frame a tick each.
final class MovingRow implements Row {
    private static final int RATE = 64 << 10;
    private static final int TICKS_PER_SECOND = 10;

    @Override
    public String name() {
        return "moving";
    }

    @Override
    public String title() {
        return "1,000 jobs moving, 100 watchers of all";
    }

    @Override
    public Result measure(Workbench bench) {
        int jobs = bench.of(1000, 100);
        int count = bench.of(100, 20);
        int seconds = bench.of(30, 3);
        try (var sluice = SluiceProcess.withSink(bench, bench.folder("data"), 0, List.of());
                var uploads = PacedUploads.start(
                        sluice.address(), jobs, RATE, List.of(PacedUploads.Door.WEBSOCKET, PacedUploads.Door.PUT));
                var watchers = new Crowd(sluice.address(), "/ws/jobs", count)) {
            Pause.millis(bench.of(15_000, 2_000));
            watchers.heard();
            double server = Usage.cpuSeconds(sluice.pid());
            double load = Usage.ownCpuSeconds();
            uploads.forgetBehind();
            long began = System.nanoTime();
            Pause.millis(seconds * 1_000L);
            double elapsed = (System.nanoTime() - began) / 1e9;
            Crowd.Heard heard = watchers.heard();
            server = Usage.cpuSeconds(sluice.pid()) - server;
            load = Usage.ownCpuSeconds() - load;
            double behind = uploads.behind();
            uploads.requireMoving();

            double ticks = elapsed * TICKS_PER_SECOND;
            double fewest = heard.fewestFrames();
            return new Result(
                    List.of(
                            Figure.alone("CPU of the server, cores", 2, new Target.AtMost(1, ""), server / elapsed),
                            Figure.alone(
                                    "frames a tick, of the watcher with the fewest",
                                    3,
                                    new Target.AtLeast(0.99, ""),
                                    fewest / ticks),
                            Figure.events("a frame's latency, ms", 1, Target.NONE, heard.latencies()),
                            Figure.alone("a frame's length, KiB", 1, Target.NONE, heard.frameLength() / 1024),
                            Figure.alone("pieces that the server did not take in time", 0, Target.NONE, (double)
                                    uploads.late()),
                            Figure.alone("CPU of load and watchers, cores", 2, Target.NONE, load / elapsed),
                            Figure.alone("the load behind its own time at the most, ms", 1, Target.NONE, behind)),
                    List.of(
                            jobs
                                    + " uploads of 64 KiB/s each, half through WebSockets, half by PUT, ten pieces a second "
                                    + "each, which the storage forgets; " + count + " watchers of all jobs; " + seconds
                                    + " s. State in SQLite on `/dev/shm`. One run.",
                            "The server's CPU has taking the uploads' bytes in it."),
                    List.of());
        }
    }
}
