package dev.sluice.scan;

import static dev.sluice.scan.Verdict.Reason.CLOSED_EARLY;
import static dev.sluice.scan.Verdict.Reason.EMPTY;
import static dev.sluice.scan.Verdict.Reason.ERROR;
import static dev.sluice.scan.Verdict.Reason.NONSENSE;
import static dev.sluice.scan.Verdict.Reason.OVER_LIMIT;
import static dev.sluice.scan.Verdict.Reason.SLOW;
import static dev.sluice.scan.Verdict.Reason.UNREACHABLE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.StopToken;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever clamd does but say that the whole file is clean, the file is not clean, and the reason is told.
@Timeout(30)
@ParameterizedClass
@EnumSource(ClamdFaultsTest.Socket.class)
class ClamdFaultsTest {
    enum Socket {
        LOCAL,
        TCP
    }

    private static final int LARGE = 16 << 20;

    @TempDir
    private Path folder;

    private final TestingClamd clamd;
    private final CountDownLatch end = new CountDownLatch(1);

    ClamdFaultsTest(Socket socket) {
        clamd = switch (socket) {
            case LOCAL -> TestingClamd.local();
            case TCP -> TestingClamd.remote();
        };
    }

    @AfterEach
    void nothingWasSaidThatClamdDoesNotKnow() {
        end.countDown();
        clamd.close();
        assertThat(clamd.violations()).isEmpty();
    }

    private ScanSettings settings() {
        return new ScanSettings(
                ScanMode.REQUIRED,
                clamd.address(),
                Duration.ofMillis(500),
                Duration.ofMillis(300),
                Duration.ofMillis(400),
                1L << 30);
    }

    private Path file(int size) throws IOException {
        return Files.writeString(folder.resolve("statement.csv"), "2025-01-31;1\n".repeat(size / 13 + 1));
    }

    private Verdict scan(int size) throws IOException {
        return new Scanning(settings()).scan(file(size), StandardCharsets.UTF_8, new StopToken(), done -> {});
    }

    private void isNotScanned(Verdict verdict, Verdict.Reason reason, String... words) {
        assertThat(verdict).isInstanceOfSatisfying(Verdict.NotScanned.class, not -> {
            assertThat(not.reason()).as(not.sentence()).isEqualTo(reason);
            assertThat(not.sentence())
                    .contains(clamd.address().toString())
                    .endsWith("; no virus scanner has looked at the file");
            assertThat(List.of(words))
                    .allSatisfy(word -> assertThat(not.sentence()).contains(word));
            assertThat(not.engine()).isEqualTo("built-in");
        });
    }

    private void waitForTheEnd() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- Its answer

    @ParameterizedTest
    @ValueSource(
            strings = {
                "stream: OK",
                "stream: OK\n",
                "stream: ok\0",
                "stream: OK \0",
                " stream: OK\0",
                "OK\0",
                "stream: OKstream: OK\0",
                "stream: OK\0stream: OK\0",
                "stream: \0",
                "stream:\0",
                "\0",
                "\0stream: OK\0",
                "PONG\0",
                "HTTP/1.1 200 OK\r\n\r\n\0"
            })
    void whatIsNotExactlyOkIsNonsense(String answer) throws IOException {
        clamd.saying(answer);

        isNotScanned(scan(1000), NONSENSE);
    }

