package dev.sluice.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/// What a cancel takes at any point of an import, and what one of another job takes meanwhile.
final class ImportCancelRow implements Row {
    @Override
    public String name() {
        return "import-cancel";
    }

    @Override
    public String title() {
        return "Cancel, at any point of an import, and of others meanwhile";
    }

    @Override
    public Result measure(Workbench bench) {
        int rounds = bench.of(100, 5);
        int practice = bench.of(20, 1);
        Path folder = bench.folder("bank");
        Path file = folder.resolve("bank.csv");
        BankFile.write(file, bench.of(300_000, 20_000));
        Path large = folder.resolve("large.csv");
        BankFile.write(large, bench.of(1_000_000, 50_000));
        var random = new Random(rounds);
        var answers = new ArrayList<Double>();
        var gone = new ArrayList<Double>();
        var others = new ArrayList<Double>();
        int late = 0;
        try (var sluice = SluiceProcess.serve(bench, bench.diskFolder("data"), "", List.of());
                var http = sluice.connect()) {
            long length = practise(bench, sluice, file);
            for (int round = -practice; answers.size() < rounds; round++) {
                Import started = Import.start(bench, sluice, file);
                Pause.millis(random.nextInt(Math.toIntExact(length)));
                long began = System.nanoTime();
                int status =
                        http.post("/api/v1/batch/cancel/" + started.batch(), "").status();
                double answered = (System.nanoTime() - began) / 1e6;
                while (!isEmpty(sluice.data().resolve("imports"))) {
                    Pause.millis(1);
                }
                double emptied = (System.nanoTime() - began) / 1e6;
                if (status != 200) {
                    length = Math.min(length, Math.max(1, (long) (started.seconds() * 1_000)));
                    started.undo();
                    late++;
                    if (late > rounds) {
                        throw new BenchException(
                                "half of the cancels come too late: imports take less than " + length + " ms");
                    }
                } else if (round >= 0) {
                    answers.add(answered);
                    gone.add(emptied);
                }
                requireNoRow(http);
            }
            Import running = Import.start(bench, sluice, large);
            while (others.size() < bench.of(300, 10)) {
                String upload = upload(http);
                long began = System.nanoTime();
                http.post("/api/v1/upload/cancel/" + upload, "").expect(200);
                others.add((System.nanoTime() - began) / 1e6);
                Pause.millis(10);
            }
            if (running.ended()) {
                throw new BenchException("the import was over before the last of the others' cancels");
            }
            running.seconds();
        }
        return new Result(
                List.of(
                        events("request → answer, ms", new Target.AtMost(5, " ms"), answers),
                        events("request → rolled back, ms", new Target.AtMost(50, " ms"), gone),
                        events(
                                "of others, while 1,000,000 rows come: request → answer, ms",
                                new Target.AtMost(5, " ms"),
                                others)),
                List.of(answers.size() + " cancels at random points of an import of 300,000 rows into SQLite on a disk,"
                        + " behind " + practice
                        + " with which the server's code becomes warm; " + late
                        + " more came too late. Rolled back: its transaction has ended and its file is gone. After each the"
                        + " list of transactions is empty. The others are uploads that run: half of each is there."),
                List.of());
    }

    /// An upload that runs: half of it is there.
    private static String upload(HttpConnection http) {
        String place = Objects.requireNonNull(http.ask(
                        "POST",
                        "/files",
                        "Tus-Resumable: 1.0.0\r\nUpload-Length: 2\r\nContent-Type: application/offset+octet-stream\r\n",
                        "x")
                .expect(201)
                .headers()
                .get("location"));
        return place.substring(place.lastIndexOf('/') + 1);
    }

    private static Figure events(String what, Target target, List<Double> millis) {
        return Figure.events(
                what, 1, target, millis.stream().mapToDouble(one -> one).toArray());
    }

    /// @return how many milliseconds an import takes, once the server's code is warm
    private static long practise(Workbench bench, SluiceProcess sluice, Path file) {
        double seconds = 0;
        for (int round = 0; round < 3; round++) {
            Import whole = Import.start(bench, sluice, file);
            seconds = whole.seconds();
            whole.undo();
        }
        return Math.max(1, (long) (seconds * 1_000));
    }

    private static void requireNoRow(HttpConnection http) {
        long rows = http.get("/api/v1/transactions?limit=1")
                .expect(200)
                .json()
                .path("total")
                .asLong();
        if (rows != 0) {
            throw new BenchException(rows + " rows are there after a cancel");
        }
    }

    private static boolean isEmpty(Path folder) {
        String[] names = folder.toFile().list();
        return names == null || names.length == 0;
    }
}
