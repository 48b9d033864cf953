package dev.sluice.server;

import dev.sluice.accounts.Issuer;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/// Logging in by an issuer of OpenID Connect: a browser is sent there, and comes back with a code. What it comes to is
/// told to the page, which the browser is on its way to.
final class IssuerRoutes {
    static final String LOGIN = "/api/v1/auth/oidc/login";

    private static final String CALLBACK = "/api/v1/auth/oidc/callback";
    private static final String COOKIE = "sluice_login";
    private static final Duration COOKIE_AGE = Duration.ofMinutes(10);

    private final @Nullable Issuer issuer;
    private final DownloadLinks links;

    /// @param issuer null where there is none
    /// @param links say where others reach this server
    IssuerRoutes(@Nullable Issuer issuer, DownloadLinks links) {
        this.issuer = issuer;
        this.links = links;
    }

    void add(RoutesConfig routes) {
        routes.get(LOGIN, this::login);
        routes.get(CALLBACK, this::callback);
    }

    private Issuer issuer() {
        if (issuer == null) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "no issuer vouches for users here (auth.oidc.issuer)");
        }
        return issuer;
    }

    private void login(Context request) {
        Issuer known = issuer();
        try {
            Issuer.Begun begun =
                    known.begin(redirect(request), Objects.requireNonNullElse(request.queryParam("back"), "/"));
            LoginRoutes.cookie(request, COOKIE, begun.seed(), COOKIE_AGE);
            go(request, begun.to().toASCIIString());
        } catch (ProblemException e) {
            failed(request, e);
        }
    }

    private void callback(Context request) {
        Issuer known = issuer();
        Request core = Routes.core(request);
        var back = new Issuer.Return(
                request.cookie(core.isSecure() ? Identity.SECURE + COOKIE : COOKIE),
                request.queryParam("state"),
                request.queryParam("code"),
                request.queryParam("iss"),
                request.queryParam("error"));
        LoginRoutes.cookie(request, COOKIE, "", Duration.ZERO);
        try {
            Issuer.Done done = known.finish(back, redirect(request), AuditTrail.address(core));
            AuditTrail.named(core, done.name());
            Instant expires = Objects.requireNonNull(done.session().expires());
            LoginRoutes.cookie(
                    request, Identity.COOKIE, done.session().word(), Duration.between(Instant.now(), expires));
            go(request, done.back());
        } catch (ProblemException e) {
            failed(request, e);
        }
    }

    private String redirect(Context request) {
        return links.base(Routes.core(request)) + CALLBACK;
    }

    private static void failed(Context request, ProblemException failure) {
        Problem problem = failure.problem();
        AccessLog.answeredWith(Routes.core(request), problem);
        go(request, "/login?failed=" + problem.code().code());
    }

    private static void go(Context request, String where) {
        request.header("Cache-Control", "no-store");
        request.status(303).header("Location", where);
    }
}
