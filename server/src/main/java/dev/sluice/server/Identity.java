package dev.sluice.server;

import dev.sluice.accounts.Accounts;
import dev.sluice.accounts.Caller;
import dev.sluice.accounts.Issuer;
import dev.sluice.accounts.Right;
import dev.sluice.accounts.Tickets;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.realtime.CloseCode;
import dev.sluice.wire.Tus;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpCookie;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// Finds out who asks, once for each request and each socket, before anything is routed; whatever comes behind it asks
/// [Identity#of]. Sends away who may not ask at all. What the caller reaches of what there is says [Access].
final class Identity extends Handler.Wrapper {
    static final String COOKIE = "sluice_session";
    /// What browsers take over TLS only, for the whole of this host, and from nobody else.
    static final String SECURE = "__Host-";

    private static final String SECURE_COOKIE = SECURE + COOKIE;

    private static final String BEARER = "bearer ";

    /// What is shown to whoever asks. All else needs to know who that is, also what there is not.
    private static final Pattern PUBLIC = Pattern.compile("/|/health(/live|/ready)?|/openapi\\.json|/docs(/[^/]*)?"
            + "|/setup|/api/v1/auth|/api/v1/auth/(login|setup|oidc/[a-z]+)|" + DownloadLinks.PATH + ".*");

    /// Where who may only read may write all the same: what is their own, and nobody else's.
    private static final Pattern OWN_BUSINESS = Pattern.compile(
            "/api/v1/auth/(login|setup|logout|refresh|password|websocket-token|keys(/[^/]+)?|sessions/[^/]+)");

    /// What is open to guests, where they are let in: one upload or download at a time, by its id.
    private static final Pattern OF_GUESTS = Pattern.compile(
            "(POST /api/v1/(upload|batch)/initiate|POST /api/v1/upload|PUT /api/v1/upload/[^/]+|GET /api/v1/upload/[^/]+"
                    + "|GET /api/v1/(batch|batches)/[^/]+|POST /api/v1/(upload|batch|download)/cancel/[^/]+"
                    + "|(GET|HEAD) /api/v1/(download/stream|batch/download-zip)/[^/]+"
                    + "|POST /api/(v1/)?download|GET /api/status/[^/]+|(GET|DELETE) /api/v1/download/[^/]+"
                    + "|(POST|OPTIONS) /files|(OPTIONS|HEAD|PATCH|POST|DELETE) /files/[^/]+"
                    + "|GET /ws(_api)?/(upload|upload_parallel|download)/[^/]+)");

    /// No accounts where none are in use: then everybody who comes this far is the local owner.
    private final @Nullable Accounts accounts;
    /// Who else vouches for users; null where nobody does.
    private final @Nullable Issuer issuer;
    private final boolean guests;

    Identity(Handler next, @Nullable Accounts accounts, @Nullable Issuer issuer, boolean guests) {
        super(next);
        this.accounts = accounts;
        this.issuer = issuer;
        this.guests = guests;
    }

    /// Whether a request shows something that may tell who asks.
    static boolean showsWord(Request request) {
        return bearer(request) != null || cookie(request) != null;
    }

