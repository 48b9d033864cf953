package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// One large file from nginx into memory, as fast as it goes.
final class DownloadRow implements Row {
    @Override
    public String name() {
        return "download";
    }

    @Override
    public String title() {
        return "Download of 2 GiB, beside curl and aria2";
    }

    @Override
    public Result measure(Workbench bench) {
        long size = bench.of(2L << 30, 64L << 20);
        bench.requireMemory(3 * size);
        Path site = bench.folder("site");
        Path target = bench.folder("target");
        var figures = new ArrayList<Figure>();
        try (var cargo = Cargo.random(bench.folder("cargo"));
                var nginx = Nginx.files(site);
                var sluice = Download.serve(bench, List.of())) {
            cargo.write(site.resolve("files").resolve("file"), size);
            String url = "http://127.0.0.1:" + nginx.address().getPort() + "/file";
            figures.add(beside(
                    bench,
                    sluice,
                    url,
                    cargo,
                    size,
                    List.of("curl", "-s", "-o", target.resolve("file").toString(), url),
                    target,
                    "curl",
                    0.9));
            figures.add(beside(
                    bench,
                    sluice,
                    url,
                    cargo,
                    size,
                    List.of(
                            "aria2c",
                            "-q",
                            "-x4",
                            "-s4",
                            "-k1M",
                            "--file-allocation=none",
                            "--allow-overwrite=true",
                            "-d",
                            target.toString(),
                            "-o",
                            "file",
                            url),
                    target,
                    "aria2",
                    1.0));
        }
        return new Result(
                figures,
                List.of(
                        "nginx with one worker and `sendfile`; everything in `/dev/shm`. Ours: a job of a running server into "
                                + "its local storage (`durability: power`), four connections, from its begin to its end as it "
                                + "tells them; the file is compared afterwards, byte by byte. Theirs: the time of their process. "
                                + pairs(bench) + " pairs in turns, after one that does not count.",
                        "`curl -o`; `aria2c -x4 -s4 -k1M --file-allocation=none`."),
                List.of(
                        version(bench, "curl", "--version"),
                        version(bench, "aria2c", "--version"),
                        Nginx.version(bench.log("version"))));
    }

    static String version(Workbench bench, String... command) {
        return Child.run(bench.log("version"), List.of(command))
                .lines()
                .findFirst()
                .orElseThrow()
                .replaceAll("^(\\S+ \\S+ ?[0-9.]*).*$", "$1")
                .strip();
    }

    private static int pairs(Workbench bench) {
        return bench.of(5, 1);
    }

    private static Figure beside(
            Workbench bench,
            SluiceProcess sluice,
            String url,
            Cargo cargo,
            long size,
            List<String> rival,
            Path target,
            String name,
            double least) {
        var ours = new ArrayList<Double>();
        var theirs = new ArrayList<Double>();
        for (int pair = 0; pair <= pairs(bench); pair++) {
            double mine = ours(sluice, url, cargo, size);
            double other = Measured.command(bench, rival).seconds();
            delete(target.resolve("file"));
            if (pair > 0) {
                ours.add(size / mine / 1e9);
                theirs.add(size / other / 1e9);
            }
        }
        return Figure.compared(
                        "throughput, GB/s",
                        2,
                        ours.stream().mapToDouble(one -> one).toArray(),
                        theirs.stream().mapToDouble(one -> one).toArray(),
                        Target.atLeastTimes(least))
                .of("beside " + name);
    }

    /// Seconds of one that is compared and deleted afterwards.
    static double ours(SluiceProcess sluice, String url, Cargo cargo, long size) {
        Download download = Download.start(sluice, url);
        double seconds = download.seconds();
        if (!cargo.fills(sluice.files().resolve("file"), size)) {
            throw new BenchException("what was downloaded is not what nginx has");
        }
        sluice.delete(download.job());
        while (Files.exists(sluice.files().resolve("file"))) {
            Pause.millis(5);
        }
        return seconds;
    }

    static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new BenchException("cannot delete " + file, e);
        }
    }
}
