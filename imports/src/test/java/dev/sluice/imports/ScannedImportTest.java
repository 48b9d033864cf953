package dev.sluice.imports;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Problem;
import dev.sluice.db.Database;
import dev.sluice.scan.ClamdAddress;
import dev.sluice.scan.ClamdProcess;
import dev.sluice.scan.ScanMode;
import dev.sluice.scan.ScanSettings;
import dev.sluice.scan.StoredVerdict;
import dev.sluice.scan.TestingClamd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Imports that clamd has a say in: the real one and, for what that cannot be made to do, ours.
@Timeout(120)
class ScannedImportTest {
    private static final String HEADER = "Buchungstag;Verwendungszweck;Betrag;Währung\n";
    private static final String COFFEE = "27.03.2026;Kaffee;-4,50;EUR\n";
    private static final String EICAR =
            "X5O!P%@AP[4\\PZX54(P^)7CC)7}".concat("$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");
    private static final int ATTEMPTS = 3;

    @TempDir
    Path folder;

    private final TestingClamd ours = TestingClamd.local();
    private final CountDownLatch end = new CountDownLatch(1);
    private @Nullable TestingNode started;

    private TestingNode node(ScanSettings scanning) {
        TestingNode node = new TestingNode(folder, () -> Database.sqlite(folder.resolve("data.db")), scanning);
        started = node;
        return node;
    }

    /// One that has no patience.
    private TestingNode node(ScanMode mode, ClamdAddress clamd, long trusted) {
        return node(new ScanSettings(
                mode, clamd, Duration.ofSeconds(2), Duration.ofMillis(500), Duration.ofMillis(500), trusted));
    }

    private TestingNode real(ScanMode mode, long trusted) {
        return node(ScanSettings.of(mode, ClamdProcess.local()).withStreamLimit(trusted));
    }

    @AfterEach
    void stop() {
        end.countDown();
        ours.close();
        if (started != null) {
            started.close();
        }
        assertThat(ours.violations()).isEmpty();
    }

    private void waitForTheEnd() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Rows of 2 kB each.
    private static String large(int bytes) {
        var text = new StringBuilder(HEADER);
        String words = "Kaffee und Kuchen ".repeat(110);
        for (int i = 0; text.length() < bytes; i++) {
            text.append("27.03.2026;").append(words).append(i).append(";-4,50;EUR\n");
        }
        return text.toString();
    }

    private static long rows(String text) {
        return text.lines().count() - 1;
    }

    private static String quoted(String cell) {
        return HEADER + COFFEE + "27.03.2026;\"" + cell + "; \"\"gut\"\"\";-4,50;EUR\n";
    }

    private static StoredVerdict verdict(Job job) {
        return job.facts().as(ImportRun.ScanFacts.class).scan();
    }

    private static Problem failed(Job job, ErrorCode code) {
        assertThat(job.state()).isEqualTo(JobState.FAILED);
        Problem error = Objects.requireNonNull(job.error());
        assertThat(error.code()).as(error.message()).isEqualTo(code);
        return error;
    }

    private static void leftNothing(TestingNode node) {
        await().atMost(Duration.ofSeconds(5)).untilAsserted(node::isEmpty);
    }

