package dev.sluice.notify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Takes what is posted to it, and answers as it is told to.
final class TestingReceiver implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch over = new CountDownLatch(1);
    private final List<Got> got = new ArrayList<>();
    private volatile Function<Got, Reply> answering = message -> new Reply(200, Map.of());

    /// @param status -1: none before the receiver is closed
    record Reply(int status, Map<String, String> headers) {}

    /// @param nth its number among all that came, from 1
    @SuppressWarnings("ArrayRecordComponent") // nobody compares messages
    record Got(int nth, String path, Headers headers, byte[] body, Instant at) {
        String text() {
            return new String(body, UTF_8);
        }

        String id() {
            return header("webhook-id");
        }

        String header(String name) {
            @Nullable String value = headers.getFirst(name);
            assertThat(value).as(name).isNotNull();
            return String.valueOf(value);
        }

        /// As a receiver checks it: spelled out here once more.
        boolean isSignedWith(String secret) {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.replace("whsec_", "")), "HmacSHA256"));
                mac.update((id() + "." + header("webhook-timestamp") + ".").getBytes(UTF_8));
                String expected = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
                return List.of(header("webhook-signature").split(" ")).contains(expected);
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }
    }

    TestingReceiver() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::take);
        server.start();
    }

    private void take(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        Got message;
        synchronized (got) {
            message = new Got(
                    got.size() + 1,
                    exchange.getRequestURI().getPath(),
                    exchange.getRequestHeaders(),
                    body,
                    Instant.now());
            got.add(message);
        }
        Reply reply = answering.apply(message);
        try (exchange) {
            if (reply.status() < 0) {
                over.await();
                return;
            }
            reply.headers()
                    .forEach((name, value) -> exchange.getResponseHeaders().add(name, value));
            exchange.sendResponseHeaders(reply.status(), -1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void answer(Function<Got, Reply> how) {
        answering = how;
    }

    void answer(int status) {
        answering = message -> new Reply(status, Map.of());
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    List<Got> got() {
        synchronized (got) {
            return List.copyOf(got);
        }
    }

    List<Got> at(String path) {
        return got().stream().filter(message -> message.path().equals(path)).toList();
    }

    @Override
    public void close() {
        over.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
