package dev.sluice.core;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which addresses may be reached on behalf of users: those of the public Internet (IANA's special-purpose
/// registries, RFC 6890, say which are not), and what is allowed beside them. A name is resolved when it is
/// connected to and each of its addresses is looked at, so that a name whose address changes meanwhile gains
/// nothing. Safe for use by many threads.
public final class Reachable {
    private static final Logger log = LoggerFactory.getLogger(Reachable.class);
    private static final List<Network> REFUSED = Stream.of(
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    // Azure's WireServer: public by its number, and the host of each virtual machine there.
                    "168.63.129.16/32",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.0.2.0/24",
                    "192.88.99.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "198.51.100.0/24",
                    "203.0.113.0/24",
                    "224.0.0.0/4",
                    "240.0.0.0/4",
                    "::/128",
                    "::1/128",
                    "64:ff9b:1::/48",
                    "100::/64",
                    "2001::/23",
                    "2001:db8::/32",
                    "3fff::/20",
                    "5f00::/16",
                    "fc00::/7",
                    "fe80::/10",
                    "fec0::/10",
                    "ff00::/8")
            .map(Network::of)
            .toList();

    /// Networks whose addresses end with one of IPv4: compatible ones, those of a translation (RFC 6052, RFC 2765).
    private static final List<Network> HOLDING = Stream.of("::/96", "64:ff9b::/96", "::ffff:0:0:0/96")
            .map(Network::of)
            .toList();
    private static final Network SIX_TO_FOUR = Network.of("2002::/16");

    private final List<Network> allowed;
    private final String setting;
    private final Resolver resolver;

    /// How names become addresses.
    @FunctionalInterface
    public interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    /// @param allowed networks that may be reached although they would be refused
    /// @param setting where more can be allowed, for messages
    /// @throws IllegalArgumentException where one is none
    public Reachable(List<String> allowed, String setting) {
        this(allowed, setting, InetAddress::getAllByName);
    }

    public Reachable(List<String> allowed, String setting, Resolver resolver) {
        this.setting = setting;
        this.allowed = allowed.stream().map(Network::of).toList();
        this.resolver = resolver;
    }

    /// Looks at an address that stands in a URL; a name is left for when it is connected to.
    ///
    /// @throws ProblemException `target_refused`
    public void requireNamed(String host) {
        boolean address = host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || Character.isDigit(c));
        boolean local = host.equals("localhost") || host.endsWith(".localhost");
        if (address || local) {
            resolve(local ? "localhost" : host);
        }
    }

    /// The addresses of a host that may be connected to, in their order.
    ///
    /// @throws ProblemException `target_refused` where it has others only; `upstream_unavailable` where it has none
    public List<InetAddress> resolve(String host) {
        InetAddress[] found;
        try {
            found = resolver.resolve(host);
        } catch (UnknownHostException e) {
            throw new ProblemException(ErrorCode.UPSTREAM_UNAVAILABLE, "the host " + host + " is not known", e);
        }
        List<InetAddress> open = Arrays.stream(found).filter(this::isOpen).toList();
        if (open.isEmpty()) {
            String address = found[0].getHostAddress();
            // Whoever asks learns no address of a name that only this network may resolve.
            log.info("{} is not reached: {} is no public address, and {} does not have it", host, address, setting);
            throw new ProblemException(
                    ErrorCode.TARGET_REFUSED,
                    host.equals(address) || host.contains(":")
                            ? host
                                    + " is no public address; to have it reached all the same, start the server with --set "
                                    + setting + "=" + address
                            : host
                                    + " has no public address; to have it reached all the same, start the server with --set "
                                    + setting + "= and the one that it has logged");
        }
        return open;
    }

    private boolean isOpen(InetAddress address) {
        if (allowed.stream().anyMatch(network -> network.has(address))) {
            return true;
        }
        if (REFUSED.stream().anyMatch(network -> network.has(address))) {
            return false;
        }
        byte[] bytes = address.getAddress();
        if (HOLDING.stream().anyMatch(network -> network.has(address))) {
            return isOpen(ipv4(bytes, 12));
        }
        return !SIX_TO_FOUR.has(address) || isOpen(ipv4(bytes, 2));
    }

    private static InetAddress ipv4(byte[] within, int at) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(within, at, at + 4));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }
}
