package dev.sluice.server;

import dev.sluice.accounts.Accounts;
import dev.sluice.accounts.Issuer;
import dev.sluice.app.AuthMode;
import dev.sluice.app.ConfigurationException;
import dev.sluice.app.DataFolder;
import dev.sluice.app.Roots;
import dev.sluice.app.Settings;
import dev.sluice.app.Sluice;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import io.javalin.Javalin;
import io.javalin.http.HttpResponseException;
import jakarta.servlet.Servlet;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.ee10.websocket.server.config.JettyWebSocketServletContainerInitializer;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ErrorHandler;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What answers for one node: its addresses where it has any, the socket in its data folder, and the port that desktop
/// programs know. The only place where routes, sockets and listeners are put together.
final class Doors implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Doors.class);
    private static final Duration JSON_PATIENCE = Duration.ofSeconds(5);
    private static final int MAX_OUTGOING_FRAMES = 64;
    private static final int MOST_SHELLS = 256;
    private static final int LOCAL_THREADS = 64;
    private static final Set<String> ANYWHERE = Set.of("0.0.0.0", "::", "0:0:0:0:0:0:0:0");

    private final DataFolder folder;
    private final Settings settings;
    private final Sluice sluice;
    private final Roots roots;
    private final Server jetty;
    private final List<ServerConnector> connectors;
    private final ServerConnector shells;
    private final @Nullable Tls tls;
    private final OpenSockets openSockets;
    private final AuditTrail audit;
    private final FirstAdmin firstAdmin;
    private final @Nullable Accounts accounts;
    private final @Nullable Issuer issuer;
    private final @Nullable Vigil vigil;
    private final Clients clients;
    private final Connections connections;
    private final Paces paces;
    private final Seats seats;
    private final DiskCalls disk = new DiskCalls();
    private final Arrivals arriving = new Arrivals();
    private final LatestSockets latest;
    private final AwaitedBatches awaited = new AwaitedBatches();
    private final OperationSockets operationSockets;
    private final ImportSockets importSockets;
    private final ImportStatuses importStatuses;
    private final DownloadLinks links;
    private final DownloadStatuses downloadStatuses;
    private final AtomicBoolean draining = new AtomicBoolean();
    private final InFlight inFlight;

    /// @param addresses to listen on; none: only this machine's users get in
    Doors(DataFolder folder, Settings settings, Sluice sluice, Roots roots, List<InetSocketAddress> addresses) {
        this.folder = folder;
        this.settings = settings;
        this.sluice = sluice;
        this.roots = roots;
        this.accounts = settings.auth().mode() == AuthMode.ACCOUNTS && !addresses.isEmpty() ? sluice.accounts() : null;
        this.issuer = accounts == null ? null : sluice.issuer().orElse(null);
        this.audit = new AuditTrail(accounts);
        this.firstAdmin = new FirstAdmin(accounts);
        this.openSockets = new OpenSockets(audit::closed, sluice.metrics().sockets());
        this.vigil = accounts == null ? null : new Vigil(accounts, openSockets, Clock.systemUTC());
        this.latest = new LatestSockets(settings.websocket());
        this.operationSockets = new OperationSockets(openSockets, sluice, disk, latest, awaited);
        this.importStatuses = new ImportStatuses(sluice);
        this.importSockets =
                new ImportSockets(openSockets, sluice, latest, awaited, importStatuses, settings.websocket());
        this.links = new DownloadLinks(sluice, this::url);
        this.downloadStatuses = new DownloadStatuses(sluice, links);
        // Jetty's own queue would load all of JMX to learn how long a cache line is.
        var threads = addresses.isEmpty()
                ? new QueuedThreadPool(LOCAL_THREADS, 2, 60_000, -1, new LinkedBlockingQueue<>(), null)
                : new QueuedThreadPool(200, 8);
        threads.setName("http");
        threads.setVirtualThreadsExecutor(VirtualThreads.getDefaultVirtualThreadsExecutor());
        this.jetty = new Server(threads, null, new SocketBuffers(largeBuffers()));
        jetty.setStopTimeout(0);
        this.tls = addresses.isEmpty()
                ? null
                : Tls.of(settings.server().tls(), folder.path()).orElse(null);
        var proxies = new TrustedProxies(settings.server());
        this.clients = new Clients(
                TrustedProxies.networks("limits.exempt", settings.limits().exempt()));
        this.connections = new Connections(clients, proxies, settings.limits());
        this.paces = new Paces(settings.limits());
        this.seats = new Seats(clients, settings.websocket().control().maxConnectionsPerUser());
        var listeners = new Listeners(jetty, settings.server(), tls, proxies, connections);
        this.connectors = addresses.stream().map(listeners::open).toList();
        connectors.forEach(jetty::addConnector);
        if (!connectors.isEmpty()) {
            // The command line gets in all the same.
            jetty.addBean(new NetworkConnectionLimit(settings.server().maxConnections(), jetty.getConnectors()));
        }
        var socket = new UnixDomainServerConnector(jetty, new HttpConnectionFactory(listeners.http()));
        socket.setUnixDomainPath(folder.socket());
        jetty.addConnector(socket);
        this.shells = listeners.local(settings.operations().port());
        shells.setName(OperationsDoor.NAME);
        jetty.setRequestLog(new AccessLog(sluice.metrics(), settings.log().access(), audit));
        jetty.setErrorHandler(Doors::refused);
        this.inFlight = new InFlight(
                new LimitsDoor(handlers(), clients, connections, paces, settings.limits(), accounts != null));
        jetty.setHandler(inFlight);
    }

    /// What Jetty refuses before any route sees it.
    private static boolean refused(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        ErrorCode code = switch (status) {
            case HttpStatus.NOT_FOUND_404 -> ErrorCode.NOT_FOUND;
            case HttpStatus.REQUEST_TIMEOUT_408 -> ErrorCode.LIMIT_EXCEEDED;
            default -> status < 500 ? ErrorCode.INVALID_REQUEST : ErrorCode.INTERNAL;
        };
        SecurityHeaders.put(response.getHeaders());
        boolean told = code == ErrorCode.LIMIT_EXCEEDED && request.getAttribute(ErrorHandler.ERROR_MESSAGE) != null;
        String message =
                told ? String.valueOf(request.getAttribute(ErrorHandler.ERROR_MESSAGE)) : HttpStatus.getMessage(status);
        Answers.problem(response, callback, new Problem(code, message), status);
        return true;
    }

    private ImportFilter importFilter() {
        return new ImportFilter(sluice.imports(), importStatuses);
    }

    /// A few for each thread that can be busy with one.
    private static int largeBuffers() {
        return Math.max(16, 4 * Runtime.getRuntime().availableProcessors());
    }

    private Handler handlers() {
        var documents = new Documents(sluice.engine(), sluice.uploads());
        var kinds = new Kinds(sluice);
        var bytes = new ByteRoutes(
                new JsonBodies(
                        connectors.isEmpty() ? new OnDemand(() -> json(documents, kinds)) : json(documents, kinds),
                        JSON_PATIENCE),
                sluice,
                documents,
                kinds,
                links,
                new CsvExport(sluice.imports(), importFilter()),
                arriving,
                disk,
                openSockets,
                seats);
        // By themselves they would have threads of their own.
        var components = new WebSocketComponents(null, null, null, null, null, jetty.getThreadPool());
        var watching = new WebSocketUpgradeHandler(components);
        watching.getConfiguration().setInputBufferSize(SocketBuffers.SMALL);
        watching.getConfiguration().setMaxOutgoingFrames(MAX_OUTGOING_FRAMES);
        watching.addMapping("/ws/jobs", negotiator(seated(this::jobs)));
        watching.addMapping(OperationSocket.PATH, negotiator(seated(operationSockets::open)));
        watching.addMapping(DownloadSocket.PATH + "*", negotiator(seated(this::download)));
        if (importSockets.enabled()) {
            watching.addMapping(ImportSocket.PATH + "*", negotiator(importSockets::open));
        }
        watching.setHandler(bytes);
        var uploadLimits = new Configuration.ConfigurationCustomizer();
        uploadLimits.setInputBufferSize(SocketBuffers.LARGE);
        uploadLimits.setMaxOutgoingFrames(MAX_OUTGOING_FRAMES);
        // A frame comes in pieces, as it is read; how long a message may be, the socket counts.
        uploadLimits.setMaxFrameSize(0);
        WebSocketNegotiator withHandle = negotiator(new UploadSockets(true));
        var uploading = new UploadUpgrade(
                watching,
                components,
                uploadLimits,
                List.of(
                        new UploadUpgrade.Path("/ws_api/upload/", withHandle),
                        new UploadUpgrade.Path("/ws_api/upload_parallel/", withHandle),
                        new UploadUpgrade.Path("/ws/upload/", negotiator(new UploadSockets(false)))));
        var shells = new WebSocketUpgradeHandler(components);
        shells.getConfiguration().setInputBufferSize(SocketBuffers.SMALL);
        shells.addMapping("/", negotiator(operationSockets::open));
        var operations =
                new OperationsDoor(shells, settings.operations().origins().orElse(List.of()));
        var identity = new Identity(uploading, accounts, issuer, settings.auth().guest());
        // Who has no address has nobody who would look at it.
        Handler all = connectors.isEmpty() ? identity : new PageFiles(identity, PageFiles::built);
        var guard = new Guard(all, hosts(), settings.cors().origins().orElse(List.of()), operations);
        return new Handler.Sequence(operations, guard);
    }

    /// The names beside loopback ones that this server answers to; links to files begin with the public one.
    private Set<String> hosts() {
        return Stream.concat(
                        settings.server().hosts().orElse(List.of()).stream(),
                        sluice.publicUrl().map(URI::getHost).stream())
                .map(host -> host.toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
    }

    private Handler json(Documents documents, Kinds kinds) {
        var json = new ServletContextHandler();
        json.setContextPath("/");
        // Javalin's servlet asks for these although no socket of ours goes through it.
        JettyWebSocketServletContainerInitializer.configure(json, null);
        json.addServlet(new ServletHolder(jsonRoutes(documents, kinds)), "/*");
        return json;
    }

    private Servlet jsonRoutes(Documents documents, Kinds kinds) {
        return Javalin.create(config -> {
                    config.startup.showJavalinBanner = false;
                    config.startup.showOldJavalinVersionWarning = false;
                    config.http.maxRequestSize = JsonBodies.MAX_BYTES;
                    config.http.prefer405over404 = true;
                    config.routes.before(Routes::arrived);
                    new UploadRoutes(sluice.engine(), sluice.uploads(), documents).add(config.routes);
                    new DownloadRoutes(sluice, downloadStatuses, links).add(config.routes);
                    new JobRoutes(sluice, documents, kinds).add(config.routes);
                    new CommandRoutes(sluice, documents, kinds, disk).add(config.routes);
                    new OperationRoutes(sluice, roots, disk).add(config.routes);
                    new ImportRoutes(sluice, importStatuses).add(config.routes);
                    new TransactionRoutes(sluice.imports().transactions(), importFilter()).add(config.routes);
                    new TableRoutes(sluice.imports().tables(), importFilter()).add(config.routes);
                    new ProfileRoutes(sluice.imports()).add(config.routes);
                    new LoginRoutes(settings.auth(), accounts, firstAdmin, issuer).add(config.routes);
                    new IssuerRoutes(issuer, links).add(config.routes);
                    new LinkRoutes(sluice, kinds, links).add(config.routes);
                    new NotificationRoutes(sluice::notifications).add(config.routes);
                    new StatusRoutes(importSockets).add(config.routes);
                    new UserRoutes(sluice::accounts).add(config.routes);
                    new StorageRoutes(settings, folder.path(), sluice.storages()).add(config.routes);
                    new AccountRoutes(sluice.storages()).add(config.routes);
                    new FolderRoutes(roots, disk).add(config.routes);
                    new InsightRoutes(sluice).add(config.routes);
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
    private WebSocketNegotiator negotiator(Sockets sockets) {
        return new WebSocketNegotiator.AbstractNegotiator() {
            @Override
            public FrameHandler negotiate(
                    ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
                response.setExtensions(List.of());
                Admission admission = Admission.noted(request);
                Admission.Refusal refused = admission.refused();
                // Those that take files refuse by themselves: their connections are of their own sort.
                Socket socket = refused == null || sockets.refuse()
                        ? sockets.open(request)
                        : new RefusedSocket(openSockets, refused);
                return socket.admit(
                        admission,
                        AuditTrail.address(request),
                        request.getHttpURI().getPath());
            }
        };
    }

    /// Sockets of which each client has so many at the most.
    private Sockets seated(Sockets sockets) {
        return request -> sockets.open(request).on(seats.of(request), seats.why());
    }

    private interface Sockets {
        Socket open(ServerUpgradeRequest request);

        /// Whether they look themselves at who has come.
        default boolean refuse() {
            return false;
        }
    }

    private final class UploadSockets implements Sockets {
        private final boolean handleNeeded;

        UploadSockets(boolean handleNeeded) {
            this.handleNeeded = handleNeeded;
        }

        @Override
        public Socket open(ServerUpgradeRequest request) {
            return upload(request, handleNeeded);
        }

        @Override
        public boolean refuse() {
            return true;
        }
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
                new ControlSocket.Limits(
                        websocket.control().messagesPerSecond(),
                        websocket.control().maxMessageSize().bytes(),
                        websocket.heartbeat().multipliedBy(3)));
    }

    private Socket download(ServerUpgradeRequest request) {
        WatchRequest.boundSendBuffer(request);
        String path = request.getHttpURI().getDecodedPath();
        return new DownloadSocket(
                openSockets,
                latest,
                sluice,
                downloadStatuses,
                path.substring(path.lastIndexOf('/') + 1),
                links.base(request));
    }

    /// Answers from now on.
    ///
    /// @throws ConfigurationException where an address cannot be used
    void open() {
        try {
            Files.deleteIfExists(folder.socket());
            for (ServerConnector connector : connectors) {
                connector.open();
            }
            openForShells();
            awaited.start(sluice.events());
            if (!connectors.isEmpty()) {
                sluice.notifications();
            }
            if (vigil != null) {
                vigil.start();
            }
            jetty.start();
            paces.start(connections::closeTheLate);
            if (tls != null) {
                tls.watch();
            }
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
    }

    /// Who watches file operations does so at a port that somebody else may have: then it is done without.
    private void openForShells() {
        int port = settings.operations().port();
        if (port == 0) {
            return;
        }
        try {
            shells.open();
        } catch (IOException e) {
            log.warn(
                    "somebody else listens on 127.0.0.1:{}, so file operations cannot be watched there; they can at {}"
                            + " of the server's own port",
                    port,
                    OperationSocket.PATH);
            return;
        }
        jetty.addConnector(shells);
        jetty.addBean(new NetworkConnectionLimit(MOST_SHELLS, shells));
    }

    /// The port of the first address.
    int port() {
        return connectors.getFirst().getLocalPort();
    }

    /// The first address; a process that works by itself has none that others could reach.
    String url() {
        String host = connectors.isEmpty() ? "localhost" : connectors.getFirst().getHost();
        String shown = ANYWHERE.contains(host) ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
        return (tls == null ? "http://" : "https://") + shown + (connectors.isEmpty() ? "" : ":" + port());
    }

    /// Where the first user is made; nothing where there are users, or need not be.
    Optional<String> setupLink() {
        return firstAdmin.link(sluice.publicUrl().map(URI::toString).orElseGet(this::url));
    }

    Server jetty() {
        return jetty;
    }

    /// Says of the node that it takes nobody new, and stops what only reads.
    void drain() {
        draining.set(true);
        disk.close();
    }

    /// Waits until what was asked is answered.
    void awaitAnswered(Duration atMost) throws InterruptedException {
        inFlight.awaitNone(atMost);
    }

    /// Tells those who watch one job the last word and ends all connections. Others that watch have been sent
    /// away before.
    @Override
    public void close() {
        drain();
        try (latest;
                issuer;
                vigil) {
            latest.drain();
            openSockets.awaitNone(Duration.ofSeconds(Socket.DISCARD_SECONDS));
            jetty.stop();
        } catch (Exception e) {
            log.warn("the listeners did not stop cleanly", e);
        } finally {
            // Where nothing has been started they may be open all the same.
            connectors.forEach(ServerConnector::close);
            shells.close();
            arriving.close();
            paces.close();
            if (tls != null) {
                tls.close();
            }
        }
    }
}
