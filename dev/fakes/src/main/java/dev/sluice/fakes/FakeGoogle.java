package dev.sluice.fakes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/// What both fakes are: a server on 127.0.0.1 with accounts and a token endpoint, that records its calls and
/// spoils those that it is told to. Over `/_fake/…` a process that is not this one reads calls and switches
/// faults ([Control]). Safe for use by many threads.
public abstract sealed class FakeGoogle implements AutoCloseable permits FakeDrive, FakeGcs {
    /// The one OAuth client that is registered, a desktop app.
    public static final String CLIENT_ID = "fake.apps.googleusercontent.com";

    /// Its secret.
    public static final String CLIENT_SECRET = "GOCSPX-fake";

    final FakeOptions options;
    final Sessions sessions;
    private final Server jetty;
    private final ServerConnector connector;
    private final Calls calls;
    private final Faults faults = new Faults();
    private final Accounts accounts;
    private final TokenEndpoint tokens;
    private final Control control;
    private final @Nullable Path folder;
    private final AtomicBoolean closed = new AtomicBoolean();

    FakeGoogle(FakeOptions options, int expiredSession) {
        this.options = options;
        this.folder = options.keep() == Keep.DISK ? temporaryFolder() : null;
        this.sessions = new Sessions(options, expiredSession);
        this.calls = new Calls(options.clock());
        this.accounts = new Accounts(options);
        this.tokens = new TokenEndpoint(accounts, options);
        this.control = new Control(this);
        var threads = new QueuedThreadPool(200, 4);
        threads.setName("fake");
        threads.setDaemon(true);
        threads.setVirtualThreadsExecutor(VirtualThreads.getDefaultVirtualThreadsExecutor());
        this.jetty = new Server(threads);
        jetty.setStopTimeout(0);
        this.connector = new ServerConnector(jetty, 1, 1, new HttpConnectionFactory(configuration()));
        connector.setHost("127.0.0.1");
        connector.setPort(options.port());
        connector.setAcceptQueueSize(1024);
        connector.setAcceptedReceiveBufferSize(options.receiveBuffer());
        // A stalled call is silent for as long as a test likes.
        connector.setIdleTimeout(0);
        jetty.addConnector(connector);
        jetty.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                FakeGoogle.this.handle(request, response, callback);
                return true;
            }
        });
    }

    private static HttpConfiguration configuration() {
        var configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setRequestHeaderSize(32 << 10);
        configuration.setInputBufferSize(128 << 10);
        configuration.setOutputBufferSize(64 << 10);
        // Names of objects have escaped slashes.
        configuration.setUriCompliance(UriCompliance.UNSAFE);
        return configuration;
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("sluice-fake");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void listen() {
        try {
            jetty.start();
        } catch (Exception e) {
            throw new IllegalStateException("cannot listen on port " + options.port() + ": " + e.getMessage(), e);
        }
        accounts.at(url());
    }

    /// Where it listens: the root address of the API.
    public final String url() {
        return "http://127.0.0.1:" + connector.getLocalPort();
    }

    public final String tokenUrl() {
        return url() + TokenEndpoint.TOKEN;
    }

    /// Where a browser is sent to consent.
    public final String consentUrl() {
        return url() + TokenEndpoint.CONSENT;
    }

    /// The account of that email, which is made where there was none.
    public final Account account(String email) {
        return accounts.of(email);
    }

    public final Calls calls() {
        return calls;
    }

    public final Faults faults() {
        return faults;
    }

    /// Uploads that were begun and are neither complete nor gone: what a client has left behind.
    public final List<OpenSession> openSessions() {
        return sessions.open();
    }

    /// Lets every open session expire.
    public final void expireSessions() {
        sessions.expireAll();
    }

    /// Everything that can be seen, by all accounts.
    public abstract List<Stored> stored();

    /// What sort of call this is; [Step#OTHER] where there is no such route.
    abstract Step step(Exchange exchange);

    /// Answers a call that carries a valid token.
    abstract void serve(Exchange exchange, Step step) throws IOException;

    final Content newContent() {
        return new Content(options.keep(), folder);
    }

    private void handle(Request request, Response response, Callback callback) {
        if (request.getHttpURI().getPath().startsWith(Control.ROOT)) {
            control.handle(request, response, callback);
            return;
        }
        String range = request.getHeaders().get(HttpHeader.CONTENT_RANGE);
        Calls.Entry call = calls.begin(
                request.getMethod(),
                request.getHttpURI().getPathQuery(),
                range == null ? request.getHeaders().get(HttpHeader.RANGE) : range);
        var exchange = new Exchange(request, response, call, faults);
        try {
            try {
                serve(exchange);
            } catch (Refusal refusal) {
                exchange.refuse(refusal);
            }
            if (!exchange.answered()) {
                throw new IllegalStateException("no answer to " + request);
            }
            callback.succeeded();
        } catch (IOException e) {
            call.answered(0);
            // Jetty would otherwise try to answer.
            request.getConnectionMetaData().getConnection().getEndPoint().close(e);
            callback.failed(e);
        } catch (RuntimeException e) {
            call.answered(500);
            callback.failed(e);
        } finally {
            call.ended();
        }
    }

    private void serve(Exchange exchange) throws IOException {
        boolean oauth = TokenEndpoint.serves(exchange.path());
        Step step = oauth ? TokenEndpoint.step(exchange.path()) : step(exchange);
        exchange.hitBy(step, faults.hitting(step));
        if (exchange.fault(Fault.ExpireToken.class).isPresent()) {
            accounts.forget(exchange.request());
        }
        if (exchange.fault(Fault.RevokeAccount.class).isPresent()) {
            accounts.of(exchange.request()).revoke();
        }
        var refuse = exchange.fault(Fault.Refuse.class);
        if (refuse.isPresent()) {
            throw refuse.get().reason().refusal().retryAfter(refuse.get().retryAfter());
        }
        if (oauth) {
            tokens.serve(exchange);
            return;
        }
        exchange.by(caller(exchange, step));
        if (step == Step.OTHER) {
            throw Refusal.notFound("Not Found");
        }
        serve(exchange, step);
    }

    /// A session's address is as good as a token (GCS: "a session URI acts as an authentication token";
    /// Google's own client sends none where it follows a moved session), but a token that is sent must be
    /// valid.
    private Account caller(Exchange exchange, Step step) {
        boolean session = Step.CHUNK.covers(step) || step == Step.QUERY || step == Step.CANCEL;
        return session && !Accounts.presented(exchange.request())
                ? sessions.account(exchange)
                : accounts.of(exchange.request());
    }

    /// Cuts all connections and forgets everything.
    @Override
    public final void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        faults.clear();
        try {
            jetty.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the fake did not stop", e);
        } finally {
            sessions.expireAll();
            stored().forEach(Stored::discard);
            deleteFolder();
        }
    }

    /// Blocks until it is closed.
    public final void join() throws InterruptedException {
        jetty.join();
    }

    private void deleteFolder() {
        if (folder == null) {
            return;
        }
        try (var left = Files.list(folder)) {
            for (Path file : left.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
