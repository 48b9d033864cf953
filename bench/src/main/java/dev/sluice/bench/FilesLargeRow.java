package dev.sluice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// One large file, in memory and from there onto a disk, beside `cp`.
final class FilesLargeRow implements Row {
    @Override
    public String name() {
        return "files-large";
    }

    @Override
    public String title() {
        return "One file of 4 GiB, beside cp";
    }

    @Override
    public Result measure(Workbench bench) {
        long size = bench.of(4L << 30, 256L << 20);
        bench.requireMemory(3 * size);
        Path memory = bench.folder("files");
        Path disk = bench.diskFolder("files");
        var figures = new ArrayList<Figure>();
        try (var cargo = Cargo.random(bench.folder("cargo"));
                var sluice = FileOperation.serve(bench, memory, disk)) {
            Path source = memory.resolve("file");
            cargo.write(source, size);
            figures.addAll(between(bench, sluice, source, memory.resolve("copy"), size, "tmpfs to tmpfs"));
            figures.addAll(between(bench, sluice, source, disk.resolve("copy"), size, "tmpfs to disk"));
        }
        return new Result(
                figures,
                List.of(
                        "Ours: an operation of a running server, from its begin to its end as it tells them; nothing "
                                + "verified, nothing synced, as with `cp`, whose time is that of its process. What was "
                                + "written is deleted after each turn, and the disk synced. "
                                + pairs(bench) + " pairs in turns, after one that does not count.",
                        "CPU is that of the server's process, and that of `cp`; what the kernel does later to bring pages "
                                + "onto the disk is in neither."),
                List.of(Child.run(bench.log("version"), List.of("cp", "--version"))
                        .lines()
                        .findFirst()
                        .orElseThrow()));
    }

    private static int pairs(Workbench bench) {
        return bench.of(5, 1);
    }

    private static List<Figure> between(
            Workbench bench, SluiceProcess sluice, Path source, Path target, long size, String where) {
        var ours = new ArrayList<Measured>();
        var theirs = new ArrayList<Measured>();
        for (int pair = 0; pair <= pairs(bench); pair++) {
            Measured mine = ours(sluice, source, target);
            clear(bench, target);
            Measured rival = Measured.command(bench, List.of("cp", source.toString(), target.toString()));
            clear(bench, target);
            if (pair > 0) {
                ours.add(mine);
                theirs.add(rival);
            }
        }
        return List.of(
                Figure.compared(
                                "throughput, GB/s",
                                2,
                                ours.stream()
                                        .mapToDouble(one -> size / one.seconds() / 1e9)
                                        .toArray(),
                                theirs.stream()
                                        .mapToDouble(one -> size / one.seconds() / 1e9)
                                        .toArray(),
                                Target.atLeastTimes(0.95))
                        .of(where),
                Figure.compared(
                                "CPU, s",
                                2,
                                ours.stream().mapToDouble(Measured::cpu).toArray(),
                                theirs.stream().mapToDouble(Measured::cpu).toArray(),
                                Target.atMostTimes(1.2))
                        .of(where));
    }

    private static Measured ours(SluiceProcess sluice, Path source, Path target) {
        double cpu = Usage.cpuSeconds(sluice.pid());
        JsonNode ended = FileOperation.copy(sluice, source, target, "").ended("completed");
        return new Measured(FileOperation.seconds(ended), Usage.cpuSeconds(sluice.pid()) - cpu);
    }

    private static void clear(Workbench bench, Path target) {
        try {
            Files.delete(target);
        } catch (IOException e) {
            throw new BenchException("nothing was copied to " + target, e);
        }
        Child.run(bench.log("sync"), List.of("sync", "-f", String.valueOf(target.getParent())));
    }
}
