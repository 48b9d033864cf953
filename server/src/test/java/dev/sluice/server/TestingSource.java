package dev.sluice.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A server that downloads fetch from: `/whole/NAME` at once, `/held/NAME` half of it and the rest when it is let go,
/// `/anew/NAME` half of it to who asks first, nothing to who asks again until it is let go, `/missing` not at all;
/// `/late/NAME` from the second time on; `/feed/N` is a list of so many that are held.
final class TestingSource implements AutoCloseable {
    final byte[] content;
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();
    private final HttpServer server;

    TestingSource(byte[] content) {
        this.content = content;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/whole/", exchange -> send(exchange, content.length));
        server.createContext("/held/", exchange -> send(exchange, content.length / 2));
        server.createContext(
                "/anew/", exchange -> send(exchange, asked.getAndIncrement() == 0 ? content.length / 2 : 0));
        server.createContext("/feed/", this::feed);
        server.createContext("/late/", this::late);
        server.createContext("/missing", exchange -> {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        server.start();
    }

    private void late(HttpExchange exchange) throws IOException {
        if (asked.getAndIncrement() == 0) {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        } else {
            send(exchange, content.length);
        }
    }

    private void feed(HttpExchange exchange) throws IOException {
        int count = Integer.parseInt(exchange.getRequestURI().getPath().substring("/feed/".length()));
        String items = IntStream.rangeClosed(1, count)
                .mapToObj(number -> "<item><title>T" + number + "</title><link>" + url("/held/t" + number + ".mp4")
                        + "</link></item>")
                .collect(Collectors.joining());
        byte[] list = ("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Talks</title>" + items
                        + "</channel></rss>")
                .getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "application/rss+xml");
            exchange.sendResponseHeaders(200, list.length);
            exchange.getResponseBody().write(list);
        }
    }

    private void send(HttpExchange exchange, int atOnce) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "video/mp4");
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", Integer.toString(content.length));
                exchange.sendResponseHeaders(200, -1);
                return;
            }
            exchange.sendResponseHeaders(200, content.length);
            var body = exchange.getResponseBody();
            body.write(content, 0, atOnce);
            body.flush();
            if (atOnce < content.length) {
                released.await();
            }
            body.write(content, atOnce, content.length - atOnce);
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
