package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Reachable;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The only way out for programs that fetch by themselves: an HTTP proxy (RFC 9110 §3.7, §9.3.6) that connects to
/// addresses which are [Reachable], looked at as they are connected to, whatever page, redirect or list named them.
/// It listens on the loopback interface and lets in who knows its password.
final class CheckedProxy implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CheckedProxy.class);
    private static final int MOST_CONNECTIONS = 64;
    private static final int CONNECT_MILLIS = 10_000;
    private static final long WAIT_NANOS = 100_000_000;

    private final Reachable reachable;
    private final Throttles throttles;
    private final Patience patience;
    private final StopToken stop;
    private final ServerSocket server;
    private final String password = UUID.randomUUID().toString();
    private final Semaphore places = new Semaphore(MOST_CONNECTIONS);
    private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
    private final Set<Socket> servers = ConcurrentHashMap.newKeySet();
    private volatile @Nullable ProblemException refusal;
    private volatile @Nullable ProblemException unreached;
    private volatile boolean closed;

    private CheckedProxy(
            Reachable reachable, Throttles throttles, Patience patience, StopToken stop, ServerSocket server) {
        this.reachable = reachable;
        this.throttles = throttles;
        this.patience = patience;
        this.stop = stop;
        this.server = server;
    }

    /// @param throttles of what comes through it
    /// @param stop of the job that it is for
    static CheckedProxy open(Reachable reachable, Throttles throttles, Patience patience, StopToken stop)
            throws IOException {
        var proxy = new CheckedProxy(
                reachable,
                throttles,
                patience,
                stop,
                new ServerSocket(0, MOST_CONNECTIONS, InetAddress.getByAddress(new byte[] {127, 0, 0, 1})));
        Thread.ofVirtual().name("checked proxy").start(proxy::accept);
        return proxy;
    }

    /// As `http_proxy` wants it.
    String url() {
        return "http://" + userAndPassword() + "@127.0.0.1:" + server.getLocalPort();
    }

    String userAndPassword() {
        return "sluice:" + password;
    }

    /// Why a program failed that has used it: what it says of the proxy's answers says less than the proxy can.
    ProblemException explained(ProblemException said) {
        ProblemException refused = refusal;
        ProblemException lost = unreached;
        if (refused != null) {
            return refused;
        }
        return lost != null && said.code() == ErrorCode.UPSTREAM_UNAVAILABLE ? lost : said;
    }

    private void accept() {
        while (!closed) {
            try {
                places.acquire();
                Socket client = server.accept();
                keep(clients, client);
                Thread.ofVirtual().name("proxied").start(() -> serve(client));
            } catch (IOException e) {
                places.release();
                if (!closed) {
                    log.warn("the proxy of a download could not take a connection", e);
                    // Of files there may be too many open for a while.
                    LockSupport.parkNanos(WAIT_NANOS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            new ProxiedConnection(this, client).serve();
        } catch (IOException e) {
            log.debug("a proxied connection broke", e);
        } catch (Stopped e) {
            log.debug("a proxied connection ends with its download: {}", e.reason());
        } finally {
            clients.remove(client);
            places.release();
        }
    }

    /// @throws ProblemException `target_refused`; `upstream_unavailable`
    Socket connect(String host, int port) {
        try {
            return connected(host, port);
        } catch (ProblemException e) {
            if (e.code() == ErrorCode.TARGET_REFUSED) {
                throw refused(e);
            }
            throw lost(e);
        }
    }

    Patience patience() {
        return patience;
    }

    /// Returns once so many bytes from a host are within the limits.
    ///
    /// @throws Stopped where the job is to stop
    void take(String host, long bytes) {
        throttles.take(host, bytes, stop);
    }

    /// Notes it for [#explained].
    ProblemException refused(ProblemException why) {
        refusal = why;
        return why;
    }

    /// The same of a server that could not be reached, or sends too slowly.
    ProblemException lost(ProblemException why) {
        unreached = why;
        return why;
    }

    private Socket connected(String host, int port) {
        IOException last = null;
        for (InetAddress address : reachable.resolve(host)) {
            var socket = new Socket();
            try {
                keep(servers, socket);
                socket.connect(new InetSocketAddress(address, port), CONNECT_MILLIS);
                stop.awaitDecision();
                return socket;
            } catch (IOException e) {
                close(socket);
                last = e;
            }
        }
        String why = last == null ? "it has no address" : last.getMessage();
        throw new ProblemException(ErrorCode.UPSTREAM_UNAVAILABLE, host + " cannot be reached: " + why);
    }

    private void keep(Set<Socket> among, Socket socket) throws IOException {
        among.add(socket);
        if (closed) {
            among.remove(socket);
            quietly(socket);
            throw new IOException("the proxy is closed");
        }
    }

    /// Lets go of a connection that [#connect] has made.
    void close(Socket socket) {
        servers.remove(socket);
        quietly(socket);
    }

    private static void quietly(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            log.debug("a socket could not be closed", e);
        }
    }

    /// Ends all connections to servers over which bytes may come, at once. Programs may make others, over which nothing
    /// is asked for while a cancel is being decided.
    void cut() {
        servers.stream().filter(Socket::isConnected).forEach(CheckedProxy::quietly);
    }

    /// Ends all connections at once, and takes no other.
    @Override
    public void close() {
        closed = true;
        quietly(server);
        servers.forEach(CheckedProxy::quietly);
        clients.forEach(CheckedProxy::quietly);
    }
}
