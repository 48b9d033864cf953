package dev.sluice.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The command `bench/run`.
final class Bench {
    private static final List<Row> ROWS = List.of(
            new CancelRow(),
            new PutRow(),
            new TusRow(),
            new WebSocketRow(),
            new S3Row(),
            new DriveRow(),
            new FanOutRow(),
            new MovingRow(),
            new IdleRow(),
            new ManyUploadsRow(),
            new CloudCancelRow(),
            new CloudManyRow(),
            new SlowNeighbourRow(),
            new AttackRow(),
            new LoginFloodRow(),
            new CommandRow(),
            new FilesLargeRow(),
            new FilesSmallRow(),
            new FilesVerifiedRow(),
            new FilesCancelRow(),
            new FilesTickerRow(),
            new DownloadRow(),
            new DownloadLimitedRow(),
            new DownloadCloudRow(),
            new DownloadCancelRow(),
            new DownloadChildrenRow(),
            new DownloadManyRow(),
            new ImportRow(),
            new ImportCancelRow(),
            new CsvParseRow(),
            new CategorizeRow());

    private static final String HELP = """
            Usage: bench/run [--short] [--write | --dry] ROW…
                   bench/run [--short] --all
                   bench/run --list

            Measures rows of docs/benchmarks.md and writes them there.

              --all     every row, one after the other
              --list    names the rows
              --short   a form of seconds, which shows that a row works; its figures say little and are not written
              --write   writes the figures of a short run, too
              --dry     writes nothing
              --help    this text

            The last line counts the rows that ran to their end; a missed target is no failure, it is written down.""";

    private Bench() {}

    public static void main(String[] arguments) {
        List<String> words = Arrays.asList(arguments);
        if (words.isEmpty() || words.contains("--help") || words.contains("-h")) {
            System.out.println(HELP);
            return;
        }
        if (words.contains("--list")) {
            ROWS.forEach(row -> System.out.printf("%-14s %s%n", row.name(), row.title()));
            return;
        }
        boolean brief = words.contains("--short");
        boolean write = words.contains("--write") || (!brief && !words.contains("--dry"));
        System.exit(run(chosen(words), brief, write) ? 0 : 1);
    }

    private static List<Row> chosen(List<String> words) {
        if (words.contains("--all")) {
            return ROWS;
        }
        var chosen = new ArrayList<Row>();
        for (String word : words) {
            if (List.of("--short", "--write", "--dry").contains(word)) {
                continue;
            }
            chosen.add(ROWS.stream()
                    .filter(row -> row.name().equals(word))
                    .findFirst()
                    .orElseThrow(() -> new BenchException("there is no row " + word + "; type: bench/run --list")));
        }
        return chosen;
    }

    private static boolean run(List<Row> rows, boolean brief, boolean write) {
        Path root = Path.of(System.getProperty("sluice.root"));
        int failed = 0;
        for (Row row : rows) {
            long began = System.nanoTime();
            try (var bench = new Workbench(root, brief)) {
                String section = BenchmarksPage.section(row, row.measure(bench));
                System.out.println(section);
                if (write) {
                    new BenchmarksPage(bench.page()).put(row, section, ROWS);
                }
            } catch (RuntimeException e) {
                failed++;
                System.out.println("FAILED: " + row.name());
                e.printStackTrace(System.out);
            }
            System.out.printf("%s: %d s%n%n", row.name(), (System.nanoTime() - began) / 1_000_000_000);
        }
        System.out.printf("%d passed, %d failed, 0 skipped%n", rows.size() - failed, failed);
        return failed == 0;
    }
}
