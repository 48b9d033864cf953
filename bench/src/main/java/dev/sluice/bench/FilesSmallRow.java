package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A folder of many small files by one command, its start included, beside `cp -r` and `rclone copy`.
final class FilesSmallRow implements Row {
    private static final int SIZE = 64 << 10;

    @Override
    public String name() {
        return "files-small";
    }

    @Override
    public String title() {
        return "20,000 files of 64 KiB, beside cp -r and rclone";
    }

    @Override
    public Result measure(Workbench bench) {
        int files = bench.of(20_000, 500);
        bench.requireMemory(3L * files * SIZE);
        var figures = new ArrayList<Figure>();
        figures.addAll(in(bench, bench.folder("files"), files, "tmpfs", "", Target.atLeastTimes(0.6)));
        Path disk = bench.diskFolder("files");
        figures.addAll(in(bench, disk, files, "disk, synced", "; sync -f " + disk, Target.atLeastTimes(1.0)));
        return new Result(
                figures,
                List.of(
                        "`sluice copy FOLDER TARGET --json` on an empty data folder in memory, `cp -r FOLDER TARGET`, "
                                + "`rclone copy FOLDER TARGET`: each a process from before its start to its end; on the "
                                + "disk followed by a `sync` of the file system, which counts. "
                                + rounds(bench) + " rounds in turns, after one that does not count. One folder, the "
                                + "sources in the page cache.",
                        "In files a second."),
                List.of(first(bench, "cp", "--version"), first(bench, "rclone", "--version")));
    }

    private static String first(Workbench bench, String... command) {
        return Child.run(bench.log("version"), List.of(command))
                .lines()
                .findFirst()
                .orElseThrow();
    }

    private static int rounds(Workbench bench) {
        return bench.of(5, 1);
    }

    private static List<Figure> in(
            Workbench bench, Path folder, int files, String where, String after, Target besideCp) {
        Path source = folder.resolve("source");
        fill(source, files);
        List<List<Double>> rates = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        List<String> commands = List.of(
                "SLUICE_BUILD=never " + bench.launcher() + " copy %s %s --json --data " + bench.folder("data"),
                "cp -r %s %s",
                "rclone --config /dev/null copy %s %s");
        for (int round = 0; round <= rounds(bench); round++) {
            for (int who = 0; who < commands.size(); who++) {
                Path target = folder.resolve("target");
                Measured took = Measured.shell(bench, commands.get(who).formatted(source, target) + after);
                requireAll(target, files);
                Child.run(bench.log("clear"), List.of("sh", "-ec", "rm -r " + target + "; sync -f " + folder));
                if (round > 0) {
                    rates.get(who).add(files / took.seconds());
                }
            }
        }
        return List.of(
                Figure.compared("files/s, beside cp -r", 0, all(rates.get(0)), all(rates.get(1)), besideCp)
                        .of(where),
                Figure.compared(
                                "files/s, beside rclone copy",
                                0,
                                all(rates.get(0)),
                                all(rates.get(2)),
                                Target.atLeastTimes(3))
                        .of(where));
    }

    private static double[] all(List<Double> values) {
        return values.stream().mapToDouble(value -> value).toArray();
    }

    private static void fill(Path folder, int files) {
        byte[] content = new byte[SIZE];
        new Random(files).nextBytes(content);
        try {
            Files.createDirectory(folder);
            for (int file = 0; file < files; file++) {
                content[file % SIZE]++;
                Files.write(folder.resolve("shot.%05d.exr".formatted(file)), content);
            }
        } catch (IOException e) {
            throw new BenchException("cannot fill " + folder, e);
        }
    }

    private static void requireAll(Path folder, int files) {
        String[] names = folder.toFile().list();
        if (names == null || names.length != files) {
            throw new BenchException(
                    "of " + files + " files " + (names == null ? 0 : names.length) + " are in " + folder);
        }
    }
}
