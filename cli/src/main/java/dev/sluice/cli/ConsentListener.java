package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.core.ErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// Where a browser brings the answer of a consent: an address of 127.0.0.1 that is there for that answer only
/// (RFC 8252 §7.3). The browser waits until the command knows what became of it, and shows that.
final class ConsentListener implements AutoCloseable {
    private static final int ANSWER_SECONDS = 120;

    private final HttpServer http;
    private final CompletableFuture<Answer> answered = new CompletableFuture<>();
    /// What the browser shows.
    private final CompletableFuture<Shown> shown = new CompletableFuture<>();

    private volatile Predicate<String> ours = state -> false;

    /// @param code empty where the user did not consent
    /// @param error why, in the provider's words
    record Answer(String code, String error) {
        @Override
        public String toString() {
            return error.isEmpty() ? "a code" : error;
        }
    }

    private record Shown(boolean well, String text) {}

    private ConsentListener(HttpServer http) {
        this.http = http;
    }

    /// @param port 0 for any free one
    static ConsentListener open(int port) {
        try {
            var http = HttpServer.create(
                    new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 0);
            var listener = new ConsentListener(http);
            http.createContext("/", listener::handle);
            http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            http.start();
            return listener;
        } catch (IOException e) {
            throw new Failure(
                    Exit.USAGE,
                    ErrorCode.CONFIGURATION,
                    "cannot listen on 127.0.0.1:" + port + ": " + Failure.why(e) + "; choose another --port",
                    e);
        }
    }

    int port() {
        return http.getAddress().getPort();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + port() + "/");
    }

    /// From here on answers are taken whose `state` is right; whatever else comes changes nothing.
    void expect(Predicate<String> state) {
        ours = state;
    }

    /// The first answer that is one.
    CompletableFuture<Answer> answered() {
        return answered;
    }

    /// Tells the browser how it ended.
    void show(boolean well, String text) {
        shown.complete(new Shown(well, text));
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var query = query(exchange.getRequestURI());
            if (!exchange.getRequestMethod().equals("GET")
                    || !exchange.getRequestURI().getPath().equals("/")
                    || !ours.test(query.getOrDefault("state", ""))) {
                page(exchange, 404, "Nothing here", "Sluice waits for an answer of Google's here, and this is none.");
                return;
            }
            answered.complete(new Answer(query.getOrDefault("code", ""), query.getOrDefault("error", "")));
            var end = shown.completeOnTimeout(
                            new Shown(false, "See what the command says."), ANSWER_SECONDS, TimeUnit.SECONDS)
                    .join();
            page(exchange, 200, end.well() ? "Connected" : "Not connected", end.text());
        }
    }

    private static Map<String, String> query(URI uri) {
        var query = new HashMap<String, String>();
        var raw = uri.getRawQuery();
        for (var field : (raw == null ? "" : raw).split("&")) {
            var equals = field.indexOf('=');
            if (equals > 0) {
                query.put(field.substring(0, equals), URLDecoder.decode(field.substring(equals + 1), UTF_8));
            }
        }
        return query;
    }

    private static void page(HttpExchange exchange, int status, String title, String text) throws IOException {
        var html = """
                <!doctype html>
                <html lang="en"><meta charset="utf-8"><title>Sluice: %s</title>
                <style>body{font:18px/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 1rem}</style>
                <h1>%s</h1><p>%s</p></html>
                """.formatted(escaped(title), escaped(title), escaped(text));
        var bytes = html.getBytes(UTF_8);
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Type", "text/html; charset=utf-8");
        headers.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
        // The address has the code: it goes nowhere, and stays in no cache.
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cache-Control", "no-store");
        headers.set("Connection", "close");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /// Ends at once what still waits, but for a browser that is being told the end.
    @Override
    public void close() {
        show(false, "See what the command says.");
        http.stop(1);
    }
}
