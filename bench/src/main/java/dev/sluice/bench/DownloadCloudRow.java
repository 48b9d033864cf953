package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

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
        double[] largest = new double[rounds];
        try (var cargo = Cargo.random(bench.folder("cargo"));
                var nginx = Nginx.files(site);
                var sink = S3Sink.slow(bench, RATE);
                var sluice = serve(bench, sink);
                var manager = TransferManager.start(bench, sink, cargo, size)) {
            cargo.write(site.resolve("files").resolve("file"), size);
            String url = "http://127.0.0.1:" + nginx.address().getPort() + "/slow/" + RATE + "/file";
            for (int round = 0; round < rounds; round++) {
                Download download = Download.start(sluice, url);
                download.awaitBytes(size / 2);
                largest[round] = largest(sluice.data());
                ours[round] = size / download.seconds() / 1e6;
                sink.requireStored("file", cargo, size);
                sluice.delete(download.job());
                sink.awaitEmpty();
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
                                "largest file of ours but the database in the middle, KiB",
                                0,
                                new Target.AtMost(0, " KiB"),
                                largest)),
                List.of("nginx gives " + RATE / 1_000_000 + " MB/s on each connection, the sink takes as much on all "
                        + "together; " + (size >> 20) + " MiB. Ours: one connection, four parts of 8 MiB in the air. "
                        + "Theirs: `curl` into a file in `/dev/shm`, then the transfer manager from there. " + rounds
                        + " pairs in turns. Logs and the lock are no bytes of the file and do not count."),
                List.of(
                        DownloadRow.version(bench, "curl", "--version"),
                        TransferManager.version(),
                        Nginx.version(bench.log("version"))));
    }

    private static SluiceProcess serve(Workbench bench, S3Sink sink) {
        var settings = new ArrayList<>(sink.standard(STORAGE));
        settings.add("download.connections=1");
        return Download.serve(bench, settings);
    }

    /// KiB of the largest file that could hold bytes of a download.
    private static double largest(Path data) {
        try (Stream<Path> all = Files.walk(data)) {
            return all.filter(Files::isRegularFile)
                            .filter(file -> !file.getFileName().toString().startsWith("state.db"))
                            .filter(file -> !file.startsWith(data.resolve("logs")))
                            .mapToLong(file -> file.toFile().length())
                            .filter(length -> length > 4096)
                            .max()
                            .orElse(0)
                    / 1024.0;
        } catch (IOException e) {
            throw new BenchException("cannot look into " + data, e);
        }
    }
}
