package dev.sluice.bench;

import java.util.ArrayList;
import java.util.List;

/// A provider that has become very slow, with many uploads that wait for it, and what others get meanwhile who use
/// another storage of the same server.
final class SlowNeighbourRow implements Row {
    private static final String SLOW = "slow";
    private static final String OTHER = "other";
    private static final int RATE = 10 << 10;
    private static final int SENDERS = 2 << 20;
    private static final int AT_ONCE = 4;
    private static final List<PacedUploads.Door> DOORS = List.of(PacedUploads.Door.WEBSOCKET, PacedUploads.Door.PUT);

    @Override
    public String name() {
        return "slow-neighbour";
    }

    @Override
    public String title() {
        return "One provider at 10 KiB/s with 100 uploads on it, and who uses another";
    }

    @Override
    public Result measure(Workbench bench) {
        int neighbours = bench.of(100, 20);
        long size = bench.of(512L << 20, 16L << 20);
        int before = bench.of(30, 4);
        try (var cargo = Cargo.random(bench.folder("cargo"));
                var slow = S3Sink.slow(bench, RATE);
                var sink = S3Sink.start(bench);
                var alone = S3Sink.start(bench);
                var sluice = serve(bench, slow, sink);
                var quiet = serve(bench, slow, alone);
                var uploads = PacedUploads.start(sluice.address(), neighbours, SENDERS, DOORS, SLOW);
                var ours = Puts.into(sink, sluice, OTHER, cargo, size, AT_ONCE);
                var theirs = Puts.into(alone, quiet, OTHER, cargo, size, AT_ONCE)) {
            Pause.millis(before * 1_000L);
            long sunk = slow.report().bytes();
            long began = System.nanoTime();
            Turns turns = Turns.take(bench, ours, theirs);
            double elapsed = (System.nanoTime() - began) / 1e9;
            sunk = slow.report().bytes() - sunk;
            uploads.requireMoving();
            return new Result(
                    List.of(
                            turns.throughput(AT_ONCE * size, Target.atLeastTimes(0.9)),
                            turns.serverCpu(AT_ONCE * size, Target.NONE),
                            Figure.alone("KiB/s that came to the slow provider", 1, Target.NONE, sunk / elapsed / 1024),
                            Figure.alone(
                                    "resident memory of the server at its most, MiB",
                                    0,
                                    Target.NONE,
                                    Usage.residentPeak(sluice.pid()) / (double) (1 << 20))),
                    List.of(
                            "Two servers that are alike, each with two storages in S3, each of those at a service of its "
                                    + "own; beside stands the one without the neighbours. What is measured: " + AT_ONCE
                                    + " files of "
                                    + (size >> 20)
                                    + " MiB by as many PUTs at once. " + Turns.order(bench) + ".",
                            "The neighbours: " + neighbours
                                    + " uploads of 2 MiB/s each, half through WebSockets, half by PUT, since "
                                    + before
                                    + " s, into a service that reads 10 KiB a second from all its connections together. "
                                    + "The run fails where the server ends one of them.",
                            "The services are the sink of the row `s3`."),
                    List.of());
        }
    }

    private static SluiceProcess serve(Workbench bench, S3Service slow, S3Service other) {
        var settings = new ArrayList<>(other.standard(OTHER));
        settings.addAll(slow.settings(SLOW));
        return SluiceProcess.serve(bench, bench.diskFolder("data"), "", settings);
    }
}
