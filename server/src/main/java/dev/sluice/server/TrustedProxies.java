package dev.sluice.server;

import dev.sluice.app.ConfigurationException;
import dev.sluice.app.Settings;
import dev.sluice.core.Network;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/// Whom a request comes from, and by which scheme, where a proxy stands in between: believed only of proxies that
/// are configured. Each of them adds to what it was told, so it is read from its end: the first address that is no
/// proxy's is the client's, whatever stands before it. Names of hosts are not taken from there: a proxy passes Host
/// on.
final class TrustedProxies implements HttpConfiguration.Customizer {
    private static final String FOR = "X-Forwarded-For";
    private static final String PROTO = "X-Forwarded-Proto";
    private static final String FORWARDED = "Forwarded";

    /// An address, in brackets or not, with a port or not (RFC 7239, section 6); names are not looked up.
    private static final Pattern NODE =
            Pattern.compile("\\[([0-9a-fA-F:.]+)](?::\\d+)?|(\\d{1,3}(?:\\.\\d{1,3}){3})(?::\\d+)?|([0-9a-fA-F:]+)");

    private static final Pattern ELEMENT_FOR = Pattern.compile("(?i)(?:^|;)\\s*for=\"?([^\";]*)\"?\\s*(?:;|$)");
    private static final Pattern ELEMENT_PROTO = Pattern.compile("(?i)(?:^|;)\\s*proto=\"?([^\";]*)\"?\\s*(?:;|$)");

    private final List<Network> networks;
    private final boolean standard;

    /// @throws ConfigurationException where a network is none, or the headers are none that are known
    TrustedProxies(Settings.Server settings) {
        this.networks =
                networks("server.trusted-proxies", settings.trustedProxies().orElse(List.of()));
        this.standard = switch (settings.proxyHeaders()) {
            case "x-forwarded" -> false;
            case "forwarded" -> true;
            default ->
                throw new ConfigurationException(
                        "server.proxy-headers is \"" + settings.proxyHeaders() + "\"; it is x-forwarded or forwarded");
        };
    }

    static List<Network> networks(String key, List<String> texts) {
        try {
            return texts.stream().map(Network::of).toList();
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(key + ": " + e.getMessage(), e);
        }
    }

    boolean trusts(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress known && known.getAddress() != null && trusts(known.getAddress());
    }

    private boolean trusts(InetAddress address) {
        return networks.stream().anyMatch(network -> network.has(address));
    }

    @Override
    public Request customize(Request request, HttpFields.Mutable responseHeaders) {
        SocketAddress peer = request.getConnectionMetaData().getRemoteSocketAddress();
        if (!trusts(peer)) {
            return request;
        }
        var proxy = ((InetSocketAddress) peer).getAddress();
        List<String> said = standard ? values(request, FORWARDED) : values(request, FOR);
        InetAddress client = proxy;
        int at = said.size();
        while (at > 0 && trusts(client)) {
            InetAddress before = address(standard ? part(ELEMENT_FOR, said.get(at - 1)) : said.get(at - 1));
            if (before == null) {
                break;
            }
            client = before;
            at--;
        }
        return new Told(request, client, scheme(request, said));
    }

    /// By which scheme the client asked the outermost of our proxies, as the innermost one says it.
    private @Nullable String scheme(Request request, List<String> said) {
        List<String> protocols = standard
                ? said.stream().map(element -> part(ELEMENT_PROTO, element)).toList()
                : values(request, PROTO);
        String last = protocols.isEmpty() ? "" : protocols.getLast().toLowerCase(Locale.ROOT);
        return last.equals("https") || last.equals("http") ? last : null;
    }

    private static List<String> values(Request request, String header) {
        return request.getHeaders().getValuesList(header).stream()
                .flatMap(value -> Stream.of(value.split(",", -1)))
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .toList();
    }

    private static String part(Pattern pattern, String element) {
        Matcher found = pattern.matcher(element);
        return found.find() ? found.group(1).strip() : "";
    }

    private static @Nullable InetAddress address(String node) {
        Matcher form = NODE.matcher(node);
        if (!form.matches()) {
            return null;
        }
        String literal = form.group(1) != null ? form.group(1) : form.group(2) != null ? form.group(2) : form.group(3);
        try {
            return InetAddress.ofLiteral(literal);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static final class Told extends Request.Wrapper {
        private final ConnectionMetaData connection;
        private final boolean secure;
        private final HttpURI uri;

        Told(Request request, InetAddress client, @Nullable String scheme) {
            super(request);
            secure = scheme == null ? request.isSecure() : scheme.equals("https");
            uri = scheme == null
                    ? request.getHttpURI()
                    : HttpURI.build(request.getHttpURI()).scheme(scheme).asImmutable();
            connection = new ConnectionMetaData.Wrapper(request.getConnectionMetaData()) {
                @Override
                public SocketAddress getRemoteSocketAddress() {
                    return new InetSocketAddress(client, 0);
                }

                @Override
                public boolean isSecure() {
                    return secure;
                }
            };
        }

        @Override
        public ConnectionMetaData getConnectionMetaData() {
            return connection;
        }

        @Override
        public boolean isSecure() {
            return secure;
        }

        @Override
        public HttpURI getHttpURI() {
            return uri;
        }
    }
}
