package dev.sluice.server;

import dev.sluice.app.ConfigurationException;
import dev.sluice.app.DataFolder;
import dev.sluice.app.Settings;
import dev.sluice.app.Sluice;
import dev.sluice.app.StorageKind;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.wire.Json;
import dev.sluice.wire.JsonFrames;
import io.javalin.Javalin;
import io.javalin.http.HttpResponseException;
import jakarta.servlet.Servlet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.ee10.websocket.server.config.JettyWebSocketServletContainerInitializer;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.core.Configuration;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.WebSocketComponents;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.core.server.WebSocketNegotiator;
import org.eclipse.jetty.websocket.core.server.WebSocketUpgradeHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One node that answers HTTP: on the configured addresses, and on a socket in its data folder for the command
/// line.
public final class SluiceServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SluiceServer.class);
    private static final Duration JSON_PATIENCE = Duration.ofSeconds(5);
    private static final int MAX_OUTGOING_FRAMES = 64;

    private final DataFolder folder;
    private final Settings settings;
    private final Sluice sluice;
    private final Server jetty;
    private final ServerConnector first;
    private final OpenSockets openSockets = new OpenSockets();
    private final AtomicBoolean draining = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    /// Starts everything; returns once requests are answered.
    ///
    /// @throws ConfigurationException where an address cannot be used, or something else is not as it must be
    /// @throws dev.sluice.core.ProblemException `state_unavailable` where the database cannot be used
    public static SluiceServer start(DataFolder folder, Settings settings) {
        return start(folder, settings, StorageKind.ALL);
    }

    /// Starts everything with storages of other kinds.
    ///
    /// @param kinds by the name that settings call them
    public static SluiceServer start(DataFolder folder, Settings settings, Map<String, StorageKind> kinds) {
        var server = new SluiceServer(folder, settings, kinds);
        try {
            server.listen();
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private SluiceServer(DataFolder folder, Settings settings, Map<String, StorageKind> kinds) {
        this.folder = folder;
        this.settings = settings;
        List<InetSocketAddress> addresses = addresses(settings.server());
        this.sluice = Sluice.open(folder, settings, new JsonFrames(), kinds);
        var threads = new QueuedThreadPool(200, 8);
        threads.setName("http");
        threads.setVirtualThreadsExecutor(VirtualThreads.getDefaultVirtualThreadsExecutor());
        this.jetty = new Server(threads, null, new SocketBuffers(largeBuffers()));
        jetty.setStopTimeout(0);
        var http = new HttpConnectionFactory(httpConfiguration());
        this.first = connector(addresses.getFirst(), http);
        addresses.stream().skip(1).forEach(address -> connector(address, http));
        // The command line gets in all the same.
        jetty.addBean(new NetworkConnectionLimit(settings.server().maxConnections(), jetty.getConnectors()));
        var socket = new UnixDomainServerConnector(jetty, http);
        socket.setUnixDomainPath(folder.socket());
        jetty.addConnector(socket);
        jetty.setRequestLog(new AccessLog(sluice.metrics(), settings.log().access()));
        jetty.setErrorHandler(SluiceServer::refused);
        jetty.setHandler(handlers());
    }

    /// What Jetty refuses before any route sees it.
    private static boolean refused(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        ErrorCode code =
                status == 404 ? ErrorCode.NOT_FOUND : status < 500 ? ErrorCode.INVALID_REQUEST : ErrorCode.INTERNAL;
        Answers.problem(response, callback, new Problem(code, HttpStatus.getMessage(status)), status);
        return true;
    }

    /// Where a server of these settings listens, the first address first.
    ///
    /// @throws ConfigurationException where an address is none, or must not be listened on
    public static List<InetSocketAddress> addresses(Settings.Server server) {
        var addresses = new ArrayList<InetSocketAddress>();
        addresses.add(address(server.host(), server.port()));
        for (String more : server.listen().orElse(List.of())) {
            int colon = more.lastIndexOf(':');
            String port = more.substring(colon + 1);
            if (colon < 1 || !port.matches("\\d{1,5}")) {
                throw new ConfigurationException("server.listen: \"" + more + "\" is no host:port");
            }
            addresses.add(address(more.substring(0, colon), Integer.parseInt(port)));
        }
        return addresses;
    }

    private static InetSocketAddress address(String host, int port) {
        if (port < 0 || port > 65535) {
            throw new ConfigurationException("server.port: a port is a number from 0 to 65535, not " + port);
        }
        try {
            InetAddress address = InetAddress.getByName(host);
            if (!address.isLoopbackAddress()) {
                throw new ConfigurationException("server.host: " + host
                        + " is not a loopback address, and there are no accounts yet that could protect it;"
                        + " listen on 127.0.0.1 and put a proxy that knows its users in front");
            }
            return new InetSocketAddress(address, port);
        } catch (UnknownHostException e) {
            throw new ConfigurationException("server.host: nothing is called " + host, e);
        }
    }

    private static HttpConfiguration httpConfiguration() {
        var configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setSendDateHeader(true);
        configuration.setRequestHeaderSize(16 << 10);
        // HEAD of a tus upload sends back what the headers of its creation have brought.
        configuration.setMaxResponseHeaderSize(32 << 10);
        configuration.setInputBufferSize(SocketBuffers.LARGE);
        configuration.setOutputBufferSize(SocketBuffers.SMALL);
        return configuration;
    }

    private ServerConnector connector(InetSocketAddress address, HttpConnectionFactory http) {
        var connector = new ServerConnector(jetty, 1, 1, http);
        connector.setHost(address.getHostString());
        connector.setPort(address.getPort());
        connector.setIdleTimeout(settings.server().idleTimeout().toMillis());
        connector.setAcceptQueueSize(1024);
        jetty.addConnector(connector);
        return connector;
    }

    /// A few for each thread that can be busy with one.
    private static int largeBuffers() {
        return Math.max(16, 4 * Runtime.getRuntime().availableProcessors());
    }

    private Handler handlers() {
        var documents = new Documents(sluice.engine(), sluice.uploads());
        var json = new ServletContextHandler();
        json.setContextPath("/");
        // Javalin's servlet asks for these although no socket of ours goes through it.
        JettyWebSocketServletContainerInitializer.configure(json, null);
        json.addServlet(new ServletHolder(jsonRoutes(documents)), "/*");
        var bytes = new ByteRoutes(
                new JsonBodies(json, JSON_PATIENCE),
                sluice.engine(),
                sluice.uploads(),
                documents,
                new EventStreams(sluice.hub()),
                sluice.tails());
        var components = new WebSocketComponents();
        var watching = new WebSocketUpgradeHandler(components);
        watching.getConfiguration().setInputBufferSize(SocketBuffers.SMALL);
        watching.getConfiguration().setMaxOutgoingFrames(MAX_OUTGOING_FRAMES);
        watching.addMapping("/ws/jobs", negotiator(this::jobs));
        watching.setHandler(bytes);
        var uploadLimits = new Configuration.ConfigurationCustomizer();
        uploadLimits.setInputBufferSize(SocketBuffers.LARGE);
        uploadLimits.setMaxOutgoingFrames(MAX_OUTGOING_FRAMES);
        // A frame comes in pieces, as it is read; how long a message may be, the socket counts.
        uploadLimits.setMaxFrameSize(0);
        WebSocketNegotiator withHandle = negotiator(request -> upload(request, true));
        var uploading = new UploadUpgrade(
                watching,
                components,
                uploadLimits,
                List.of(
                        new UploadUpgrade.Path("/ws_api/upload/", withHandle),
                        new UploadUpgrade.Path("/ws_api/upload_parallel/", withHandle),
                        new UploadUpgrade.Path("/ws/upload/", negotiator(request -> upload(request, false)))));
        return new Guard(
                uploading,
                new HashSet<>(settings.server().hosts().orElse(List.of()).stream()
                        .map(host -> host.toLowerCase(Locale.ROOT))
                        .toList()),
                settings.cors().origins().orElse(List.of()));
    }

    private Servlet jsonRoutes(Documents documents) {
        return Javalin.create(config -> {
                    config.startup.showJavalinBanner = false;
                    config.startup.showOldJavalinVersionWarning = false;
                    config.http.maxRequestSize = JsonBodies.MAX_BYTES;
                    config.http.prefer405over404 = true;
                    config.routes.before(Routes::arrived);
                    new UploadRoutes(sluice.engine(), sluice.uploads(), documents).add(config.routes);
                    new JobRoutes(sluice, documents).add(config.routes);
                    new CommandRoutes(sluice.engine(), sluice.uploads(), documents).add(config.routes);
                    new StorageRoutes(settings, folder.path(), sluice.storages()).add(config.routes);
                    new AccountRoutes(sluice.storages()).add(config.routes);
                    new SystemRoutes(sluice, draining).add(config.routes);
                    config.routes.exception(HttpResponseException.class, Routes::refused);
                    config.routes.exception(Exception.class, Routes::failed);
                    config.routes.error(404, "*", request -> {
                        if (request.resultInputStream() == null) {
                            Routes.problem(
                                    request, new Problem(ErrorCode.NOT_FOUND, "there is nothing at " + request.path()));
                        }
                    });
                })
                .javalinServlet();
    }

    /// Makes sockets that negotiate no extension: files are not compressed on their way.
    private static WebSocketNegotiator negotiator(Sockets sockets) {
        return new WebSocketNegotiator.AbstractNegotiator() {
            @Override
            public FrameHandler negotiate(
                    ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
                response.setExtensions(List.of());
                return sockets.open(request);
            }
        };
    }

    private interface Sockets {
        Socket open(ServerUpgradeRequest request);
    }

    private Socket upload(ServerUpgradeRequest request, boolean handleNeeded) {
        String path = request.getHttpURI().getDecodedPath();
        Fields query = Request.extractQueryParameters(request);
        return new UploadSocket(
                openSockets,
                sluice.engine(),
                sluice.uploads(),
                new UploadSocket.Request(
                        path.substring(path.lastIndexOf('/') + 1),
                        query.getValue("gdrive_url"),
                        handleNeeded,
                        query.getValue("offset")),
                settings.server().idleTimeout());
    }

    private Socket jobs(ServerUpgradeRequest request) {
        Settings.Websocket websocket = settings.websocket();
        return new JobsSocket(
                openSockets,
                sluice.hub(),
                WatchRequest.of(request),
                new JobsSocket.Limits(
                        websocket.control().messagesPerSecond(),
                        websocket.control().maxMessageSize().bytes(),
                        websocket.heartbeat().multipliedBy(3)));
    }

    private void listen() {
        try {
            Files.deleteIfExists(folder.socket());
            jetty.start();
            Files.setPosixFilePermissions(folder.socket(), PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            String cause = e.getCause() == null
                    ? String.valueOf(e.getMessage())
                    : e.getCause().getMessage();
            throw new ConfigurationException(
                    "cannot listen on " + settings.server().host() + ":"
                            + settings.server().port() + ": " + cause + "; choose another --port, 0 for any free one",
                    e);
        } catch (Exception e) {
            throw new ConfigurationException("the server cannot start: " + e, e);
        }
        folder.announce(Json.text(Map.of(
                "pid",
                ProcessHandle.current().pid(),
                "url",
                url(),
                "socket",
                folder.socket().toString())));
        log.info("ready at {}", url());
    }

    /// The address of the first listener.
    public String url() {
        String host = settings.server().host();
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + first.getLocalPort();
    }

    /// Takes nobody new, asks those who are here to come back elsewhere, ends.
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        draining.set(true);
        sluice.drain();
        try {
            openSockets.awaitNone(Duration.ofSeconds(Socket.DISCARD_SECONDS));
            jetty.stop();
        } catch (Exception e) {
            log.warn("the listeners did not stop cleanly", e);
        }
        sluice.close();
    }

    /// Blocks until the server is closed.
    public void join() throws InterruptedException {
        jetty.join();
    }
}
