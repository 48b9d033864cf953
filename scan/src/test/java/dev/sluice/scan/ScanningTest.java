package dev.sluice.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Note;
import dev.sluice.core.Problem;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the mode makes of a verdict, and that no verdict claims more than was looked at.
class ScanningTest {
    private static final String TABLE = "Datum;Betrag\n31.01.2025;1,00\n";
    private static final String EICAR =
            "X5O!P%@AP[4\\PZX54(P^)7CC)7}".concat("$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");

    @TempDir
    private Path folder;

    private final TestingClamd clamd = TestingClamd.local();

    @AfterEach
    void close() {
        clamd.close();
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("statement.csv"), text);
    }

    private Verdict scan(Scanning scanning, String text) throws IOException {
        return scanning.scan(file(text), StandardCharsets.UTF_8, new StopToken(), done -> {});
    }

    private Scanning scanning(ScanMode mode) {
        return new Scanning(ScanSettings.of(mode, clamd.address()));
    }

    private Scanning withNobodyThere(ScanMode mode) {
        return new Scanning(ScanSettings.of(mode, new ClamdAddress.Local(folder.resolve("none.ctl"))));
    }

    // ---- Modes

    @ParameterizedTest
    @EnumSource(names = {"REQUIRED", "OPTIONAL"})
    void aCleanFileIsTakenInWithoutAWord(ScanMode mode) throws IOException {
        Verdict verdict = scan(scanning(mode), TABLE);

        assertThat(verdict).isInstanceOfSatisfying(Verdict.Clean.class, clean -> {
            assertThat(clean.engine()).isEqualTo("ClamAV 0.0.0-testing");
            assertThat(clean.databaseVersion()).isEqualTo("27500/Wed Jan  1 08:00:00 2025");
        });
        assertThat(scanning(mode).refusal(verdict)).isEmpty();
        assertThat(scanning(mode).notes(verdict)).isEmpty();
    }

    @Test
    void offAsksNobodyAndSaysThatNoVirusScannerLooked() throws IOException {
        Verdict verdict = scan(scanning(ScanMode.OFF), TABLE + TestingClamd.MALICIOUS);

        assertThat(verdict).isInstanceOfSatisfying(Verdict.NotScanned.class, not -> {
            assertThat(not.reason()).isEqualTo(Verdict.Reason.OFF);
            assertThat(not.engine()).isEqualTo("built-in");
            assertThat(not.sentence()).isEqualTo("virus scanning is off: only the built-in checks looked at the file");
        });
        assertThat(clamd.connections()).isZero();
        assertThat(scanning(ScanMode.OFF).refusal(verdict)).isEmpty();
        assertThat(scanning(ScanMode.OFF).notes(verdict)).isEmpty();
    }

    @Test
    void optionalWithoutAnyIsTakenInWithAWarning() throws IOException {
        var scanning = new Scanning(ScanSettings.of(ScanMode.OPTIONAL, null));

        Verdict verdict = scan(scanning, TABLE);

        assertThat(scanning.refusal(verdict)).isEmpty();
        assertThat(scanning.notes(verdict))
                .containsExactly(new Note(
                        Note.Level.WARNING,
                        "not_scanned",
                        "no virus scanner is configured: only the built-in checks looked at the file",
                        Map.of("reason", "not_configured")));
    }

    @Test
    void whatIsNotScannedIsRefusedForNowWhereScanningIsRequired() throws IOException {
        Scanning required = withNobodyThere(ScanMode.REQUIRED);

        Problem problem = required.refusal(scan(required, TABLE)).orElseThrow();

        assertThat(problem.code()).isEqualTo(ErrorCode.SCANNER_UNAVAILABLE);
        assertThat(problem.retryable()).isTrue();
        assertThat(problem.details()).containsEntry("reason", "unreachable");
        assertThat(problem.message()).contains("none.ctl takes no connection");
    }

    @Test
    void whatIsTooLargeToBeScannedIsNotTriedAgain() throws IOException {
        Scanning required = withNobodyThere(ScanMode.REQUIRED);
        var verdict = new Verdict.NotScanned(Verdict.Reason.OVER_LIMIT, "it is too large", "ab12", List.of());

        Problem problem = required.refusal(verdict).orElseThrow();

        assertThat(problem.code()).isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(problem.retryable()).isFalse();
    }

    @Test
    void whatIsNotScannedIsTakenInWithAWarningWhereScanningIsOptional() throws IOException {
        Scanning optional = withNobodyThere(ScanMode.OPTIONAL);
        Verdict verdict = scan(optional, TABLE);

        assertThat(optional.refusal(verdict)).isEmpty();
        assertThat(optional.notes(verdict)).hasSize(1).allSatisfy(note -> {
            assertThat(note.level()).isEqualTo(Note.Level.WARNING);
            assertThat(note.code()).isEqualTo("not_scanned");
            assertThat(note.details()).isEqualTo(Map.of("reason", "unreachable"));
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"REQUIRED", "OPTIONAL"})
    void whatClamdFindsIsRefusedForGood(ScanMode mode) throws IOException {
        Scanning scanning = scanning(mode);

        Problem problem =
                scanning.refusal(scan(scanning, TABLE + TestingClamd.MALICIOUS)).orElseThrow();

        assertThat(problem.code()).isEqualTo(ErrorCode.INFECTED);
        assertThat(problem.retryable()).isFalse();
        assertThat(problem.details())
                .isEqualTo(Map.of("engine", "ClamAV 0.0.0-testing", "signature", TestingClamd.SIGNATURE));
    }

    @ParameterizedTest
    @EnumSource
    void whatTheBuiltInChecksRefuseIsRefusedInEveryModeAndNobodyIsAsked(ScanMode mode) throws IOException {
        Scanning scanning = scanning(mode);

        Verdict verdict = scan(scanning, "%PDF-1.7\n");

        assertThat(verdict).isInstanceOf(Verdict.Refused.class);
        assertThat(verdict.engine()).isEqualTo("built-in");
        Problem problem = scanning.refusal(verdict).orElseThrow();
        assertThat(problem.code()).isEqualTo(ErrorCode.MALFORMED);
        assertThat(problem.message())
                .isEqualTo("the file is a PDF document, not a CSV file; export the table as CSV and send that");
        assertThat(problem.details()).isEqualTo(Map.of("engine", "built-in", "finding", "document", "offset", 0L));
        assertThat(clamd.connections()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void eicarIsInfectedByOurOwnWordInEveryMode(ScanMode mode) throws IOException {
        Scanning scanning = scanning(mode);

        Verdict verdict = scan(scanning, TABLE + "\"" + EICAR + "\"");

        assertThat(verdict).isInstanceOfSatisfying(Verdict.Infected.class, infected -> {
            assertThat(infected.engine()).isEqualTo("built-in");
            assertThat(infected.signature()).isEqualTo("Eicar-Test-Signature");
        });
        assertThat(scanning.refusal(verdict)).map(Problem::code).contains(ErrorCode.INFECTED);
    }

    @ParameterizedTest
    @EnumSource
    void whatOnlyWarnsIsKeptWithTheVerdictAndTold(ScanMode mode) throws IOException {
        Scanning scanning = scanning(mode);

        Verdict verdict = scan(scanning, TABLE + "<script>\n<script>\n\u202e\n");

        assertThat(verdict.findings())
                .extracting(Finding::kind)
                .containsExactly(Finding.Kind.MARKUP, Finding.Kind.BIDI);
        assertThat(scanning.refusal(verdict)).isEmpty();
        assertThat(scanning.notes(verdict)).extracting(Note::code).containsExactly("markup", "bidi");
        assertThat(scanning.notes(verdict).getFirst().details())
                .isEqualTo(Map.of("offset", (long) TABLE.length(), "count", 2L));
    }

    @Test
    void requiredWithoutAnAddressIsNoConfiguration() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ScanSettings.of(ScanMode.REQUIRED, null))
                .withMessageContaining("the address of clamd is not set");
        assertThatIllegalArgumentException().isThrownBy(() -> ScanSettings.off().withStreamLimit(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ScanSettings(
                        ScanMode.OFF, null, Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(1), 1));
    }

    // ---- Progress, and files that are none

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000, 3_000_001})
    void progressNeverFallsAndEndsWithTheSizeOfTheFile(int size) throws IOException {
        for (ScanMode mode : ScanMode.values()) {
            var told = new ArrayList<Long>();

            scanning(mode).scan(file("\n".repeat(size)), StandardCharsets.UTF_8, new StopToken(), told::add);

            assertThat(told).isSorted().endsWith((long) size);
        }
    }

    @Test
    void aFileThatIsNotThereIsNoVerdict() {
        assertThatThrownBy(() -> scanning(ScanMode.OPTIONAL)
                        .scan(folder.resolve("none.csv"), StandardCharsets.UTF_8, new StopToken(), done -> {}))
                .isInstanceOf(NoSuchFileException.class);
    }
}
