package dev.sluice.scan;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.core.StopToken;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Locale;

/// How long a scan of 120 MB takes, beside SHA-256 alone, and with clamd where its address is given:
///
///     dev/mvn -q test-compile -pl scan -am
///     java -cp scan/target/classes:scan/target/test-classes:core/target/classes:SLF4J-API.jar \
///         dev.sluice.scan.ExaminationSpeed [/run/clamav/clamd.ctl]
final class ExaminationSpeed {
    private static final int ROUNDS = 7;

    private ExaminationSpeed() {}

    public static void main(String[] arguments) throws Exception {
        Path file = Files.createTempFile("sluice-scan-speed-", ".csv");
        try {
            Files.write(file, statement());
            measure("read and SHA-256 alone", () -> digest(file));
            measure(
                    "built-in checks and SHA-256",
                    () -> Examination.of(file, StandardCharsets.UTF_8, new StopToken(), done -> {}));
            if (arguments.length > 0) {
                var scanning = new Scanning(ScanSettings.of(ScanMode.REQUIRED, ClamdAddress.of(arguments[0]))
                        .withStreamLimit(512L << 20));
                measure(
                        "with clamd",
                        () -> System.out.println(
                                scanning.scan(file, StandardCharsets.UTF_8, new StopToken(), done -> {})
                                        .sentence()));
            }
        } finally {
            Files.delete(file);
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private static void measure(String what, Step step) throws Exception {
        var millis = new double[ROUNDS];
        var processor = new double[ROUNDS];
        var threads = ManagementFactory.getThreadMXBean();
        for (int round = 0; round < ROUNDS; round++) {
            long ran = threads.getCurrentThreadCpuTime();
            long began = System.nanoTime();
            step.run();
            millis[round] = (System.nanoTime() - began) / 1e6;
            processor[round] = (threads.getCurrentThreadCpuTime() - ran) / 1e6;
        }
        double first = millis[0];
        Arrays.sort(millis);
        Arrays.sort(processor);
        System.out.printf(
                Locale.ROOT,
                "%-30s first %.0f ms, median %.0f ms, best %.0f ms; processor median %.0f ms%n",
                what,
                first,
                millis[ROUNDS / 2],
                millis[0],
                processor[ROUNDS / 2]);
    }

    private static void digest(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            var window = new byte[Examination.WINDOW];
            for (int count = in.read(window); count > 0; count = in.read(window)) {
                digest.update(window, 0, count);
            }
            digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// 120 MB, 12 columns, 1,000,000 rows.
    private static byte[] statement() {
        var text = new StringBuilder(125_000_000);
        for (int row = 0; row < 1_000_000; row++) {
            text.append("DE89370400440532013000;")
                    .append(row % 28 + 1)
                    .append(".01.2025;31.01.2025;-")
                    .append(row % 997)
                    .append(',')
                    .append(row % 90 + 10)
                    .append(";EUR;VISA KAUFUMSATZ \"REWE\" Markt;Köln;DE;5411;")
                    .append(row)
                    .append(";SVWZ+TRANSAKTION;")
                    .append(row * 7 % 100_000)
                    .append(",00\r\n");
        }
        return text.toString().getBytes(UTF_8);
    }
}
