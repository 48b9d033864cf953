package dev.sluice.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// What a cancel takes in the middle of a download: until the last byte that its sockets take, and until nothing of it
/// is left.
final class DownloadCancelRow implements Row {
    private static final int PER_MILLI = 4 << 10;

    @Override
    public String name() {
        return "download-cancel";
    }

    @Override
    public String title() {
        return "Cancel, in the middle of a download";
    }

    @Override
    public Result measure(Workbench bench) {
        int practice = bench.of(40, 1);
        int rounds = bench.of(200, 5);
        long size = 256L << 20;
        Path site = bench.folder("site");
        var random = new Random(rounds);
        var lastByte = new ArrayList<Double>();
        var first = new ArrayList<Double>();
        var gone = new ArrayList<Double>();
        try (var cargo = Cargo.random(bench.folder("cargo"));
                var nginx = Nginx.files(site);
                var sluice = Download.serve(bench, List.of())) {
            cargo.write(site.resolve("files").resolve("file"), size);
            for (int round = -practice; lastByte.size() < rounds; round++) {
                if (round > 5 * rounds) {
                    throw new BenchException("bytes seldom flow when a download is cancelled");
                }
                try (var relay = Relay.steady(nginx.address(), PER_MILLI)) {
                    Download download = Download.start(sluice, "http://127.0.0.1:" + relay.port() + "/file");
                    download.awaitBytes(1 << 20);
                    Pause.millis(random.nextInt(300));
                    boolean flowing = relay.isFlowing();
                    long began = System.nanoTime();
                    download.cancel();
                    while (!isEmpty(sluice.files())) {
                        Pause.millis(1);
                    }
                    double emptied = (System.nanoTime() - began) / 1e6;
                    Pause.millis(100);
                    double last = Math.max(0, relay.lastByteNanos() - began) / 1e6;
                    if (round < 0) {
                        first.add(last);
                    } else if (flowing) {
                        lastByte.add(last);
                        gone.add(emptied);
                    }
                }
            }
        }
        return new Result(
                List.of(
                        Figure.events(
                                "request → last byte that its sockets take, ms",
                                1,
                                new Target.AtMost(10, " ms"),
                                lastByte.stream().mapToDouble(one -> one).toArray()),
                        Figure.events(
                                "the same of the first " + practice + " after the start, ms",
                                1,
                                Target.NONE,
                                first.stream().mapToDouble(one -> one).toArray()),
                        Figure.events(
                                "request → nothing in the folder, ms",
                                1,
                                Target.NONE,
                                gone.stream().mapToDouble(one -> one).toArray())),
                List.of(rounds + " downloads, behind " + practice
                        + " with which the server's code becomes warm, over four connections of a relay, which gives each "
                        + (PER_MILLI >> 10)
                        + " KiB a millisecond and notes when the kernel last took some, cancelled by HTTP within 300 ms after "
                        + "their first MiB, while bytes flow. All in `/dev/shm`, `durability: power`."),
                List.of(Nginx.version(bench.log("version"))));
    }

    private static boolean isEmpty(Path folder) {
        String[] names = folder.toFile().list();
        return !Files.exists(folder) || names == null || names.length == 0;
    }
}
