package dev.sluice.scan;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What scanning makes of what a clamd says that works, be it the real one or ours.
abstract class ClamdContract {
    @TempDir
    private Path folder;

    abstract ClamdAddress address();

    /// Of which its engine's name begins.
    abstract String engine();

    private Verdict scan(byte[] bytes, long trusted) throws IOException {
        Path file = Files.createTempFile(folder, "statement", ".csv");
        Files.write(file, bytes);
        var settings = ScanSettings.of(ScanMode.REQUIRED, address()).withStreamLimit(trusted);
        return new Scanning(settings).scan(file, StandardCharsets.UTF_8, new StopToken(), done -> {});
    }

    private Verdict scan(byte[] bytes) throws IOException {
        return scan(bytes, TestingClamd.FILE_LIMIT);
    }

    private static byte[] table(int size) {
        byte[] row = "2025-01-31;-12,50;EUR;Coffee\n".getBytes(US_ASCII);
        var table = new byte[size];
        for (int i = 0; i < size; i++) {
            table[i] = row[i % row.length];
        }
        return table;
    }

    private static byte[] with(byte[] table, int offset, String text) {
        byte[] changed = Arrays.copyOf(table, table.length);
        System.arraycopy(text.getBytes(US_ASCII), 0, changed, offset, text.length());
        return changed;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 29, (256 << 10) - 1, 256 << 10, (256 << 10) + 1, TestingClamd.FILE_LIMIT})
    void whatItFindsNothingInIsCleanAndTellsWhoLookedAtWhat(int size) throws Exception {
        byte[] table = table(size);

        Verdict verdict = scan(table);

        assertThat(verdict).isInstanceOf(Verdict.Clean.class);
        assertThat(verdict.engine()).startsWith(engine());
        assertThat(((Verdict.Clean) verdict).databaseVersion()).isNotEmpty();
        assertThat(verdict.sha256())
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(table)));
    }

    @Test
    void anEmptyFileIsClean() throws IOException {
        assertThat(scan(new byte[0])).isInstanceOf(Verdict.Clean.class);
    }

    static Stream<Integer> places() {
        int chunk = 256 << 10;
        int length = TestingClamd.MALICIOUS.length();
        return Stream.of(0, chunk - length / 2, chunk - length, chunk, (1 << 20) - length);
    }

    @ParameterizedTest
    @MethodSource("places")
    void whatItKnowsIsFoundWhereverItStands(int offset) throws IOException {
        Verdict verdict = scan(with(table(1 << 20), offset, TestingClamd.MALICIOUS));

        assertThat(verdict).isInstanceOf(Verdict.Infected.class);
        assertThat(verdict.engine()).startsWith(engine());
        assertThat(((Verdict.Infected) verdict).signature()).startsWith(TestingClamd.SIGNATURE);
        assertThat(verdict.sentence()).contains(engine(), TestingClamd.SIGNATURE);
    }

    @Test
    void aFileOverItsStreamLimitIsNotScannedAlthoughItWasTrustedWithIt() throws IOException {
        for (int size : new int[] {TestingClamd.STREAM_LIMIT + 1, 5 << 20, 32 << 20}) {
            Verdict verdict = scan(table(size), Long.MAX_VALUE);

            assertThat(verdict).isInstanceOf(Verdict.NotScanned.class);
            assertThat(((Verdict.NotScanned) verdict).reason())
                    .as(verdict.sentence())
                    .isEqualTo(Verdict.Reason.OVER_LIMIT);
        }
    }

    /// Which is why the limit has to be the least of its three, and is checked here and not there.
    @Test
    void overItsFileLimitItSaysOkUnseenUnlessTheLimitIsKnown() throws IOException {
        byte[] malicious = with(table(3 << 20), 2 << 20, TestingClamd.MALICIOUS);

        assertThat(scan(malicious, TestingClamd.STREAM_LIMIT)).isInstanceOf(Verdict.Clean.class);
        assertThat(scan(malicious))
                .isInstanceOfSatisfying(
                        Verdict.NotScanned.class,
                        not -> assertThat(not.reason()).isEqualTo(Verdict.Reason.OVER_LIMIT));
    }

    @Test
    void manyFilesAtOnceHaveTheirOwnVerdicts() throws Exception {
        try (var threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Verdict>> scans = Stream.iterate(0, i -> i + 1)
                    .limit(24)
                    .<Callable<Verdict>>map(i -> () ->
                            scan(i % 3 == 0 ? with(table(300_000), 5_000 * i, TestingClamd.MALICIOUS) : table(300_000)))
                    .toList();
            List<Future<Verdict>> verdicts = threads.invokeAll(scans);
            for (int i = 0; i < verdicts.size(); i++) {
                assertThat(verdicts.get(i).get())
                        .isInstanceOf(i % 3 == 0 ? Verdict.Infected.class : Verdict.Clean.class);
            }
        }
    }
}