    // ---- The real one

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OFF")
    void whatClamdFindsNothingInIsTakenInAndTheJobSaysWhoLooked(ScanMode mode) {
        TestingNode node = real(mode, TestingClamd.FILE_LIMIT);

        Job job = node.completes(node.submit(HEADER + COFFEE));

        assertThat(node.booked()).hasSize(1);
        StoredVerdict verdict = verdict(job);
        assertThat(verdict.verdict()).isEqualTo("clean");
        assertThat(verdict.engine()).startsWith("ClamAV 1.");
        assertThat(verdict.databaseVersion()).isNotEmpty();
        assertThat(verdict.sha256())
                .isEqualTo(node.imports.list(job.owner(), 1, null).getFirst().sha256());
        assertThat(node.notes(job)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OFF")
    void whatOnlyClamdKnowsIsFoundInAQuotedCell(ScanMode mode) {
        TestingNode node = real(mode, TestingClamd.FILE_LIMIT);

        Job job = node.awaitEnd(node.submit(quoted(TestingClamd.MALICIOUS)));

        Problem error = failed(job, ErrorCode.INFECTED);
        StoredVerdict verdict = verdict(job);
        assertThat(verdict.verdict()).isEqualTo("infected");
        assertThat(verdict.engine()).startsWith("ClamAV 1.");
        assertThat(verdict.signature()).startsWith(TestingClamd.SIGNATURE);
        assertThat(error.details())
                .containsEntry("engine", verdict.engine())
                .containsEntry("signature", verdict.signature());
        assertThat(error.message()).contains(verdict.engine(), TestingClamd.SIGNATURE);
        leftNothing(node);
    }

    /// The built-in checks look first, and clamd is not bothered with what they refuse.
    @ParameterizedTest
    @EnumSource(ScanMode.class)
    void eicarIsFoundInAQuotedCellWhateverTheMode(ScanMode mode) {
        TestingNode node = real(mode, TestingClamd.FILE_LIMIT);

        Job job = node.awaitEnd(node.submit(quoted(EICAR)));

        failed(job, ErrorCode.INFECTED);
        assertThat(verdict(job).verdict()).isEqualTo("infected");
        assertThat(verdict(job).engine()).isEqualTo("built-in");
        assertThat(verdict(job).signature()).isEqualTo("Eicar-Test-Signature");
        leftNothing(node);
    }

    static Stream<Long> limits() {
        return Stream.of((long) TestingClamd.FILE_LIMIT, 1L << 30);
    }

    /// Over the limit that the configuration says, and over the one that only clamd knows.
    @ParameterizedTest
    @MethodSource("limits")
    void aFileOverALimitIsRefusedAtOnceWhereAScanIsRequired(long trusted) {
        TestingNode node = real(ScanMode.REQUIRED, trusted);

        Job job = node.awaitEnd(node.submit(large(TestingClamd.STREAM_LIMIT + 1)));

        assertThat(failed(job, ErrorCode.TOO_LARGE).details()).containsEntry("reason", "over_limit");
        assertThat(job.attempt()).isEqualTo(1);
        notScanned(job, "over_limit");
        leftNothing(node);
    }

    @ParameterizedTest
    @MethodSource("limits")
    void aFileOverALimitIsTakenInUnscannedWhereAScanIsOptional(long trusted) {
        TestingNode node = real(ScanMode.OPTIONAL, trusted);
        String text = large(TestingClamd.STREAM_LIMIT + 1);

        Job job = node.completes(node.submit(text));

        assertThat(node.rows("transactions")).isEqualTo(rows(text));
        notScanned(job, "over_limit");
        assertThat(node.notes(job)).containsOnlyOnce("not_scanned over_limit");
    }

    private static void notScanned(Job job, String reason) {
        StoredVerdict verdict = verdict(job);
        assertThat(verdict.verdict()).isEqualTo("not_scanned");
        assertThat(verdict.reason()).as(verdict.sentence()).isEqualTo(reason);
        assertThat(verdict.engine()).isEqualTo("built-in");
        assertThat(verdict.sentence()).endsWith("; no virus scanner has looked at the file");
    }

    // ---- Ours, when it fails

    enum Fault {
        SLOW {
            @Override
            void inflict(ScannedImportTest test) {
                test.ours.onStream((in, out) -> {
                    test.ours.take(in);
                    test.waitForTheEnd();
                });
            }
        },
        CLOSED_EARLY {
            @Override
            void inflict(ScannedImportTest test) {
                test.ours.onStream((in, out) -> in.skipNBytes(300_000));
            }
        },
        EMPTY {
            @Override
            void inflict(ScannedImportTest test) {
                test.ours.saying("");
            }
        },
        ERROR {
            @Override
            void inflict(ScannedImportTest test) {
                test.ours.saying("stream: Can't allocate memory ERROR\0");
            }
        },
        NONSENSE {
            @Override
            void inflict(ScannedImportTest test) {
                test.ours.saying("PONG\0");
            }
        },
        UNREACHABLE {
            @Override
            void inflict(ScannedImportTest test) {
                test.ours.close();
            }
        };

        abstract void inflict(ScannedImportTest test);

        String reason() {
            return name().toLowerCase(Locale.ROOT);
        }

        /// What comes early has to come before all is sent.
        String file() {
            return this == CLOSED_EARLY ? large(TestingClamd.STREAM_LIMIT - 100_000) : HEADER + COFFEE;
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void whereAScanIsRequiredAClamdThatFailsLetsNothingIn(Fault fault) {
        fault.inflict(this);
        TestingNode node = node(ScanMode.REQUIRED, ours.address(), 1L << 30);

        Job job = node.awaitEnd(node.submit(fault.file()));

        Problem error = failed(job, ErrorCode.SCANNER_UNAVAILABLE);
        assertThat(error.details()).containsEntry("reason", fault.reason());
        assertThat(error.message()).contains(ours.address().toString());
        assertThat(job.attempt()).isEqualTo(ATTEMPTS);
        notScanned(job, fault.reason());
        leftNothing(node);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void whereAScanIsOptionalAClamdThatFailsIsToldOfAndTheRowsAreThere(Fault fault) {
        fault.inflict(this);
        TestingNode node = node(ScanMode.OPTIONAL, ours.address(), 1L << 30);
        String text = fault.file();

        Job job = node.completes(node.submit(text));

        assertThat(node.rows("transactions")).isEqualTo(rows(text));
        notScanned(job, fault.reason());
        assertThat(node.notes(job)).containsOnlyOnce("not_scanned " + fault.reason());
    }

    @Test
    void aClamdThatComesBackIsAskedAgain() {
        var asked = new AtomicInteger();
        ours.onStream((in, out) -> {
            ours.take(in);
            out.write(
                    (asked.incrementAndGet() == 1 ? "stream: no thread ERROR\0" : "stream: OK\0").getBytes(ISO_8859_1));
        });
        TestingNode node = node(ScanMode.REQUIRED, ours.address(), 1L << 30);

        Job job = node.completes(node.submit((HEADER + COFFEE).getBytes(UTF_8)));

        assertThat(job.attempt()).isEqualTo(2);
        assertThat(verdict(job).verdict()).isEqualTo("clean");
        assertThat(verdict(job).engine()).isEqualTo("ClamAV 0.0.0-testing");
        assertThat(node.rows("transactions")).isEqualTo(1);
        assertThat(node.rows("imports")).isEqualTo(1);
    }
}
