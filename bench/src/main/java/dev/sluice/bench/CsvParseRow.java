package dev.sluice.bench;

import de.siegmar.fastcsv.reader.CsvRecord;
import dev.sluice.core.StopToken;
import dev.sluice.csv.CsvReader;
import dev.sluice.csv.CsvRow;
import dev.sluice.csv.Overrides;
import dev.sluice.csv.Survey;
import dev.sluice.csv.Surveyor;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The records of a bank's file, as an import reads them, beside FastCSV by itself.
final class CsvParseRow implements Row {
    @Override
    public String name() {
        return "csv-parse";
    }

    @Override
    public String title() {
        return "Records of a CSV, beside FastCSV bare";
    }

    /// Reads all records of a file.
    private interface Reading {
        /// @return the characters in all their fields
        long go();
    }

    @Override
    public Result measure(Workbench bench) {
        int rows = bench.of(1_000_000, 20_000);
        Path folder = bench.folder("bank");
        Path plain = folder.resolve("plain.csv");
        BankFile.write(plain, rows);
        Path quoted = folder.resolve("quoted.csv");
        quote(plain, quoted);
        var figures = new ArrayList<Figure>();
        for (Path file : List.of(plain, quoted)) {
            Survey survey = new Surveyor().survey(file, Overrides.NONE.withHeader(true), new StopToken(), read -> {});
            figures.add(compare(
                    bench,
                    file.equals(plain) ? "without quotes" : "each field in quotes",
                    rows,
                    () -> ours(file, survey),
                    () -> theirs(file)));
        }
        return new Result(
                figures,
                List.of(
                        String.format(
                                "%,d rows of 12 columns, %d and %d MiB, in memory, read by one thread. Ours knows the dialect"
                                        + " already, decodes by itself, counts lines, bounds fields and asks whether to stop at each MiB;"
                                        + " FastCSV gives each record as `CsvRecord`s, with UTF-8 decoded by the JDK.",
                                rows,
                                plain.toFile().length() >> 20,
                                quoted.toFile().length() >> 20),
                        "In one process, with 512 MiB and the serial collector; " + Turns.order(bench) + "."),
                List.of());
    }

    private static Figure compare(Workbench bench, String what, int rows, Reading ours, Reading theirs) {
        int rounds = bench.of(7, 2);
        double[] oursPerSecond = new double[rounds];
        double[] theirsPerSecond = new double[rounds];
        for (int round = bench.brief() ? 0 : -2; round < rounds; round++) {
            long began = System.nanoTime();
            long seen = ours.go();
            long between = System.nanoTime();
            long alsoSeen = theirs.go();
            long end = System.nanoTime();
            if (seen != alsoSeen) {
                throw new BenchException("ours has read " + seen + " characters, FastCSV " + alsoSeen);
            }
            if (round >= 0) {
                oursPerSecond[round] = rows / ((between - began) / 1e9) / 1e6;
                theirsPerSecond[round] = rows / ((end - between) / 1e9) / 1e6;
            }
        }
        return Figure.compared(
                what + ", million records/s", 2, oursPerSecond, theirsPerSecond, Target.atLeastTimes(0.8));
    }

    private static long ours(Path file, Survey survey) {
        long characters = 0;
        try (var reader = CsvReader.open(file, survey, new StopToken(), read -> {})) {
            for (CsvRow row = reader.next(); row != null; row = reader.next()) {
                for (int field = 0; field < row.size(); field++) {
                    characters += row.to(field) - row.from(field);
                }
            }
        }
        return characters;
    }

    private static long theirs(Path file) {
        long characters = 0;
        try (var reader = de.siegmar.fastcsv.reader.CsvReader.builder()
                .fieldSeparator(';')
                .ofCsvRecord(file)) {
            boolean header = true;
            for (CsvRecord row : reader) {
                for (int field = 0; field < row.getFieldCount() && !header; field++) {
                    characters += row.getField(field).length();
                }
                header = false;
            }
        } catch (IOException e) {
            throw new BenchException("cannot read " + file, e);
        }
        return characters;
    }

    private static void quote(Path plain, Path quoted) {
        try (Stream<String> lines = Files.lines(plain);
                BufferedWriter out = Files.newBufferedWriter(quoted)) {
            for (String line : (Iterable<String>) lines::iterator) {
                out.write(Arrays.stream(line.split(";"))
                        .map(field -> '"' + field + '"')
                        .collect(Collectors.joining(";", "", "\n")));
            }
        } catch (IOException e) {
            throw new BenchException("cannot write " + quoted, e);
        }
    }
}
