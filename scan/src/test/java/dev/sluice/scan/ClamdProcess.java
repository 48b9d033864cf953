package dev.sluice.scan;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The real clamd, with a database of two signatures and the limits of [TestingClamd]: one for all tests of this JVM,
/// with which it ends, however that ends.
public final class ClamdProcess {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String EICAR =
            "X5O!P%@AP[4\\PZX54(P^)7CC)7}".concat("$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");
    /// The kernel ends a child when the *thread* that started it ends, so one that never does starts it.
    private static final ExecutorService PARENT = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("parent of clamd").factory());
    private static final ClamdProcess ONE = start();

    private final Path folder;
    private final int port;
    private final Process process;

    private ClamdProcess(Path folder, int port, Process process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
        Runtime.getRuntime().addShutdownHook(new Thread(this::end, "end of clamd"));
    }

    public static ClamdAddress local() {
        return new ClamdAddress.Local(ONE.socket());
    }

    public static ClamdAddress remote() {
        return new ClamdAddress.Remote("127.0.0.1", ONE.port);
    }

    private Path socket() {
        return folder.resolve("clamd.ctl");
    }

    // ---- Its start

    private static ClamdProcess start() {
        try {
            Path folder = Files.createTempDirectory("sluice-clamd-");
            int port = freePort();
            configure(folder, port);
            ClamdProcess made = new ClamdProcess(folder, port, launch(folder));
            made.await();
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start clamd: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static int freePort() throws IOException {
        try (var one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return one.getLocalPort();
        }
    }

    private static void configure(Path folder, int port) throws IOException {
        Path database = Files.createDirectory(folder.resolve("database"));
        Files.writeString(
                database.resolve("test.ndb"),
                signature(TestingClamd.SIGNATURE, TestingClamd.MALICIOUS) + signature("Eicar-Test-Signature", EICAR));
        Files.writeString(folder.resolve("clamd.conf"), """
                Foreground yes
                DatabaseDirectory %s
                LocalSocket %s
                TCPAddr 127.0.0.1
                TCPSocket %d
                StreamMaxLength %d
                MaxFileSize %d
                MaxScanSize 512M
                Bytecode no
                SelfCheck 0
                """.formatted(
                database, folder.resolve("clamd.ctl"), port, TestingClamd.STREAM_LIMIT, TestingClamd.FILE_LIMIT));
    }

    private static String signature(String name, String text) {
        return name + ":0:*:" + HexFormat.of().formatHex(text.getBytes(ISO_8859_1)) + "\n";
    }

    private static Process launch(Path folder) throws IOException, InterruptedException {
        var words = new ArrayList<String>();
        if (Files.isExecutable(Path.of("/usr/bin/setpriv"))) {
            words.addAll(List.of("setpriv", "--pdeathsig", "KILL"));
        }
        words.addAll(List.of(program(), "--config-file=" + folder.resolve("clamd.conf")));
        var builder = new ProcessBuilder(words)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile());
        try {
            return PARENT.submit(builder::start).get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    private static String program() {
        return Stream.of("/usr/sbin/clamd", "/usr/local/sbin/clamd", "/usr/bin/clamd", "/opt/homebrew/sbin/clamd")
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "no clamd; type: apt-get install -y --no-install-recommends clamav-daemon"));
    }

    private void await() throws IOException, InterruptedException {
        long began = System.nanoTime();
        while (!answers()) {
            if (process.waitFor(20, TimeUnit.MILLISECONDS) || System.nanoTime() - began > PATIENCE.toNanos()) {
                throw new IllegalStateException("clamd does not answer:\n" + Files.readString(folder.resolve("log")));
            }
        }
    }

    private boolean answers() {
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            channel.write(ByteBuffer.wrap("zPING\0".getBytes(ISO_8859_1)));
            return channel.read(ByteBuffer.allocate(16)) > 0;
        } catch (IOException e) {
            return false;
        }
    }

    private void end() {
        try {
            process.destroyForcibly().waitFor();
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
