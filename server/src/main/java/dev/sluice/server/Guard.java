package dev.sluice.server;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The door: which names this server answers to, and which pages of other origins may use it, for requests and
/// sockets alike. Without a login on loopback these two are what keeps a foreign page out. The socket in the
/// data folder is for the operating system's user and is not asked.
final class Guard extends Handler.Wrapper {
    private static final Logger log = LoggerFactory.getLogger(Guard.class);
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]|.*\\.localhost");
    private static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
    private static final String EXPOSED =
            "Content-Range, Content-Disposition, Content-Length, Accept-Ranges, ETag, Location, Retry-After,"
                    + " RateLimit, RateLimit-Policy, "
                    + TusRoutes.EXPOSED;

    private final Set<String> hosts;
    private final Origins origins;
    private final OperationsDoor operations;

    Guard(Handler next, Set<String> hosts, List<String> origins, OperationsDoor operations) {
        super(next);
        this.hosts = hosts;
        this.origins = new Origins(origins);
        this.operations = operations;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        response.getHeaders().put(HttpHeader.VARY, "Origin");
        if (isOurUser(request)) {
            return super.handle(request, response, callback);
        }
        String host = Request.getServerName(request).toLowerCase(Locale.ROOT);
        if (!isLoopback(host) && !hosts.contains(host)) {
            log.warn("refused a request for the name {}; to allow it, start with --set server.hosts={}", host, host);
            refuse(response, callback, "this server does not answer to the name " + host);
            return true;
        }
        if (namesAnother(request, host)) {
            Answers.problem(
                    response,
                    callback,
                    new Problem(
                            ErrorCode.INVALID_REQUEST, "Host and the target of the request name different servers"));
            return true;
        }
        String origin = request.getHeaders().get(HttpHeader.ORIGIN);
        if (origin != null) {
            if (!isOwn(origin, request) && !isAllowed(origin, request)) {
                log.warn("refused the origin {}; to allow it, start with --allow-origin {}", origin, origin);
                refuse(response, callback, "pages of " + origin + " may not use this server");
                return true;
            }
            allow(response, origin);
            if (isPreflight(request)) {
                allowWhatIsAsked(request, response);
                if (!TusRoutes.isBelow(Request.getPathInContext(request))) {
                    response.setStatus(204);
                    callback.succeeded();
                    return true;
                }
            }
        }
        return super.handle(request, response, callback);
    }

    /// A proxy and a server could each believe another one of two names.
    private static boolean namesAnother(Request request, String host) {
        String named = request.getHeaders().get(HttpHeader.HOST);
        return named != null && !named.replaceFirst(":\\d*$", "").equalsIgnoreCase(host);
    }

    /// Whether a name, as a request's Host has it, is one of this machine's own.
    static boolean isLoopback(String host) {
        return LOOPBACK.matcher(host.toLowerCase(Locale.ROOT)).matches();
    }

    /// Whether the request came through the socket in the data folder.
    static boolean isOurUser(Request request) {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        return endPoint.getLocalSocketAddress() instanceof java.net.UnixDomainSocketAddress;
    }

    private static boolean isOwn(String origin, Request request) {
        String own = request.getHttpURI().getScheme() + "://" + authority(request);
        return own.equalsIgnoreCase(origin);
    }

    private static @Nullable String authority(Request request) {
        String host = request.getHeaders().get(HttpHeader.HOST);
        return host != null ? host : request.getHttpURI().getAuthority();
    }

    /// Programs that watch file operations are let in here as at their own port.
    private boolean isAllowed(String origin, Request request) {
        return origins.allow(origin)
                || (Request.getPathInContext(request).equals(OperationSocket.PATH) && operations.lets(origin));
    }

    private static void allow(Response response, String origin) {
        var headers = response.getHeaders();
        headers.put(HttpHeader.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.put(HttpHeader.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        headers.put(HttpHeader.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }

    private static boolean isPreflight(Request request) {
        return HttpMethod.OPTIONS.is(request.getMethod())
                && request.getHeaders().contains(HttpHeader.ACCESS_CONTROL_REQUEST_METHOD);
    }

    private static void allowWhatIsAsked(Request request, Response response) {
        var headers = response.getHeaders();
        headers.put(HttpHeader.ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        String asked = request.getHeaders().get(HttpHeader.ACCESS_CONTROL_REQUEST_HEADERS);
        if (asked != null) {
            headers.put(HttpHeader.ACCESS_CONTROL_ALLOW_HEADERS, asked);
        }
        headers.put(HttpHeader.ACCESS_CONTROL_MAX_AGE, "600");
    }

    private static void refuse(Response response, Callback callback, String message) {
        Answers.problem(response, callback, new Problem(ErrorCode.FORBIDDEN, message));
    }
}
