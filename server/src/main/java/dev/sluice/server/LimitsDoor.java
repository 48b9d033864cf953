package dev.sluice.server;

import dev.sluice.accounts.Caller;
import dev.sluice.app.Settings;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/// The first door: lets in as many connections and requests of one client as may be, and cuts those that are too slow.
/// Whoever is not limited passes as if it were not there.
final class LimitsDoor extends Handler.Wrapper {
    private static final String PACES = "sluice.paces";
    private static final String FROM_ADDRESS = "these are too many requests from your address";
    private static final String UNCOUNTED = "sluice.uncounted";
    /// How many users there may be behind one address.
    private static final int HOUSEHOLD = 10;

    private final Clients clients;
    private final Connections connections;
    private final RequestRates rates;
    private final RequestRates looks;
    private final Paces paces;
    private final boolean accounts;

    /// A request that has shown a word, of which it is not known yet whose it is.
    private record Uncounted(RequestRates rates, String client) {}

    /// @param accounts whether requests show who they are
    LimitsDoor(
            Handler next,
            Clients clients,
            Connections connections,
            Paces paces,
            Settings.Limits limits,
            boolean accounts) {
        super(next);
        this.clients = clients;
        this.connections = connections;
        this.accounts = accounts;
        this.rates = new RequestRates(limits.requests());
        this.looks = new RequestRates((int) Math.min(Integer.MAX_VALUE, (long) limits.requests() * HOUSEHOLD));
        this.paces = paces;
    }

    /// Who looks at how fast this request's client is; null where nobody does.
    static @Nullable Paces paces(Request request) {
        return (Paces) request.getAttribute(PACES);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Connections.Connected connected = connections.of(request);
        if (connected == null) {
            return counted(request, response, callback);
        }
        connected.begins();
        var over = new AtomicBoolean();
        Runnable end = () -> {
            if (over.compareAndSet(false, true)) {
                connected.ends();
            }
        };
        boolean handled = false;
        try {
            if (connected.tooMany()) {
                response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
                refuse(
                        response,
                        Callback.from(callback, end),
                        "limits.connections-per-address",
                        Duration.ofSeconds(1),
                        "there are " + connections.most() + " connections from your address already");
                handled = true;
            } else {
                handled = counted(request, response, Callback.from(callback, end));
            }
            return handled;
        } finally {
            if (!handled) {
                end.run();
            }
        }
    }

    private boolean counted(Request request, Response response, Callback callback) throws Exception {
        String client = clients.counted(request).orElse(null);
        if (client == null) {
            return super.handle(request, response, callback);
        }
        // Whose word it is costs a look, and of those an address has so many; who is known is counted then.
        boolean shows = accounts && Identity.showsWord(request);
        Duration wait = shows ? looks.take(client, null) : rates.take(client, response.getHeaders());
        if (wait.isPositive()) {
            refuse(response, callback, "limits.requests", wait, FROM_ADDRESS);
            return true;
        }
        if (shows) {
            request.setAttribute(UNCOUNTED, new Uncounted(rates, client));
        }
        request.setAttribute(PACES, paces);
        return paced(request, response, callback);
    }

    /// Counts a request once it is known who has asked: those of one user, or of one key, wherever they come from;
    /// those of nobody known by their address.
    ///
    /// @return whether there were too many, and that was answered
    static boolean refuses(Request request, Response response, Callback callback, Caller caller) {
        if (!(request.getAttribute(UNCOUNTED) instanceof Uncounted known)) {
            return false;
        }
        Caller.Credential credential = caller.credential();
        String client = known.client();
        if (credential != null) {
            client = credential.via() == Caller.Via.KEY
                    ? "key " + credential.id()
                    : "user " + caller.owner().name();
        }
        Duration wait = known.rates().take(client, response.getHeaders());
        if (wait.isPositive()) {
            refuse(
                    response,
                    callback,
                    "limits.requests",
                    wait,
                    credential == null ? FROM_ADDRESS : "these are too many requests of yours");
        }
        return wait.isPositive();
    }

    private static void refuse(Response response, Callback callback, String limit, Duration wait, String message) {
        long seconds = Math.max(1, Math.ceilDiv(wait.toMillis(), 1000));
        response.getHeaders().put(HttpHeader.RETRY_AFTER, seconds);
        Answers.problem(
                response,
                callback,
                new Problem(
                        ErrorCode.LIMIT_EXCEEDED,
                        message + "; try again in " + seconds + " s (" + limit + ")",
                        Map.of("limit", limit, Problem.RETRY_AFTER, seconds)));
    }

    // ---- Those that are too slow

    private boolean paced(Request request, Response response, Callback callback) throws Exception {
        var sender = new SlowSender(request);
        var reader = new SlowReader(sender, response);
        sender.pace = paces.begin(sender::cut);
        reader.pace = paces.begin(reader::cut);
        Runnable end = () -> {
            sender.end();
            reader.end();
        };
        boolean handled = false;
        try {
            handled = super.handle(sender, reader, Callback.from(callback, end));
            return handled;
        } finally {
            if (!handled) {
                end.run();
            }
        }
    }

    private final class SlowSender extends Request.Wrapper {
        private final AtomicReference<@Nullable Runnable> demanded = new AtomicReference<>();
        private @Nullable Pace pace;
        private volatile Content.@Nullable Chunk failure;

        SlowSender(Request request) {
            super(request);
        }

        @Override
        public Content.@Nullable Chunk read() {
            Content.Chunk cut = failure;
            if (cut != null) {
                return cut;
            }
            Content.Chunk chunk = super.read();
            Pace known = pace;
            if (chunk != null && known != null) {
                known.came(chunk.remaining());
            }
            return chunk;
        }

        @Override
        public void demand(Runnable readable) {
            Pace known = pace;
            if (known != null) {
                known.waits(0);
            }
            demanded.set(readable);
            super.demand(Invocable.from(Invocable.getInvocationType(readable), this::readable));
        }

        private void readable() {
            Pace known = pace;
            if (known != null) {
                known.goesOn();
            }
            Runnable waiting = demanded.getAndSet(null);
            if (waiting != null) {
                waiting.run();
            }
        }

        void cut() {
            failure = Content.Chunk.from(
                    new HttpException.RuntimeException(HttpStatus.REQUEST_TIMEOUT_408, paces.why()), true);
            readable();
        }

        void end() {
            Pace known = pace;
            if (known != null) {
                paces.end(known);
            }
        }
    }

    private final class SlowReader extends Response.Wrapper {
        private final AtomicReference<@Nullable Callback> writing = new AtomicReference<>();
        private @Nullable Pace pace;

        SlowReader(Request request, Response response) {
            super(request, response);
        }

        @Override
        public void write(boolean last, @Nullable ByteBuffer bytes, Callback callback) {
            Pace known = pace;
            if (known != null) {
                known.waits(Math.max(1, bytes == null ? 0 : bytes.remaining()));
            }
            writing.set(callback);
            super.write(last, bytes, Callback.from(callback.getInvocationType(), () -> written(null), this::written));
        }

        private void written(@Nullable Throwable failure) {
            Pace known = pace;
            if (known != null) {
                known.goesOn();
            }
            Callback waiting = writing.getAndSet(null);
            if (waiting == null) {
                return;
            }
            if (failure == null) {
                waiting.succeeded();
            } else {
                waiting.failed(failure);
            }
        }

        void cut() {
            Connections.endByReset(getRequest());
            written(new TimeoutException(paces.why()));
        }

        void end() {
            Pace known = pace;
            if (known != null) {
                paces.end(known);
            }
        }
    }
}