    @Test
    void anAnswerWithoutEndIsNonsense() throws IOException {
        clamd.saying("stream: OK".repeat(1000));

        isNotScanned(scan(1000), NONSENSE, "stream: OKstream: OK", "…");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "stream: Win.Test FOUND\0",
                "stream: Win.Test FOUND",
                "stream: Win.Test FOUND\0stream: OK\0",
                "stream: Win.Test(44d88612fea8a8f36de82e1278abb02f:68) FOUND\0"
            })
    void whatIsFoundIsFoundHoweverItIsSaid(String answer) throws IOException {
        clamd.saying(answer);

        assertThat(scan(1000))
                .isInstanceOfSatisfying(
                        Verdict.Infected.class,
                        infected -> assertThat(infected.signature()).isEqualTo("Win.Test"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "stream: Can't allocate memory ERROR\0",
                "Time limit reached ERROR\0",
                "UNKNOWN COMMAND ERROR\0",
                "COMMAND READ TIMED OUT ERROR\0"
            })
    void anErrorIsToldAsItIs(String answer) throws IOException {
        clamd.saying(answer);

        isNotScanned(scan(1000), ERROR, answer.substring(0, answer.length() - 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"MaxFiles", "MaxScanSize", "MaxFileSize", "MaxRecursion"})
    void whatItCallsOverALimitIsNotInfectedButUnseen(String limit) throws IOException {
        clamd.saying("stream: Heuristics.Limits.Exceeded." + limit + " FOUND\0");

        isNotScanned(scan(1000), OVER_LIMIT, limit);
    }

    @Test
    void controlCharactersOfAnAnswerAreNotPassedOn() throws IOException {
        clamd.saying("\u001b[31mred\u0007\u00e9\0");

        isNotScanned(scan(1000), NONSENSE, "?[31mred??");
    }

    @Test
    void noAnswerIsEmpty() throws IOException {
        clamd.saying("");

        isNotScanned(scan(1000), EMPTY);
    }

    // ---- Before it has the whole file

    @ParameterizedTest
    @ValueSource(ints = {0, 1 << 20, 4 << 20})
    void itsSizeLimitIsHeardWhileTheFileIsStillSent(int taken) throws IOException {
        clamd.onStream((in, out) -> {
            in.skipNBytes(taken);
            out.write("INSTREAM size limit exceeded. ERROR\0".getBytes(ISO_8859_1));
        });

        for (int round = 0; round < 5; round++) {
            isNotScanned(scan(LARGE), OVER_LIMIT, "StreamMaxLength");
        }
    }

    @Test
    void anErrorIsHeardWhileTheFileIsStillSent() throws IOException {
        clamd.onStream((in, out) -> {
            in.readInt();
            out.write("INSTREAM: Can't write to temporary file. ERROR\0".getBytes(ISO_8859_1));
        });

        isNotScanned(scan(LARGE), ERROR, "temporary file");
    }

    @Test
    void okBeforeItHasTheWholeFileIsNone() throws IOException {
        clamd.onStream((in, out) -> {
            in.readInt();
            out.write("stream: OK\0".getBytes(ISO_8859_1));
            waitForTheEnd();
        });

        isNotScanned(scan(LARGE), CLOSED_EARLY, "stream: OK");
    }

    @Test
    void whatIsFoundInAPartIsFound() throws IOException {
        clamd.onStream((in, out) -> {
            in.readInt();
            out.write("stream: Win.Test FOUND\0".getBytes(ISO_8859_1));
        });

        assertThat(scan(LARGE)).isInstanceOf(Verdict.Infected.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 300_000, 5_000_000})
    void goneWhileTheFileIsSentIsClosedEarly(int taken) throws IOException {
        clamd.onStream((in, out) -> in.skipNBytes(taken));

        isNotScanned(scan(LARGE), CLOSED_EARLY);
    }

    @Test
    void whatTakesNothingIsSlow() throws IOException {
        clamd.onStream((in, out) -> waitForTheEnd());

        isNotScanned(scan(LARGE), SLOW, "took nothing of the file for 300 ms");
    }

    @Test
    void whatTakesAllAndSaysNothingIsSlow() throws IOException {
        clamd.onStream((in, out) -> {
            clamd.take(in);
            waitForTheEnd();
        });

        isNotScanned(scan(1000), SLOW, "gave no answer for 400 ms");
    }

    @Test
    void whatSaysItsAnswerByDribsIsSlow() throws IOException {
        clamd.onStream((in, out) -> {
            clamd.take(in);
            for (long began = System.nanoTime(); System.nanoTime() - began < 5_000_000_000L; ) {
                out.write('s');
                pause(in);
            }
        });

        isNotScanned(scan(1000), SLOW, "gave no answer for 400 ms");
    }

    /// Until 50 ms are over, or the other side has gone.
    private static void pause(DataInputStream in) throws IOException {
        LockSupport.parkNanos(50_000_000);
        if (in.available() < 0) {
            throw new IOException("gone");
        }
    }

    @Test
    void whatIsSlowButTakesSomethingAgainAndAgainIsWaitedFor() throws IOException {
        clamd.onStream((in, out) -> {
            for (int length = in.readInt(); length > 0; length = in.readInt()) {
                in.skipNBytes(length);
                LockSupport.parkNanos(20_000_000);
            }
            out.write("stream: OK\0".getBytes(ISO_8859_1));
        });

        assertThat(scan(LARGE)).isInstanceOf(Verdict.Clean.class);
    }

    // ---- Its version, its absence

    @Test
    void withoutAVersionOfItsDatabaseThatIsUnknown() throws IOException {
        clamd.onVersion((in, out) -> out.write("ClamAV 1.4.3\0".getBytes(ISO_8859_1)));

        assertThat(scan(1000)).isInstanceOfSatisfying(Verdict.Clean.class, clean -> {
            assertThat(clean.engine()).isEqualTo("ClamAV 1.4.3");
            assertThat(clean.databaseVersion()).isEqualTo("unknown");
        });
    }

    @Test
    void whatHasNoVersionIsNoClamdAndGetsNoFile() throws IOException {
        clamd.onVersion((in, out) -> out.write("220 smtp.example.org\r\n\0".getBytes(ISO_8859_1)));
        isNotScanned(scan(1000), NONSENSE, "smtp.example.org");

        clamd.onVersion((in, out) -> {});
        isNotScanned(scan(1000), EMPTY);

        clamd.onVersion((in, out) -> waitForTheEnd());
        isNotScanned(scan(1000), SLOW);

        assertThat(clamd.ended()).isZero();
    }

    @Test
    void whatIsNotThereIsUnreachable() throws IOException {
        clamd.close();

        isNotScanned(scan(1000), UNREACHABLE);
    }

    @Test
    void aSocketWithoutAServerAndANameWithoutAHostAreUnreachable() throws IOException {
        int port;
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = server.getLocalPort();
        }
        for (ClamdAddress nobody : new ClamdAddress[] {
            new ClamdAddress.Remote("127.0.0.1", port),
            new ClamdAddress.Remote("no-such-host.invalid", 3310),
            new ClamdAddress.Local(folder.resolve("none.ctl")),
            new ClamdAddress.Local(Files.createFile(folder.resolve("file.ctl"))),
            new ClamdAddress.Local(folder.resolve("x".repeat(200)))
        }) {
            Verdict verdict = new Scanning(ScanSettings.of(ScanMode.OPTIONAL, nobody))
                    .scan(file(1000), StandardCharsets.UTF_8, new StopToken(), done -> {});
            assertThat(verdict)
                    .isInstanceOfSatisfying(
                            Verdict.NotScanned.class,
                            not -> assertThat(not.reason()).as(not.sentence()).isEqualTo(UNREACHABLE));
        }
    }

    // ---- The file

    @Test
    void aFileOverTheLimitIsNotEvenSent() throws IOException {
        Verdict verdict = new Scanning(settings().withStreamLimit(1000))
                .scan(file(2000), StandardCharsets.UTF_8, new StopToken(), done -> {});

        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Verdict.NotScanned.class,
                        not -> assertThat(not.reason()).isEqualTo(OVER_LIMIT));
        assertThat(clamd.connections()).isZero();
    }

    @Test
    void aFileThatShrinksWhileItIsSentHasNoVerdict() throws IOException {
        Path file = file(LARGE);
        clamd.onVersion((in, out) -> {
            Files.writeString(file, "a;b\n");
            out.write((TestingClamd.VERSION + "\0").getBytes(ISO_8859_1));
        });

        assertThatThrownBy(
                        () -> new Scanning(settings()).scan(file, StandardCharsets.UTF_8, new StopToken(), done -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has changed while it was scanned");
    }
}
