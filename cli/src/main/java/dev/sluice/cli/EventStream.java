package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.core.ErrorCode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The frames of `/ws/jobs`, one after another, for as long as the server means it: a lost connection is made
/// again, from the last sequence number, by the rules of the close codes. Used by one thread.
final class EventStream implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    /// The server may be silent where nothing happens; a ping tells a silent one from a dead one.
    static final Duration SILENCE = Duration.ofSeconds(20);

    private final Server server;
    private final String filter;
    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
    private final Backoff backoff = new Backoff(RandomGenerator.getDefault());
    private @Nullable Connection connection;
    private @Nullable String epoch;
    private long seq;
    /// Whether the server wants to know who watches.
    private boolean ticketed;

    /// @param filter what the query says besides the position: empty, or `jobs=…`
    EventStream(Server server, String filter) {
        this.server = server;
        this.filter = filter;
    }

    /// What a connection tells: a frame, or its end.
    private sealed interface Told {
        record Frame(String text) implements Told {}

        record Closed(int code, String reason) implements Told {}
    }

    /// Connects for the first time.
    ///
    /// @throws IOException where no server answers
    /// @throws Failure where it refuses
    void open() throws IOException {
        connection = connect();
    }

    /// The next frame, its position noted; null where none comes for as long as `patience`.
    ///
    /// @throws Failure where the server closed for good
    @Nullable
    JsonNode next(Duration patience) throws InterruptedException {
        while (true) {
            var open = connection;
            if (open == null) {
                reconnect();
                continue;
            }
            var told = open.poll(patience);
            if (told == null) {
                if (!open.alive()) {
                    open.abort();
                    connection = null;
                }
                return null;
            }
            switch (told) {
                case Told.Frame text -> {
                    backoff.reset();
                    var frame = Json.parse(text.text());
                    note(frame);
                    if (!frame.path("type").asText().equals("pong")) {
                        return frame;
                    }
                }
                case Told.Closed closed -> {
                    connection = null;
                    afterClose(closed.code(), closed.reason());
                }
            }
        }
    }

    private void note(JsonNode frame) {
        if (frame.has("epoch")) {
            epoch = frame.path("epoch").asText();
        }
        if (frame.has("seq")) {
            seq = frame.path("seq").asLong();
        }
    }

    private void afterClose(int code, String reason) throws InterruptedException {
        if (code == 1008 && reason.equals("token missing") && !ticketed) {
            ticketed = true;
            return;
        }
        switch (code) {
            case 1000, 1008, 1009 ->
                throw new Failure(
                        code == 1000 ? Exit.FAILED : Exit.REFUSED,
                        ErrorCode.UPSTREAM_REFUSED,
                        "the server closed: " + (reason.isEmpty() ? String.valueOf(code) : reason));
            case 4010, 4011 -> {}
            case 4008 -> Thread.sleep(Duration.ofSeconds(1));
            default -> Thread.sleep(backoff.next());
        }
    }

    private void reconnect() throws InterruptedException {
        try {
            connection = connect();
        } catch (IOException stillGone) {
            Thread.sleep(backoff.next());
        } catch (Failure refused) {
            if (refused.exit() == Exit.REFUSED || refused.exit() == Exit.NOT_FOUND) {
                throw refused;
            }
            Thread.sleep(backoff.next());
        }
    }

    private Connection connect() throws IOException {
        var address = server.address();
        var base = address.toString().replaceFirst("^http", "ws").replaceAll("/+$", "");
        var since = epoch == null ? "" : "since=" + epoch + ":" + seq;
        var query = since + (since.isEmpty() || filter.isEmpty() ? "" : "&") + filter;
        if (ticketed) {
            query = query + (query.isEmpty() ? "" : "&") + "token=" + server.ticket();
        }
        var opened = new Connection();
        try {
            opened.socket = client.newWebSocketBuilder()
                    .connectTimeout(CONNECT)
                    .buildAsync(URI.create(base + "/ws/jobs" + (query.isEmpty() ? "" : "?" + query)), opened)
                    .join();
            return opened;
        } catch (CompletionException e) {
            if (e.getCause() instanceof WebSocketHandshakeException refused) {
                throw refused(refused.getResponse());
            }
            throw new IOException("no socket at " + address, e);
        }
    }

    private static Failure refused(HttpResponse<?> answer) {
        return Failure.of(new Http.Answer(answer.statusCode(), Map.of(), String.valueOf(answer.body())));
    }

    @Override
    public void close() {
        if (connection != null) {
            connection.abort();
        }
        client.shutdownNow();
    }

    /// One connection. A frame that nobody has taken yet holds the next ones back.
    private static final class Connection implements WebSocket.Listener {
        private final BlockingQueue<Told> told = new ArrayBlockingQueue<>(64);
        private final StringBuilder partial = new StringBuilder();
        private volatile @Nullable WebSocket socket;
        private long heard = System.nanoTime();
        private boolean pinged;

        @Nullable
        Told poll(Duration patience) throws InterruptedException {
            var next = told.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (next != null) {
                heard = System.nanoTime();
                pinged = false;
            }
            return next;
        }

        /// Asks for a sign of life where there was none for long; false where the last question had no answer.
        boolean alive() {
            if (System.nanoTime() - heard < SILENCE.toNanos()) {
                return true;
            }
            var open = socket;
            if (pinged || open == null) {
                return false;
            }
            heard = System.nanoTime();
            pinged = true;
            return !open.sendText("{\"type\":\"ping\"}", true).isCompletedExceptionally();
        }

        void abort() {
            var open = socket;
            if (open != null) {
                open.abort();
            }
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            partial.append(data);
            if (last) {
                put(new Told.Frame(partial.toString()));
                partial.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            put(new Told.Closed(code, reason));
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            put(new Told.Closed(1006, Failure.why(error)));
        }

        private void put(Told next) {
            try {
                told.put(next);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
