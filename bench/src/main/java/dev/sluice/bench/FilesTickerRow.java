package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Whether copies hold up what runs on virtual threads beside them.
final class FilesTickerRow implements Row {
    @Override
    public String name() {
        return "files-ticker";
    }

    @Override
    public String title() {
        return "A 1 ms ticker on a virtual thread, beside two copies";
    }

    @Override
    public Result measure(Workbench bench) {
        long size = bench.of(2L << 30, 256L << 20);
        bench.requireMemory(4 * size);
        Path folder = bench.folder("files");
        int rounds = bench.of(5, 1);
        try (var cargo = Cargo.random(bench.folder("cargo"))) {
            for (String name : List.of("one", "two")) {
                Files.createDirectory(folder.resolve(name));
                cargo.write(folder.resolve(name).resolve("file"), size);
            }
        } catch (IOException e) {
            throw new BenchException("a folder cannot be used", e);
        }
        var command = new ArrayList<>(SluiceProcess.optionsOfServe(bench));
        command.addAll(List.of(
                TickerProcess.class.getName(),
                folder.toString(),
                bench.folder("data").toString(),
                Integer.toString(rounds)));
        String said = Child.run(bench.log("ticker"), command);
        double[] late = said.lines()
                .filter(line -> line.startsWith("late "))
                .mapToDouble(line -> Double.parseDouble(line.substring(5)))
                .toArray();
        if (late.length == 0) {
            throw new BenchException("the ticker said nothing:\n" + said);
        }
        return new Result(
                List.of(Figure.alone(
                        "late at the most, ms",
                        1,
                        new Target.AtMost(20, " ms"),
                        Arrays.stream(late).max().orElseThrow())),
                List.of(rounds + " times two operations at once, each a file of " + (size >> 20)
                        + " MiB from tmpfs to tmpfs, in one JVM with the options of `./sluice serve`, on two cores that its virtual threads share; the ticker "
                        + "sleeps 1 ms at a time and notes by how much more it slept."),
                List.of());
    }
}