    /// Who asks.
    static Caller of(Request request) {
        return Admission.noted(request).caller();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Admission admission;
        try {
            admission = admit(request);
        } catch (ProblemException e) {
            // Who it is cannot be found out just now.
            refuse(request, response, callback, e.problem());
            return true;
        }
        admission.note(request);
        if (LimitsDoor.refuses(request, response, callback, admission.caller())) {
            admission.release();
            return true;
        }
        if (isSocket(request)) {
            // It is opened all the same, since a browser tells its page why only of a socket that was open.
            return super.handle(request, response, callback);
        }
        String path = Request.getPathInContext(request);
        Admission.Refusal refusal = admission.refused();
        if (refusal != null && !isPublic(request, path)) {
            response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer realm=\"sluice\"");
            refuse(
                    request,
                    response,
                    callback,
                    new Problem(ErrorCode.UNAUTHORIZED, "log in first: " + refusal.reason()));
            return true;
        }
        Caller caller = admission.caller();
        if (!caller.isNobody()
                && !isReading(request, path)
                && !caller.may(Right.WRITE)
                && !OWN_BUSINESS.matcher(path).matches()) {
            refuse(
                    request,
                    response,
                    callback,
                    new Problem(ErrorCode.FORBIDDEN, "you may look here, and change nothing"));
            return true;
        }
        return super.handle(
                request, response, admission.hold() == null ? callback : Callback.from(callback, admission::release));
    }

    private static boolean isPublic(Request request, String path) {
        return PUBLIC.matcher(path).matches()
                || (HttpMethod.OPTIONS.is(request.getMethod()) && TusRoutes.isBelow(path));
    }

    /// A method that another one stands in for is not believed to read.
    private static boolean isReading(Request request, String path) {
        String method = request.getMethod();
        boolean reads = HttpMethod.GET.is(method) || HttpMethod.HEAD.is(method) || HttpMethod.OPTIONS.is(method);
        return reads && !(TusRoutes.isBelow(path) && request.getHeaders().contains(Tus.METHOD_OVERRIDE));
    }

    /// Where sockets are opened, and nothing else is: elsewhere the header alone makes no request one for a socket.
    private static boolean isSocket(Request request) {
        String path = Request.getPathInContext(request);
        return HttpMethod.GET.is(request.getMethod())
                && (path.startsWith("/ws/") || path.startsWith("/ws_api/"))
                && "websocket".equalsIgnoreCase(request.getHeaders().get(HttpHeader.UPGRADE));
    }

    // ---- Who it is

    private Admission admit(Request request) {
        if (accounts == null || Guard.isOurUser(request)) {
            return Admission.of(Caller.LOCAL);
        }
        String bearer = bearer(request);
        if (bearer != null) {
            return known(accounts, bearer)
                    .or(() -> vouched(bearer))
                    .orElseGet(
                            () -> Admission.refused(CloseCode.EXPIRED, "this token is none of ours, or has expired"));
        }
        String cookie = cookie(request);
        Optional<Admission> known = cookie == null ? Optional.empty() : known(accounts, cookie);
        if (known.isPresent()) {
            return known.get();
        }
        String path = Request.getPathInContext(request);
        if (isSocket(request) || path.equals(ByteRoutes.EVENTS)) {
            String ticket = Request.extractQueryParameters(request).getValue("token");
            if (ticket != null) {
                return byTicket(accounts, ticket, path);
            }
        }
        if (guests && OF_GUESTS.matcher(request.getMethod() + " " + path).matches()) {
            return Admission.of(Caller.GUEST);
        }
        return cookie == null
                ? Admission.refused(CloseCode.REFUSED, "token missing")
                : Admission.refused(CloseCode.EXPIRED, "your session has expired");
    }

    private static Optional<Admission> known(Accounts accounts, String word) {
        return accounts.credentials().caller(word).map(Admission::of);
    }

    private Optional<Admission> vouched(String word) {
        return issuer == null ? Optional.empty() : issuer.caller(word).map(Admission::of);
    }

    private static Admission byTicket(Accounts accounts, String ticket, String path) {
        return switch (accounts.tickets().open(ticket, path)) {
            case Tickets.Opening.Opened opened -> new Admission(opened.caller(), opened.hold(), null);
            case Tickets.Opening.Expired expired -> Admission.refused(CloseCode.EXPIRED, "token expired");
            case Tickets.Opening.Refused refused -> Admission.refused(CloseCode.REFUSED, refused.why());
        };
    }

    private static @Nullable String bearer(Request request) {
        String header = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        return header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? header.substring(BEARER.length()).strip()
                : null;
    }

    private static @Nullable String cookie(Request request) {
        String plain = null;
        for (HttpCookie cookie : Request.getCookies(request)) {
            if (cookie.getName().equals(SECURE_COOKIE)) {
                return cookie.getValue();
            }
            if (cookie.getName().equals(COOKIE)) {
                plain = cookie.getValue();
            }
        }
        return request.isSecure() ? null : plain;
    }

    private static void refuse(Request request, Response response, Callback callback, Problem problem) {
        if (request.getLength() == 0
                || HttpMethod.GET.is(request.getMethod())
                || HttpMethod.HEAD.is(request.getMethod())) {
            Answers.problem(response, callback, problem);
        } else {
            Answers.problemAndClose(response, callback, problem, rest -> BodyReader.discard(request, rest));
        }
    }
}
