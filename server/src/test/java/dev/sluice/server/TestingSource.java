package dev.sluice.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/// A server that downloads fetch from: `/whole/NAME` at once, `/held/NAME` half of it and the rest when it is let go,
/// `/missing` not at all.
final class TestingSource implements AutoCloseable {
    final byte[] content;
    private final CountDownLatch released = new CountDownLatch(1);
    private final HttpServer server;

    TestingSource(byte[] content) {
        this.content = content;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/whole/", exchange -> send(exchange, false));
        server.createContext("/held/", exchange -> send(exchange, true));
        server.createContext("/missing", exchange -> {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        server.start();
    }

    private void send(HttpExchange exchange, boolean held) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "video/mp4");
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", Integer.toString(content.length));
                exchange.sendResponseHeaders(200, -1);
                return;
            }
            exchange.sendResponseHeaders(200, content.length);
            var body = exchange.getResponseBody();
            int half = held ? content.length / 2 : 0;
            body.write(content, 0, half);
            body.flush();
            if (held) {
                released.await();
            }
            body.write(content, half, content.length - half);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    void letGo() {
        released.countDown();
    }

    @Override
    public void close() {
        letGo();
        server.stop(0);
    }
}
