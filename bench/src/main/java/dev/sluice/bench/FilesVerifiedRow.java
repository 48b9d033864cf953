package dev.sluice.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Frames that are read back from the disk, beside `rclone copy` with its check.
final class FilesVerifiedRow implements Row {
    private static final long SIZE = 8L << 20;

    @Override
    public String name() {
        return "files-verified";
    }

    @Override
    public String title() {
        return "1,000 frames of 8 MiB, verified, beside rclone";
    }

    @Override
    public Result measure(Workbench bench) {
        int frames = bench.of(1000, 8);
        Path folder = bench.diskFolder("files");
        Path source = folder.resolve("source");
        Path target = folder.resolve("target");
        var ours = new ArrayList<Double>();
        var theirs = new ArrayList<Double>();
        try (var cargo = Cargo.random(bench.folder("cargo"))) {
            Child.run(bench.log("make"), List.of("mkdir", source.toString()));
            for (int frame = 0; frame < frames; frame++) {
                cargo.write(source.resolve("shot.%04d.exr".formatted(1001 + frame)), SIZE);
            }
        }
        for (int pair = 0; pair < bench.of(3, 1); pair++) {
            ours.add(rate(
                    bench,
                    frames,
                    "SLUICE_BUILD=never " + bench.launcher() + " copy " + source + " " + target
                            + " --verify xxh64 --json --data " + bench.folder("data"),
                    target));
            theirs.add(rate(bench, frames, "rclone --config /dev/null copy " + source + " " + target, target));
        }
        return new Result(
                List.of(Figure.compared(
                        "throughput, MB/s",
                        0,
                        ours.stream().mapToDouble(one -> one).toArray(),
                        theirs.stream().mapToDouble(one -> one).toArray(),
                        Target.atLeastTimes(1.2))),
                List.of(
                        "Source and target on one disk, all caches dropped before each turn; each a process from before its "
                                + "start to its end, followed by a `sync` of the file system, which counts. Ours reads every "
                                + "target back past the page cache; rclone compares MD5s, of the target from the page cache. "
                                + bench.of(3, 1) + " pairs in turns."),
                List.of(Child.run(bench.log("version"), List.of("rclone", "--version"))
                        .lines()
                        .findFirst()
                        .orElseThrow()));
    }

    private static double rate(Workbench bench, int frames, String command, Path target) {
        Child.run(bench.log("drop"), List.of("sh", "-ec", "sync; echo 3 >/proc/sys/vm/drop_caches"));
        Measured took = Measured.shell(bench, command + "; sync -f " + target);
        Child.run(bench.log("clear"), List.of("rm", "-r", target.toString()));
        return frames * SIZE / took.seconds() / 1e6;
    }
}
