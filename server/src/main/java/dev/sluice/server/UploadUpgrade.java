package dev.sluice.server;

import java.util.List;
import java.util.Objects;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.Configuration;
import org.eclipse.jetty.websocket.core.WebSocketComponents;
import org.eclipse.jetty.websocket.core.WebSocketConnection;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;
import org.eclipse.jetty.websocket.core.server.WebSocketNegotiator;
import org.eclipse.jetty.websocket.core.server.internal.AbstractHandshaker;
import org.eclipse.jetty.websocket.core.server.internal.RFC6455Negotiation;
import org.eclipse.jetty.websocket.core.server.internal.WebSocketNegotiation;
import org.eclipse.jetty.websocket.core.util.WebSocketUtils;

/// Opens the sockets that take files, each on an [UploadConnection].
final class UploadUpgrade extends Handler.Wrapper {
    private final Handshake handshake = new Handshake();
    private final WebSocketComponents components;
    private final Configuration.Customizer limits;
    private final List<Path> paths;

    /// Where sockets are opened.
    ///
    /// @param prefix what stands before the last segment
    record Path(String prefix, WebSocketNegotiator negotiator) {
        boolean leadsTo(String path) {
            return path.startsWith(prefix) && path.indexOf('/', prefix.length()) < 0;
        }
    }

    UploadUpgrade(Handler next, WebSocketComponents components, Configuration.Customizer limits, List<Path> paths) {
        super(next);
        this.components = components;
        this.limits = limits;
        this.paths = paths;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String target = Request.getPathInContext(request);
        for (Path path : paths) {
            if (path.leadsTo(target)
                    && handshake.upgradeRequest(path.negotiator(), request, response, callback, components, limits)) {
                return true;
            }
        }
        return super.handle(request, response, callback);
    }

    /// RFC 6455, section 4.2; Jetty's own is final, and makes connections of its own.
    private static final class Handshake extends AbstractHandshaker {
        @Override
        public boolean isWebSocketUpgradeRequest(Request request) {
            return HttpMethod.GET.is(request.getMethod())
                    && HttpVersion.HTTP_1_1.is(request.getConnectionMetaData().getProtocol())
                    && super.isWebSocketUpgradeRequest(request);
        }

        @Override
        protected WebSocketNegotiation newNegotiation(
                Request request, Response response, Callback callback, WebSocketComponents components) {
            return new RFC6455Negotiation(request, response, callback, components);
        }

        @Override
        protected boolean validateNegotiation(WebSocketNegotiation negotiation) {
            if (!super.validateNegotiation(negotiation)) {
                return false;
            }
            if (((RFC6455Negotiation) negotiation).getKey() == null) {
                throw new HttpException.RuntimeException(HttpStatus.BAD_REQUEST_400, "Sec-WebSocket-Key is missing");
            }
            return true;
        }

        @Override
        protected WebSocketConnection createWebSocketConnection(Request request, WebSocketCoreSession session) {
            ConnectionMetaData metaData = request.getConnectionMetaData();
            var connection = new UploadConnection(
                    metaData.getConnection().getEndPoint(),
                    metaData.getConnector(),
                    session,
                    LimitsDoor.paces(request));
            session.setWebSocketConnection(connection);
            return connection;
        }

        @Override
        protected void prepareResponse(Response response, WebSocketNegotiation negotiation) {
            String key = Objects.requireNonNull(((RFC6455Negotiation) negotiation).getKey());
            response.setStatus(HttpStatus.SWITCHING_PROTOCOLS_101);
            response.getHeaders().put(HttpHeader.UPGRADE, "websocket");
            response.getHeaders().put(HttpHeader.CONNECTION, HttpHeader.UPGRADE.asString());
            response.getHeaders().put(HttpHeader.SEC_WEBSOCKET_ACCEPT, WebSocketUtils.hashKey(key));
        }
    }
}
