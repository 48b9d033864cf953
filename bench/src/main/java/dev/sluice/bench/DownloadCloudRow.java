package dev.sluice.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// One file from a server into S3, both as slow as each other.
final class DownloadCloudRow implements Row {
    private static final int RATE = 60_000_000;
    private static final String STORAGE = "cloud";

    @Override
    public String name() {
        return "download-cloud";
    }

    @Override
    public String title() {
        return "Download straight into S3, beside curl and the AWS SDK's transfer manager";
    }

    @Override
    public Result measure(Workbench bench) {
        long size = bench.of(512L << 20, 96L << 20);
        bench.requireMemory(4 * size);
        Path site = bench.folder("site");
        Path target = bench.folder("target");
        int rounds = bench.of(3, 1);
        double[] ours = new double[rounds];
        double[] theirs = new double[rounds];
        long largest = 0;
        try (var cargo = Cargo.random(bench.folder("cargo"));
                var nginx = Nginx.files(site);
                var bucket = S3Mock.start(bench, RATE);
                var sluice = serve(bench, bucket);
                var manager = TransferManager.start(bench, bucket, cargo, size)) {
            cargo.write(site.resolve("files").resolve("file"), size);
            String url = "http://127.0.0.1:" + nginx.address().getPort() + "/slow/" + RATE + "/file";
            for (int round = 0; round < rounds; round++) {
                var files = FilesWatch.start(sluice);
                Download download;
                try (files) {
                    download = Download.start(sluice, url);
                    ours[round] = size / download.seconds() / 1e6;
                }
                largest = Math.max(largest, files.largest());
                bucket.requireStored("file", cargo, size);
                sluice.delete(download.job());
                bucket.awaitEmpty();
                double curl = Measured.command(
                                bench,
                                List.of(
                                        "curl",
                                        "-s",
                                        "-o",
                                        target.resolve("file").toString(),
                                        url))
                        .seconds();
                theirs[round] = size / (curl + manager.go().seconds()) / 1e6;
                manager.clear();
                DownloadRow.delete(target.resolve("file"));
            }
        }
        return new Result(
                List.of(
                        Figure.compared("throughput, MB/s", 1, ours, theirs, Target.atLeastTimes(1.6)),
                        Figure.alone(
                                "largest file of ours but the database at any time, KiB",
                                0,
                                new Target.AtMost(0, " KiB"),
                                largest / 1024.0)),
                List.of("nginx gives " + RATE / 1_000_000
                        + " MB/s on each connection, the way to S3Mock takes as much on "
                        + "all together; " + (size >> 20)
                        + " MiB. Ours: one connection, four parts of 8 MiB in the air. "
                        + "Theirs: `curl` into a file in `/dev/shm`, then the transfer manager from there. " + rounds
                        + " pairs in turns; objects are compared. Every 5 ms somebody looks into the data folder and at all "
                        + "that the server has open; logs, programs and what has one page at the most do not count."),
                List.of(
                        DownloadRow.version(bench, "curl", "--version"),
                        TransferManager.version(),
                        "S3Mock 5.2.0",
                        Nginx.version(bench.log("version"))));
    }

    private static SluiceProcess serve(Workbench bench, S3Service bucket) {
        var settings = new ArrayList<>(bucket.standard(STORAGE));
        settings.add("download.connections=1");
        return Download.serve(bench, settings);
    }
}
