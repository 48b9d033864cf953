package dev.sluice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// Cancels in the middle of one large file, at random points.
final class FilesCancelRow implements Row {
    private static final int PRACTICE = 5;

    @Override
    public String name() {
        return "files-cancel";
    }

    @Override
    public String title() {
        return "Cancel, in the middle of a copy of 4 GiB";
    }

    @Override
    public Result measure(Workbench bench) {
        long size = bench.of(4L << 30, 512L << 20);
        bench.requireMemory(3 * size);
        Path folder = bench.folder("files");
        Path source = folder.resolve("source");
        Path into = folder.resolve("into");
        Path target = into.resolve("file");
        var lastBytes = new ArrayList<Double>();
        var gone = new ArrayList<Double>();
        var random = new Random(size);
        int cancels = bench.of(200, 5);
        try (var cargo = Cargo.random(bench.folder("cargo"));
                var sluice = FileOperation.serve(bench, folder)) {
            cargo.write(source, size);
            Files.createDirectory(into);
            for (int turn = 0; turn < PRACTICE + cancels; turn++) {
                boolean old = turn % 2 == 1;
                if (old) {
                    Files.writeString(target, "old");
                }
                var operation = FileOperation.copy(sluice, source, target, ",\"policy\":\"overwrite\"");
                long point = random.nextLong(1, size / 2);
                while (operation.bytes() < point) {
                    Pause.millis(1);
                }
                long began = System.nanoTime();
                double lastByte = cancel(sluice, operation.job());
                awaitClean(into, old);
                if (turn >= PRACTICE) {
                    lastBytes.add(lastByte);
                    gone.add((System.nanoTime() - began) / 1e6);
                }
                if (Files.size(source) != size) {
                    throw new BenchException("the source has changed");
                }
                Files.deleteIfExists(target);
            }
        } catch (IOException e) {
            throw new BenchException("a folder cannot be used", e);
        }
        return new Result(
                List.of(
                        Figure.events(
                                "request → last byte written, ms",
                                2,
                                new Target.AtMost(10, " ms"),
                                lastBytes.stream().mapToDouble(one -> one).toArray()),
                        Figure.events(
                                "request → no partial file any more, ms",
                                1,
                                Target.NONE,
                                gone.stream().mapToDouble(one -> one).toArray())),
                List.of(
                        cancels
                                + " cancels over HTTP at random bytes of a copy from tmpfs to tmpfs, every other one over an "
                                + "older file, after " + PRACTICE + " that do not count. The last byte is the server's "
                                + "own account, in the receipt of the job.",
                        "After each the folder is listed: the target is absent, or the old file is there with its bytes; "
                                + "nothing else is; the source has its size."),
                List.of());
    }

    private static double cancel(SluiceProcess sluice, String job) {
        try (HttpConnection http = sluice.connect()) {
            JsonNode answer =
                    http.post("/api/v1/jobs/" + job + "/cancel", "").expect(200).json();
            return answer.path("receipt").path("lastByteMillis").asDouble();
        }
    }

    private static void awaitClean(Path into, boolean old) throws IOException {
        long until = System.nanoTime() + 10_000_000_000L;
        List<String> wanted = old ? List.of("file") : List.of();
        List<String> found = names(into);
        while (!found.equals(wanted) && System.nanoTime() < until) {
            Pause.millis(1);
            found = names(into);
        }
        if (!found.equals(wanted)
                || (old && !Files.readString(into.resolve("file")).equals("old"))) {
            throw new BenchException("a cancel left " + found);
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(path -> String.valueOf(path.getFileName())).sorted().toList();
        }
    }
}
