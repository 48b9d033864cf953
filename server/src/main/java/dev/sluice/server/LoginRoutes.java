package dev.sluice.server;

import dev.sluice.accounts.Accounts;
import dev.sluice.accounts.Caller;
import dev.sluice.accounts.Credentials;
import dev.sluice.accounts.Issuer;
import dev.sluice.accounts.Right;
import dev.sluice.accounts.Tickets;
import dev.sluice.app.Settings;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.wire.AuthDocument;
import dev.sluice.wire.LoginAnswer;
import dev.sluice.wire.PasswordRequest;
import dev.sluice.wire.WebsocketTokenAnswer;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/// Logging in and out. Where no accounts are in use everybody who gets in is the local owner, whatever is sent, and the
/// words that are handed out open nothing and are looked at by nobody. Wire contract §3.
final class LoginRoutes {
    private static final Duration LOCAL_SESSION = Duration.ofHours(12);
    private static final int WORD_BYTES = 16;

    private final Settings.Auth settings;
    private final @Nullable Accounts accounts;
    private final FirstAdmin first;
    private final @Nullable Issuer issuer;
    private final SecureRandom random = new SecureRandom();

    /// @param accounts null where none are in use
    /// @param issuer null where nobody else vouches for users
    LoginRoutes(Settings.Auth settings, @Nullable Accounts accounts, FirstAdmin first, @Nullable Issuer issuer) {
        this.settings = settings;
        this.accounts = accounts;
        this.first = first;
        this.issuer = issuer;
    }

    void add(RoutesConfig routes) {
        routes.get("/api/v1/auth", this::show);
        routes.post("/api/v1/auth/login", this::login);
        routes.post("/api/v1/auth/refresh", this::refresh);
        routes.post("/api/v1/auth/logout", this::logout);
        routes.post("/api/v1/auth/password", this::password);
        routes.post("/api/v1/auth/websocket-token", this::token);
        routes.get("/setup", this::setupPage);
        routes.post("/api/v1/auth/setup", this::setup);
    }

    private void show(Context request) {
        Caller caller = Identity.of(Routes.core(request));
        AuthDocument.User user = caller.isNobody()
                ? null
                : new AuthDocument.User(
                        caller.owner().name(),
                        caller.rights().stream().sorted().map(Right::word).toList(),
                        caller.via().word(),
                        caller.expires());
        request.header("Cache-Control", "no-store");
        Routes.json(
                request,
                new AuthDocument(
                        accounts == null ? "local" : "accounts",
                        settings.guest(),
                        first.isAwaited(),
                        issuer == null ? null : IssuerRoutes.LOGIN,
                        user));
    }

    private void login(Context request) {
        String name = form(request, "username");
        if (accounts == null) {
            String word = word();
            begun(request, word, LOCAL_SESSION);
            return;
        }
        Request core = Routes.core(request);
        AuditTrail.named(core, name);
        begun(request, accounts.login(name, form(request, "password"), AuditTrail.address(core)));
    }

    private static String form(Context request, String field) {
        String value = request.formParam(field);
        return value == null ? "" : value;
    }

    private void begun(Context request, Credentials.Made made) {
        Instant expires = Objects.requireNonNull(made.expires());
        begun(request, made.word(), Duration.between(Instant.now(), expires));
    }

    private static void begun(Context request, String word, Duration age) {
        cookie(request, Identity.COOKIE, word, age);
        request.header("Cache-Control", "no-store");
        Routes.json(request, new LoginAnswer(word, age.toSeconds()));
    }

    /// Scripts do not see it, and pages of other sites do not send it along. Under TLS its name says that it is for
    /// this host alone.
    static void cookie(Context request, String name, String word, Duration age) {
        boolean secure = Routes.core(request).isSecure();
        request.res()
                .addHeader(
                        "Set-Cookie",
                        (secure ? Identity.SECURE : "") + name + "=" + word + "; Path=/; Max-Age=" + age.toSeconds()
                                + "; HttpOnly; SameSite=Lax" + (secure ? "; Secure" : ""));
    }

    private void refresh(Context request) {
        if (accounts == null) {
            begun(request, word(), LOCAL_SESSION);
            return;
        }
        String session = session(request).id();
        begun(
                request,
                accounts.credentials()
                        .refresh(session)
                        .orElseThrow(() -> new ProblemException(ErrorCode.UNAUTHORIZED, "your session has ended")));
    }

    /// What only whoever has logged in may do, and no key.
    static Caller.Credential session(Context request) {
        Caller.Credential credential = Identity.of(Routes.core(request)).credential();
        if (credential == null || credential.via() != Caller.Via.SESSION) {
            throw new ProblemException(ErrorCode.FORBIDDEN, "this is for users who have logged in");
        }
        return credential;
    }

    private void logout(Context request) {
        if (accounts != null) {
            accounts.credentials()
                    .endSession(Routes.owner(request), session(request).id());
        }
        cookie(request, Identity.COOKIE, "", Duration.ZERO);
        request.header("Clear-Site-Data", "\"cache\", \"storage\"");
        request.status(204);
    }

    private void password(Context request) {
        if (accounts == null) {
            throw new ProblemException(ErrorCode.FORBIDDEN, "no accounts are in use here (auth.mode)");
        }
        String session = session(request).id();
        PasswordRequest asked = PasswordRequest.parse(request.bodyAsBytes());
        accounts.changePassword(
                Routes.owner(request),
                asked.current(),
                asked.password(),
                session,
                AuditTrail.address(Routes.core(request)));
        request.status(204);
    }

    private void token(Context request) {
        request.header("Cache-Control", "no-store");
        String word = accounts == null ? word() : accounts.tickets().make(Identity.of(Routes.core(request)));
        Routes.json(request, new WebsocketTokenAnswer(word, Tickets.AGE.toSeconds()));
    }

    private String word() {
        var bytes = new byte[WORD_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private void setupPage(Context request) {
        String page = first.page(request.queryParam("token"));
        request.contentType("text/html; charset=utf-8").result(page);
    }

    private void setup(Context request) {
        if (accounts == null) {
            throw new ProblemException(ErrorCode.FORBIDDEN, "no accounts are in use here (auth.mode)");
        }
        String name = form(request, "username");
        String password = form(request, "password");
        AuditTrail.named(Routes.core(request), name);
        if (!password.equals(form(request, "again"))) {
            throw new ProblemException(ErrorCode.INVALID_REQUEST, "the two passwords differ", Map.of("field", "again"));
        }
        first.make(form(request, "token"), name, password);
        begun(request, accounts.login(name, password, AuditTrail.address(Routes.core(request))));
    }
}
