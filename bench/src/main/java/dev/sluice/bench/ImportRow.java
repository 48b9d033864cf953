package dev.sluice.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A bank's file of a million rows, from its first byte to its last category; on PostgreSQL beside `psql \copy` of the
/// same rows.
final class ImportRow implements Row {
    private static final String COLUMNS =
            "t.id, t.import, t.owner, t.account, t.booked, t.valued, t.amount, t.currency,"
                    + " t.description, t.counterparty, t.counterparty_account, t.reference, t.balance, t.bank_category, t.mcc,"
                    + " t.formula, t.line, f.high, f.low, f.occurrence";

    @Override
    public String name() {
        return "import";
    }

    @Override
    public String title() {
        return "Import of 1,000,000 rows, on PostgreSQL beside psql \\copy";
    }

    @Override
    public Result measure(Workbench bench) {
        int rows = bench.of(1_000_000, 20_000);
        Path file = bench.folder("bank").resolve("bank.csv");
        BankFile.write(file, rows);
        double[] seconds = new double[bench.of(3, 1)];
        double[] peaks = new double[seconds.length];
        var phases = new ArrayList<String>();
        for (int round = 0; round < seconds.length; round++) {
            try (var sluice = SluiceProcess.serve(bench, bench.diskFolder("data" + round), "", List.of())) {
                Import started = Import.start(bench, sluice, file);
                seconds[round] = started.seconds();
                peaks[round] = Usage.residentPeak(sluice.pid()) / (double) (1 << 20);
                phases.add(started.stages());
            }
        }
        double[] ours = new double[seconds.length];
        double[] theirs = new double[seconds.length];
        var onPostgres = new ArrayList<String>();
        String version = "";
        for (int round = 0; round < seconds.length; round++) {
            try (var postgres = Postgres.start(bench);
                    var sluice =
                            SluiceProcess.serve(bench, bench.diskFolder("pgdata" + round), "", postgres.settings())) {
                Import started = Import.start(bench, sluice, file);
                ours[round] = started.seconds();
                onPostgres.add(started.stages());
                String copied = postgres.file("rows.csv");
                postgres.sql("CREATE TABLE rival AS SELECT " + COLUMNS
                        + " FROM transactions t JOIN fingerprints f ON f.transaction_id = t.id WITH NO DATA");
                postgres.sql("CREATE UNIQUE INDEX ON rival (high, low, occurrence)");
                postgres.sql("\\copy (SELECT " + COLUMNS
                        + " FROM transactions t JOIN fingerprints f ON f.transaction_id = t.id ORDER BY t.id) TO '"
                        + copied
                        + "' (FORMAT csv)");
                long began = System.nanoTime();
                postgres.sql("\\copy rival FROM '" + copied + "' (FORMAT csv)");
                theirs[round] = (System.nanoTime() - began) / 1e9;
                version = postgres.version();
            }
        }
        return new Result(
                List.of(
                        Figure.alone("SQLite: five stages, s", 1, new Target.AtMost(12, " s"), seconds),
                        Figure.alone(
                                "SQLite: resident memory at the most, MiB", 0, new Target.AtMost(512, " MiB"), peaks),
                        Figure.compared(
                                "PostgreSQL: five stages, s, beside \\copy", 1, ours, theirs, Target.atMostTimes(3))),
                List.of(
                        String.format(
                                        "%,d rows of 12 columns, %d MiB; data on a disk.",
                                        rows, file.toFile().length() >> 20)
                                + " `\\copy` brings the same rows, with their fingerprints, into a table with the same unique"
                                + " index and no other.",
                        "SQLite, stage by stage: " + phases.getLast() + ".",
                        "PostgreSQL, stage by stage: " + onPostgres.getLast() + "."),
                List.of(version));
    }
}
