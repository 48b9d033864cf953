package dev.sluice.server;

import dev.sluice.core.Network;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/// Who counts as one client where clients are limited: an address, of IPv6 the network that one household has (/64).
/// Those of exempt networks are not counted, nor is who comes through the socket in the data folder.
final class Clients {
    private static final int HOUSEHOLD_BYTES = 8;

    private final List<Network> exempt;

    Clients(List<Network> exempt) {
        this.exempt = exempt;
    }

    /// @return the client by a name of ours; nothing where it is not limited
    Optional<String> counted(Request request) {
        return counted(request.getConnectionMetaData().getRemoteSocketAddress());
    }

    Optional<String> counted(@Nullable SocketAddress remote) {
        if (!(remote instanceof InetSocketAddress known)) {
            return Optional.empty();
        }
        InetAddress address = known.getAddress();
        return address == null || exempt.stream().anyMatch(network -> network.has(address))
                ? Optional.empty()
                : Optional.of(name(address));
    }

    private static String name(InetAddress address) {
        return address instanceof Inet6Address
                ? Arrays.toString(Arrays.copyOf(address.getAddress(), HOUSEHOLD_BYTES))
                : address.getHostAddress();
    }
}
