package dev.sluice.server;

import dev.sluice.app.AuthMode;
import dev.sluice.app.ConfigurationException;
import dev.sluice.app.DataFolder;
import dev.sluice.app.Roots;
import dev.sluice.app.Settings;
import dev.sluice.app.Sluice;
import dev.sluice.app.StorageKind;
import dev.sluice.wire.Json;
import dev.sluice.wire.JsonFrames;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One node that answers HTTP: on the configured addresses, and on a socket in its data folder for the command
/// line.
public final class SluiceServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SluiceServer.class);

    private final DataFolder folder;
    private final Sluice sluice;
    private final Doors doors;
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
        List<InetSocketAddress> addresses = addresses(settings);
        Roots roots = Roots.of(settings.files(), folder.path());
        this.sluice = Sluice.open(folder, settings, new JsonFrames(), kinds);
        try {
            this.doors = new Doors(folder, settings, sluice, roots, addresses);
        } catch (RuntimeException e) {
            sluice.close();
            throw e;
        }
    }

    /// Where a server of these settings listens, the first address first.
    ///
    /// @throws ConfigurationException where an address is none, or must not be listened on
    public static List<InetSocketAddress> addresses(Settings settings) {
        Settings.Server server = settings.server();
        AuthMode mode = settings.auth().mode();
        var addresses = new ArrayList<InetSocketAddress>();
        addresses.add(address(server.host(), server.port(), mode));
        for (String more : server.listen().orElse(List.of())) {
            int colon = more.lastIndexOf(':');
            String port = more.substring(colon + 1);
            if (colon < 1 || !port.matches("\\d{1,5}")) {
                throw new ConfigurationException("server.listen: \"" + more + "\" is no host:port");
            }
            addresses.add(address(more.substring(0, colon), Integer.parseInt(port), mode));
        }
        return addresses;
    }

    private static InetSocketAddress address(String host, int port, AuthMode mode) {
        if (port < 0 || port > 65535) {
            throw new ConfigurationException("server.port: a port is a number from 0 to 65535, not " + port);
        }
        try {
            InetAddress address = InetAddress.getByName(host);
            if (!address.isLoopbackAddress() && mode == AuthMode.LOCAL) {
                throw new ConfigurationException("server.host: " + host
                        + " is not a loopback address, and whoever reaches it could do everything: set auth.mode to"
                        + " accounts, so that users log in, or listen on 127.0.0.1");
            }
            return new InetSocketAddress(address, port);
        } catch (UnknownHostException e) {
            throw new ConfigurationException("server.host: nothing is called " + host, e);
        }
    }

    private void listen() {
        doors.open();
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
        return doors.url();
    }

    /// Where the first user is made, by whoever started this; nothing where there are users, or need not be.
    public Optional<String> setupLink() {
        return doors.setupLink();
    }

    /// Takes nobody new, asks those who are here to come back elsewhere, ends.
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        doors.drain();
        sluice.drain();
        doors.close();
        sluice.close();
    }

    /// Blocks until the server is closed.
    public void join() throws InterruptedException {
        doors.jetty().join();
    }
}
