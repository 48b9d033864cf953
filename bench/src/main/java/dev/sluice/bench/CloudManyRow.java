package dev.sluice.bench;

import java.util.ArrayList;
import java.util.List;

/// Many uploads at once into one bucket, over a budget of memory that has room for the parts of a few: what the
/// server needs for them, and whether each of them goes on.
final class CloudManyRow implements Row {
    private static final String STORAGE = "cloud";
    private static final List<PacedUploads.Door> DOORS = List.of(PacedUploads.Door.WEBSOCKET, PacedUploads.Door.PUT);
    private static final int FAST = 512 << 10;
    private static final int SLOW = 16 << 10;
    private static final double STILL_SECONDS = 5;
    /// One part and a bit.
    private static final long WHOLE = 9 << 20;

    @Override
    public String name() {
        return "cloud-many";
    }

    @Override
    public String title() {
        return "200 and 2,000 uploads at once into S3";
    }

    @Override
    public Result measure(Workbench bench) {
        int few = bench.of(200, 40);
        int many = bench.of(2000, 200);
        int seconds = bench.of(60, 2);
        var figures = new ArrayList<Figure>();
        figures.addAll(with(bench, few, FAST, seconds, new Target.AtMost(512, " MiB")));
        figures.addAll(with(bench, many, SLOW, seconds, Target.NONE));
        figures.addAll(toTheEnd(bench, bench.of(many, 20)));
        return new Result(
                figures,
                List.of(
                        String.format(
                                "%,d uploads of %d KiB/s each, then %,d of %d KiB/s, half through WebSockets, half by PUT, ten "
                                        + "pieces a second each, for %d s after %d s; parts of 8 MiB, of which the budget, "
                                        + "as it comes, has 8 in memory at a time for one storage. The service is the sink of the "
                                        + "row `s3`. Data folders lie on a disk. One run.",
                                few, FAST >> 10, many, SLOW >> 10, seconds, warmUp(bench)),
                        "How far an upload is the server's frames say, ten a second: what the storage has taken of it. Standing "
                                + "still: the longest time between two frames in which one and the same upload had gone "
                                + "on, of all of them, also at the end. Its share: what the slowest has gone on by, of "
                                + "what its sender had to send.",
                        String.format(
                                "At last %,d files of %d MiB, all at once and as fast as they are taken, until every one of them is "
                                        + "an object.",
                                bench.of(many, 20), WHOLE >> 20),
                        "Memory is all that the process has ever had resident, its start and 512 MiB of allowed heap among "
                                + "it."),
                List.of());
    }

    /// Files that are sent whole, and become objects.
    private static List<Figure> toTheEnd(Workbench bench, int count) {
        try (var cargo = Cargo.random(bench.folder("cargo"));
                var sink = S3Sink.start(bench);
                var sluice = SluiceProcess.serve(bench, bench.diskFolder("data"), "", sink.standard(STORAGE));
                var puts = Puts.into(sink, sluice, STORAGE, cargo, WHOLE, count)) {
            double server = Usage.cpuSeconds(sluice.pid());
            Turns.Load load = puts.go();
            server = Usage.cpuSeconds(sluice.pid()) - server;
            double resident = Usage.residentPeak(sluice.pid()) / (double) (1 << 20);
            puts.clear();
            String whose = String.format("%,d to their end", count);
            return List.of(
                    Figure.alone("MB/s", 1, Target.NONE, count * WHOLE / load.seconds() / 1e6)
                            .of(whose),
                    Figure.alone("resident memory of the server at its most, MiB", 0, Target.NONE, resident)
                            .of(whose),
                    Figure.alone("CPU of the server, s/GB", 2, Target.NONE, server / (count * WHOLE) * 1e9)
                            .of(whose));
        }
    }

    private static int warmUp(Workbench bench) {
        return bench.of(20, 1);
    }

    private static List<Figure> with(Workbench bench, int count, int rate, int seconds, Target memory) {
        try (var sink = S3Sink.start(bench);
                var sluice = SluiceProcess.serve(bench, bench.diskFolder("data"), "", sink.standard(STORAGE));
                var advance = new Advance(sluice.address());
                var uploads = PacedUploads.start(sluice.address(), count, rate, DOORS)) {
            Pause.millis(warmUp(bench) * 1_000L);
            double server = Usage.cpuSeconds(sluice.pid());
            double load = Usage.ownCpuSeconds();
            long late = uploads.late();
            uploads.forgetBehind();
            long sunk = sink.report().bytes();
            advance.begin(uploads.jobs());
            long began = System.nanoTime();
            Pause.millis(seconds * 1_000L);
            double elapsed = (System.nanoTime() - began) / 1e9;
            Advance.Moved moved = advance.moved();
            sunk = sink.report().bytes() - sunk;
            server = Usage.cpuSeconds(sluice.pid()) - server;
            load = Usage.ownCpuSeconds() - load;
            uploads.requireMoving();
            double sent = rate * elapsed;
            String whose = String.format("%,d", count);
            return List.of(
                    Figure.alone(
                                    "resident memory of the server at its most, MiB",
                                    0,
                                    memory,
                                    Usage.residentPeak(sluice.pid()) / (double) (1 << 20))
                            .of(whose),
                    Figure.alone(
                                    "the longest that any stood still, s",
                                    1,
                                    new Target.AtMost(STILL_SECONDS, " s"),
                                    moved.still())
                            .of(whose),
                    Figure.alone(
                                    "the slowest's share of what it had to send",
                                    2,
                                    new Target.AtLeast(0.9, ""),
                                    moved.least() / sent)
                            .of(whose),
                    Figure.alone(
                                    "MB/s taken, of " + Math.round(count * rate / 1e6),
                                    1,
                                    Target.NONE,
                                    moved.all() / elapsed / 1e6)
                            .of(whose),
                    Figure.alone("MB/s that came to the service", 1, Target.NONE, sunk / elapsed / 1e6)
                            .of(whose),
                    Figure.alone("pieces that the server did not take in time", 0, Target.NONE, (double)
                                    (uploads.late() - late))
                            .of(whose),
                    Figure.alone("CPU of the server, cores", 2, Target.NONE, server / elapsed)
                            .of(whose),
                    Figure.alone("CPU of the load, cores", 2, Target.NONE, load / elapsed)
                            .of(whose),
                    Figure.alone("the load behind its own time at the most, ms", 1, Target.NONE, uploads.behind())
                            .of(whose));
        }
    }
}
