package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Reachable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Servers behind TLS, whom somebody trusts or nobody.
class SecureTest {
    private static final byte[] CONTENT = TestingNode.bytes(3 << 20);

    @TempDir
    Path folder;

    private HttpsServer server;
    private TestingCertificate certificate;
    private SSLContext trusting;
    private TestingNode node;

    @BeforeEach
    void open() throws Exception {
        certificate = TestingCertificate.make(folder);
        trusting = certificate.trusting();
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certificate.serving()));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, CONTENT.length);
            try (exchange) {
                exchange.getResponseBody().write(CONTENT);
            }
        });
        server.start();
        node = new TestingNode(folder);
    }

    @AfterEach
    void close() {
        node.close();
        server.stop(0);
    }

    private String url(String host) {
        return "https://" + host + ":" + server.getAddress().getPort() + "/film.mp4";
    }

    private void refused(Job job) {
        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.error())
                .isNotNull()
                .satisfies(
                        problem -> assertThat(problem.code()).as("%s", problem).isEqualTo(ErrorCode.UPSTREAM_REFUSED));
        node.awaitNothingHeld();
    }

    @Test
    void aCertificateThatNobodyVouchesForIsRefused() {
        refused(node.awaitEnd(node.submit(url("127.0.0.1"))));
    }

    @Test
    void aCertificateOfAnotherHostIsRefused() {
        node.close();
        node = new TestingNode(
                folder.resolve("other"),
                new Reachable(List.of("127.0.0.0/8"), Downloads.ALLOWED, host ->
                        new InetAddress[] {InetAddress.getLoopbackAddress()}),
                plain -> plain,
                java.util.Map.of());
        node.trust(trusting.getSocketFactory());
        refused(node.awaitEnd(node.submit(url("files.example.org"))));
    }

    @Test
    void aFileComesThroughTls() {
        node.trust(trusting.getSocketFactory());
        Job job = node.awaitEnd(node.submit(url("127.0.0.1")));
        assertThat(job.state()).as("%s", job.error()).isEqualTo(JobState.COMPLETED);
        assertThat(node.stored(job)).isEqualTo(CONTENT);
    }

    @Test
    void whereALineBreaksTheRestComesByTheTagThroughTls() {
        node.trust(trusting.getSocketFactory());
        try (var source = TestingSource.secure(CONTENT, certificate)) {
            var broken = new AtomicBoolean();
            source.answer(exchange -> {
                if (broken.getAndSet(true)) {
                    exchange.file();
                } else {
                    exchange.head206();
                    exchange.body(0, CONTENT.length / 2);
                    throw new IOException("broken on purpose");
                }
            });
            Job job = node.awaitEnd(node.submit(source.url("/film.mp4")));
            assertThat(job.state()).as("%s", job.error()).isEqualTo(JobState.COMPLETED);
            assertThat(node.stored(job)).isEqualTo(CONTENT);
            assertThat(source.requests().getLast().header("If-Range")).isEqualTo("\"one\"");
            assertThat(source.requests().getLast().header("Range")).isNotEqualTo("bytes=0-");
            assertThat(source.sent()).isLessThan(CONTENT.length + CONTENT.length / 4);
        }
    }

    @Test
    void aCancelCutsALineThroughTls() {
        node.trust(trusting.getSocketFactory());
        try (var source = TestingSource.secure(CONTENT, certificate)) {
            source.answer(exchange -> {
                exchange.head206();
                for (int at = exchange.from(); at < exchange.to(); at += 4096) {
                    exchange.body(at, Math.min(at + 4096, exchange.to()));
                    LockSupport.parkNanos(5_000_000);
                }
            });
            Job job = node.submit(source.url("/film.mp4"));
            await().until(() -> source.sent() > 100_000);
            node.cancel(job);
            assertThat(node.awaitEnd(job).state()).isEqualTo(JobState.CANCELLED);
            await().until(() -> source.connections() == 0);
            assertThat(source.sent()).isLessThan(CONTENT.length);
            node.awaitNothingHeld();
        }
    }

    @Test
    void aHandshakeThatComesByteByByteIsGivenUp() throws Exception {
        try (var trickling = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                while (!trickling.isClosed()) {
                    try {
                        trickle(trickling.accept());
                    } catch (IOException e) {
                        // Another one may come.
                    }
                }
            });
            Job job = node.awaitEnd(node.submit("https://127.0.0.1:" + trickling.getLocalPort() + "/film.mp4"));
            assertThat(job.state()).isEqualTo(JobState.FAILED);
            assertThat(job.error())
                    .isNotNull()
                    .satisfies(problem ->
                            assertThat(problem.code()).as("%s", problem).isEqualTo(ErrorCode.UPSTREAM_UNAVAILABLE));
            node.awaitNothingHeld();
        }
    }

    /// A record of 16 KiB, of which a byte comes every few milliseconds.
    private static void trickle(Socket socket) {
        Thread.ofVirtual().start(() -> {
            try (socket) {
                socket.getOutputStream().write(new byte[] {0x16, 3, 3, 0x40, 0});
                while (true) {
                    Thread.sleep(20);
                    socket.getOutputStream().write(0);
                }
            } catch (IOException | InterruptedException e) {
                // It was given up.
            }
        });
    }
}
