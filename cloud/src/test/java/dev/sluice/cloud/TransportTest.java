package dev.sluice.cloud;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLServerSocketFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// Over TCP and over TLS, where a connection has layers that keep bytes.
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"http", "https"})
class TransportTest {
    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: (\\d+)");
    private static final int BODY = 256 << 20;

    /// What may lie in the kernel, on both sides.
    private static final int KERNEL = 16 << 20;

    private static final String PASSWORD = "no secret";

    private final String scheme;
    private final Transport transport = Transport.open(Duration.ofSeconds(5), Duration.ofSeconds(30));

    TransportTest(String scheme) {
        this.scheme = scheme;
    }

    /// The JVM trusts the certificate that the provider of this test has.
    @BeforeAll
    static void makeCertificate(@TempDir Path folder) throws Exception {
        Path store = folder.resolve("provider.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "provider",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        System.setProperty("javax.net.ssl.trustStore", store.toString());
        System.setProperty("javax.net.ssl.trustStorePassword", PASSWORD);
        System.setProperty("javax.net.ssl.keyStore", store.toString());
        System.setProperty("javax.net.ssl.keyStorePassword", PASSWORD);
    }

    @AfterAll
    static void forgetCertificate() {
        List.of("trustStore", "trustStorePassword", "keyStore", "keyStorePassword")
                .forEach(name -> System.clearProperty("javax.net.ssl." + name));
    }

    @AfterEach
    void close() {
        transport.close();
    }

    @Test
    void nothingLeavesOnceTheTokenHasFiredThoughNobodyHasClosedTheConnectionYet() throws Exception {
        try (var provider = new Reader(scheme)) {
            var stop = new StopToken();
            var looked = new CompletableFuture<Long>();
            // It comes before the transport's own closer, which has to wait for it.
            stop.onStop(why -> looked.complete(provider.toTheEnd()));
            var failure = new CompletableFuture<Throwable>();
            Thread.ofVirtual().start(() -> failure.complete(sendFailing(provider.address(), stop)));
            await().until(() -> provider.bytes() > BODY / 64);

            long before = provider.bytes();
            stop.fire(StopReason.CANCELLED);

            assertThat(looked.join() - before).isBetween(0L, (long) KERNEL);
            assertThat(failure.join()).isInstanceOf(Stopped.class);
        }
    }

    @Test
    void nothingLeavesWhileTheTokenIsHeldAndAllOfItWhenNothingWasDecided() throws Exception {
        try (var provider = new Reader(scheme)) {
            var stop = new StopToken();
            // What a part's own token is.
            var cut = new StopToken(stop);
            var answered = CompletableFuture.supplyAsync(() -> answer(provider.address(), BODY, cut));
            await().until(() -> provider.bytes() > BODY / 64);

            StopToken.Hold hold = stop.hold();
            long atArrival = provider.bytes();
            await().during(Duration.ofMillis(100)).until(() -> provider.bytes() - atArrival <= KERNEL);
            assertThat(answered).isNotDone();
            hold.close();

            assertThat(answered.join()).isEqualTo(200);
            assertThat(provider.bytes()).isEqualTo(BODY);
        }
    }

    @Test
    void aConnectionThatComesBackIsForItsNextExchange() throws Exception {
        try (var provider = new Reader(scheme)) {
            var first = new StopToken();
            assertThat(answer(provider.address(), 1, first)).isEqualTo(200);
            first.fire(StopReason.CANCELLED);

            assertThat(answer(provider.address(), 1, new StopToken())).isEqualTo(200);

            assertThat(provider.connections()).isEqualTo(1);
            assertThatThrownBy(() -> answer(provider.address(), 1, first)).isInstanceOf(Stopped.class);
        }
    }

    private Throwable sendFailing(URI to, StopToken stop) {
        try (Answer answer = transport.send(put(to, BODY), stop)) {
            return new AssertionError("answered " + answer.status());
        } catch (Exception e) {
            return e;
        }
    }

    private static Outgoing put(URI to, int length) {
        return new Outgoing("test", "PUT", to, Map.of(), List.of(ByteBuffer.allocate(length)));
    }

    private int answer(URI to, int length, StopToken stop) {
        try (Answer answer = transport.send(put(to, length), stop);
                InputStream body = answer.body()) {
            body.readAllBytes();
            return answer.status();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Reads whatever comes, counts the bodies' bytes and answers each request when it has all of it.
    private static final class Reader implements AutoCloseable {
        private final String scheme;
        private final ServerSocket socket;
        private final AtomicLong bytes = new AtomicLong();
        private final AtomicLong connections = new AtomicLong();
        private final CompletableFuture<Void> over = new CompletableFuture<>();

        Reader(String scheme) throws IOException {
            ServerSocketFactory sockets =
                    scheme.equals("http") ? ServerSocketFactory.getDefault() : SSLServerSocketFactory.getDefault();
            this.scheme = scheme;
            this.socket = sockets.createServerSocket(0, 8, InetAddress.getLoopbackAddress());
            Thread.ofVirtual().start(() -> {
                while (!socket.isClosed()) {
                    try (Socket one = socket.accept()) {
                        connections.incrementAndGet();
                        serve(one);
                    } catch (IOException e) {
                        over.complete(null);
                    }
                }
            });
        }

        private void serve(Socket one) throws IOException {
            var in = one.getInputStream();
            byte[] some = new byte[64 << 10];
            for (long left = length(in); left >= 0; left = length(in)) {
                while (left > 0) {
                    int read = in.read(some, 0, (int) Math.min(some.length, left));
                    if (read < 0) {
                        throw new IOException("it has left");
                    }
                    left -= read;
                    bytes.addAndGet(read);
                }
                one.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(US_ASCII));
            }
        }

        /// @return the length of the next request's body, -1 where none comes
        private static long length(InputStream in) throws IOException {
            var head = new StringBuilder();
            while (!head.toString().endsWith("\r\n\r\n")) {
                int next = in.read();
                if (next < 0) {
                    return -1;
                }
                head.append((char) next);
            }
            Matcher length = LENGTH.matcher(head);
            return length.find() ? Long.parseLong(length.group(1)) : 0;
        }

        URI address() {
            return URI.create(scheme + "://127.0.0.1:" + socket.getLocalPort() + "/object");
        }

        long bytes() {
            return bytes.get();
        }

        long connections() {
            return connections.get();
        }

        /// How many bytes have come by the time that the connection breaks off.
        long toTheEnd() {
            over.orTimeout(10, TimeUnit.SECONDS).join();
            return bytes();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
