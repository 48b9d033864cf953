package dev.sluice.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Many downloads at once.
final class DownloadManyRow implements Row {
    private static final int RATE = 400_000;

    @Override
    public String name() {
        return "download-many";
    }

    @Override
    public String title() {
        return "200 downloads at once";
    }

    @Override
    public Result measure(Workbench bench) {
        int count = bench.of(200, 20);
        long size = bench.of(16L << 20, 4L << 20);
        bench.requireMemory((count + 2) * size);
        Path site = bench.folder("site");
        var downloads = new ArrayList<Download>();
        double peak;
        double seconds;
        try (var cargo = Cargo.random(bench.folder("cargo"));
                var nginx = Nginx.files(site);
                var sluice = Download.serve(
                        bench,
                        List.of(
                                "download.concurrent=" + count,
                                "download.per-owner=" + count,
                                "download.per-host=" + count))) {
            cargo.write(site.resolve("files").resolve("file"), size);
            String url = "http://127.0.0.1:" + nginx.address().getPort() + "/slow/" + RATE + "/file";
            long began = System.nanoTime();
            for (int i = 0; i < count; i++) {
                downloads.add(Download.start(sluice, url));
            }
            downloads.forEach(Download::seconds);
            seconds = (System.nanoTime() - began) / 1e9;
            peak = Usage.residentPeak(sluice.pid()) / (double) (1 << 20);
        }
        return new Result(
                List.of(
                        Figure.alone("resident memory at the most, MiB", 0, new Target.AtMost(512, " MiB"), peak),
                        Figure.alone("all together, MB/s", 0, Target.NONE, count * size / seconds / 1e6)),
                List.of(count + " downloads of " + (size >> 20) + " MiB from nginx, which gives " + RATE / 1000
                        + " kB/s on each connection, into a folder in `/dev/shm` (`durability: power`); "
                        + "`download.concurrent`, `per-owner` and `per-host` are " + count + "."),
                List.of(Nginx.version(bench.log("version"))));
    }
}
