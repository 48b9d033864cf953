package dev.sluice.accounts;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An issuer of OpenID Connect that vouches for users: by tokens that callers bring, and by logins in a browser (the
/// code flow with PKCE). Whoever it vouches for is a user from the first time on, where the settings let them in. Safe
/// for use by many threads.
public final class Issuer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Issuer.class);
    private static final List<String> CALLED = List.of("preferred_username", "email", "name", "sub");

    private final IssuerSettings settings;
    private final Users users;
    private final Credentials credentials;
    private final Handshake handshake;
    private final IssuerCalls calls = new IssuerCalls();
    private final Fetched<IssuerPlaces> places;
    private final IssuerTokens bearers;
    private final IssuerTokens logins;

    /// A login that has begun.
    ///
    /// @param to where the browser goes
    /// @param seed that it keeps for the end of it, and shows to nobody else
    public record Begun(URI to, String seed) {}

    /// What the issuer has sent the browser back with.
    public record Return(
            @Nullable String seed,
            @Nullable String state,
            @Nullable String code,
            @Nullable String issuer,
            @Nullable String error) {}

    /// A login that is done.
    ///
    /// @param back where the browser goes
    public record Done(Credentials.Made session, String name, String back) {}

    Issuer(IssuerSettings settings, Clock clock, Users users, Credentials credentials, byte[] key) {
        this.settings = settings;
        this.users = users;
        this.credentials = credentials;
        handshake = new Handshake(key, clock);
        places = new Fetched<>(
                clock, () -> IssuerPlaces.of(settings.issuer(), calls.get(IssuerPlaces.document(settings.issuer()))));
        var keys = new IssuerKeys(clock, () -> calls.get(places.value().keys()));
        bearers = new IssuerTokens(settings.issuer(), settings.audience(), keys, clock);
        logins = new IssuerTokens(settings.issuer(), settings.clientId(), keys, clock);
    }

    /// Whether an address can be that of an issuer: by TLS, or on this machine.
    public static boolean canBe(URI issuer) {
        return IssuerPlaces.isTrusted(issuer) && issuer.getRawQuery() == null;
    }

    // ---- Tokens

    /// Whoever shows this token; nothing where it is not to be believed, or the user is not let in.
    ///
    /// @throws ProblemException `upstream_unavailable` where the issuer's keys cannot be fetched
    public Optional<Caller> caller(String word) {
        return bearers.read(word).flatMap(claims -> {
            try {
                Role said = said(claims);
                User user = user(claims, said);
                Instant until = claims.getExpirationTime().toInstant().plus(IssuerTokens.SKEW);
                return credentials.caller(Caller.Credential.ofToken(user.name(), said, until));
            } catch (ProblemException e) {
                if (e.code() != ErrorCode.FORBIDDEN) {
                    throw e;
                }
                log.debug("a token of somebody who is not let in", e);
                return Optional.empty();
            }
        });
    }

    // ---- Logins

    /// Begins a login in a browser.
    ///
    /// @param redirect where the issuer sends it after; it has to know the address
    /// @param back where it goes in the end, within this server
    /// @throws ProblemException `upstream_unavailable`
    public Begun begin(String redirect, String back) {
        String seed = handshake.seed(back);
        var query = new LinkedHashMap<String, String>();
        query.put("response_type", "code");
        query.put("client_id", settings.clientId());
        query.put("redirect_uri", redirect);
        query.put("scope", String.join(" ", settings.scopes()));
        query.put("state", handshake.state(seed));
        query.put("nonce", handshake.nonce(seed));
        query.put("code_challenge", Handshake.challenge(handshake.verifier(seed)));
        query.put("code_challenge_method", "S256");
        String page = places.value().authorization().toString();
        return new Begun(URI.create(page + (page.contains("?") ? "&" : "?") + IssuerCalls.encoded(query)), seed);
    }

    /// Ends a login, and begins the session that it was for.
    ///
    /// @param redirect as at its beginning
    /// @param address where the browser is
    /// @throws ProblemException `unauthorized` where it is no good login; `forbidden` where the user is not let in;
    ///     `upstream_unavailable`, `upstream_refused` where the issuer does not do its part
    public Done finish(Return back, String redirect, String address) {
        String page = handshake.back(back.seed(), back.state());
        if (back.issuer() != null && !back.issuer().equals(settings.issuer().toString())) {
            throw unauthorized("another issuer has answered this login");
        }
        if (back.error() != null || back.code() == null) {
            throw unauthorized("the issuer did not let you in: " + word(back.error()));
        }
        String seed = Objects.requireNonNull(back.seed());
        JWTClaimsSet claims = logins.read(token(back.code(), redirect, handshake.verifier(seed)))
                .orElseThrow(() -> unauthorized("the issuer's token is not to be believed"));
        if (!handshake.nonce(seed).equals(claims.getClaim("nonce")) || !isForUs(claims)) {
            throw unauthorized("the issuer's token is of another login");
        }
        Role said = said(claims);
        User user = user(claims, said);
        if (user.disabled() != null) {
            throw new ProblemException(ErrorCode.FORBIDDEN, "this user is disabled here");
        }
        if (said != null && said != user.role()) {
            users.change(user.name(), said, null);
        }
        return new Done(credentials.begin(user.name(), address), user.name(), page);
    }

    /// Of a token for several, one of them is the party that it was made for.
    private boolean isForUs(JWTClaimsSet claims) {
        Object party = claims.getClaim("azp");
        return party == null ? claims.getAudience().size() == 1 : party.equals(settings.clientId());
    }

    private String token(String code, String redirect, String verifier) {
        IssuerPlaces known = places.value();
        String secret = settings.clientSecret();
        var form = new LinkedHashMap<String, String>();
        form.put("grant_type", "authorization_code");
        form.put("code", code);
        form.put("redirect_uri", redirect);
        form.put("code_verifier", verifier);
        boolean inHeader = secret != null && !known.secretInForm();
        if (!inHeader) {
            form.put("client_id", settings.clientId());
            if (secret != null) {
                form.put("client_secret", secret);
            }
        }
        IssuerCalls.Answer answer = calls.post(known.token(), form, settings.clientId(), inHeader ? secret : null);
        if (answer.status() == 200 && answer.body().get("id_token") instanceof String token) {
            return token;
        }
        String error = word(answer.body().get("error"));
        if (error.equals("invalid_grant")) {
            throw unauthorized("the issuer does not take this login: " + error);
        }
        throw new ProblemException(
                ErrorCode.UPSTREAM_REFUSED,
                "the issuer gives no token (" + answer.status() + " " + error + "); see auth.oidc.client-id and"
                        + " auth.oidc.client-secret");
    }

    private static ProblemException unauthorized(String message) {
        return new ProblemException(ErrorCode.UNAUTHORIZED, message);
    }

    /// What others have called an error, as far as it is a word.
    private static String word(@Nullable Object error) {
        return error instanceof String text && text.matches("[a-z_]{1,40}") ? text : "unknown error";
    }

    // ---- Users

    private User user(JWTClaimsSet claims, @Nullable Role said) {
        String issuer = settings.issuer().toString();
        if (settings.roleClaim() != null && said == null) {
            throw refused();
        }
        return users.bySubject(issuer, claims.getSubject()).orElseGet(() -> {
            Role role = said == null ? settings.role() : said;
            if (role == null) {
                throw refused();
            }
            return users.vouched(issuer, claims.getSubject(), called(claims), role);
        });
    }

    private static ProblemException refused() {
        return new ProblemException(
                ErrorCode.FORBIDDEN, "who logs in by this issuer may not use this server by that alone: ask its admin");
    }

    private static String called(JWTClaimsSet claims) {
        return CALLED.stream()
                .map(claims::getClaim)
                .filter(claim -> claim instanceof String text && !text.isBlank())
                .map(Object::toString)
                .findFirst()
                .orElse("user");
    }

    /// What the claims say that somebody is here, the most of it; null where they do not say that, or let nobody in.
    private @Nullable Role said(JWTClaimsSet claims) {
        String path = settings.roleClaim();
        if (path == null) {
            return null;
        }
        List<String> values = values(claims.getClaims(), path);
        for (Role role : Role.values()) {
            if (values.stream().anyMatch(value -> role.equals(settings.roles().get(value)))) {
                return role;
            }
        }
        return settings.role();
    }

    /// A name with dots is looked for as it stands, and then part by part.
    private static List<String> values(Map<?, ?> claims, String path) {
        Object found = claims.get(path);
        if (found == null) {
            found = claims;
            for (String part : Arrays.asList(path.split("\\.", -1))) {
                found = found instanceof Map<?, ?> inner ? inner.get(part) : null;
            }
        }
        if (found == null) {
            return List.of();
        }
        return found instanceof Collection<?> many
                ? many.stream().map(String::valueOf).toList()
                : List.of(found.toString());
    }

    @Override
    public void close() {
        calls.close();
    }
}
