package dev.sluice.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// One file over connections that are each limited, and over such of which one comes to a standstill.
final class DownloadLimitedRow implements Row {
    private static final int RATE = 10_000_000;
    private static final int CONNECTIONS = 8;
    private static final int STALLED = 3;
    private static final long STALLED_AT = 4 << 20;
    private static final long LESS = 80 << 20;

    @Override
    public String name() {
        return "download-limited";
    }

    @Override
    public String title() {
        return "Download over 8 connections of 10 MB/s, beside aria2";
    }

    @Override
    public Result measure(Workbench bench) {
        long size = bench.of(640L << 20, LESS);
        bench.requireMemory(3 * size);
        Path site = bench.folder("site");
        Path target = bench.folder("target");
        var figures = new ArrayList<Figure>();
        try (var cargo = Cargo.random(bench.folder("cargo"));
                var nginx = Nginx.files(site);
                var sluice = Download.serve(bench, List.of("download.connections=" + CONNECTIONS))) {
            cargo.write(site.resolve("files").resolve("file"), size);
            figures.add(pairs(bench, sluice, cargo, size, target, nginx, Long.MAX_VALUE, 0.97)
                    .of("all move"));
            figures.add(pairs(bench, sluice, cargo, size, target, nginx, STALLED_AT, 2)
                    .of("one stands still"));
            DownloadRow.delete(site.resolve("files").resolve("file"));
            cargo.write(site.resolve("files").resolve("file"), LESS);
            figures.add(pairs(bench, sluice, cargo, LESS, target, nginx, STALLED_AT, 2)
                    .of("one stands still, " + (LESS >> 20) + " MiB"));
        }
        return new Result(
                figures,
                List.of("nginx, `limit_rate` 10 MB/s; a file of " + (size >> 20)
                        + " MiB; everything in `/dev/shm`. Both "
                        + "go through a relay of ours, whose third connection, in the second and the third line, stops for "
                        + "ever after " + (STALLED_AT >> 20)
                        + " MiB. Ours: `download.connections: 8`, `durability: power`. Theirs: "
                        + "`aria2c -x8 -s8 -k1M --file-allocation=none`. " + rounds(bench)
                        + " pairs in turns; files are compared."),
                List.of(DownloadRow.version(bench, "aria2c", "--version"), Nginx.version(bench.log("version"))));
    }

    private static int rounds(Workbench bench) {
        return bench.of(3, 1);
    }

    private static Figure pairs(
            Workbench bench,
            SluiceProcess sluice,
            Cargo cargo,
            long size,
            Path target,
            Nginx nginx,
            long stallsAt,
            double least) {
        double[] ours = new double[rounds(bench)];
        double[] theirs = new double[rounds(bench)];
        for (int round = 0; round < ours.length; round++) {
            try (var relay = Relay.stalling(nginx.address(), STALLED, stallsAt)) {
                ours[round] = size / DownloadRow.ours(sluice, url(relay), cargo, size) / 1e6;
            }
            try (var relay = Relay.stalling(nginx.address(), STALLED, stallsAt)) {
                List<String> rival = List.of(
                        "aria2c",
                        "-q",
                        "-x8",
                        "-s8",
                        "-k1M",
                        "--file-allocation=none",
                        "-d",
                        target.toString(),
                        "-o",
                        "file",
                        url(relay));
                theirs[round] = size / Measured.command(bench, rival).seconds() / 1e6;
            }
            DownloadRow.delete(target.resolve("file"));
        }
        return Figure.compared("throughput, MB/s", 1, ours, theirs, Target.atLeastTimes(least));
    }

    private static String url(Relay relay) {
        return "http://127.0.0.1:" + relay.port() + "/slow/" + RATE + "/file";
    }
}
