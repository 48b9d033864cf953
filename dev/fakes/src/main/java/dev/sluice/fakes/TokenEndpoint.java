package dev.sluice.fakes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.UrlEncoded;
import org.jspecify.annotations.Nullable;

/// Google's OAuth 2.0: consent (RFC 6749 §4.1 with PKCE, RFC 7636; a loopback redirect, RFC 8252 §7.3), refresh
/// tokens (RFC 6749 §6), JWTs of service accounts (RFC 7523 §2.1, "Using OAuth 2.0 for Server to Server
/// Applications"), revocation (RFC 7009). The words of `error_description` are unverified.
final class TokenEndpoint {
    static final String CONSENT = "/o/oauth2/v2/auth";
    static final String TOKEN = "/token";
    static final String REVOKE = "/revoke";

    /// What google-auth-library writes as the audience, wherever it sends the JWT.
    private static final String GOOGLE = "https://oauth2.googleapis.com/token";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration JWT_LIFE = Duration.ofHours(1);
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    private final Accounts accounts;
    private final FakeOptions options;
    private final Map<String, Consent> codes = new ConcurrentHashMap<>();

    private record Consent(Account account, String redirectUri, String challenge, String scope, boolean offline) {}

    TokenEndpoint(Accounts accounts, FakeOptions options) {
        this.accounts = accounts;
        this.options = options;
    }

    static Step step(String path) {
        return path.equals(CONSENT) ? Step.CONSENT : Step.TOKEN;
    }

    static boolean serves(String path) {
        return path.equals(CONSENT) || path.equals(TOKEN) || path.equals(REVOKE);
    }

    void serve(Exchange exchange) throws IOException {
        switch (exchange.path()) {
            case CONSENT -> consent(exchange);
            case TOKEN -> token(exchange);
            case REVOKE -> revoke(exchange);
            default -> throw Refusal.notFound("Not Found");
        }
    }

    /// Consents at once, as the account that `login_hint` names, else as any; one that is revoked refuses.
    private void consent(Exchange exchange) throws IOException {
        if (!exchange.method().equals("GET")) {
            throw Refusal.oauth(405, "invalid_request", "a browser opens this page");
        }
        require(FakeGoogle.CLIENT_ID.equals(exchange.param("client_id")), 401, "invalid_client", "unknown client_id");
        require("code".equals(exchange.param("response_type")), 400, "invalid_request", "response_type must be code");
        String redirectUri = exchange.param("redirect_uri");
        require(isLoopback(redirectUri), 400, "redirect_uri_mismatch", "redirect_uri must be a loopback address");
        String challenge = exchange.param("code_challenge");
        require(
                challenge != null && "S256".equals(exchange.param("code_challenge_method")),
                400,
                "invalid_request",
                "this fake wants PKCE with S256");
        String scope = exchange.param("scope");
        require(scope != null && !scope.isEmpty(), 400, "invalid_scope", "Missing required parameter: scope");
        Account account = accounts.known(exchange.param("login_hint"))
                .or(accounts::first)
                .orElseThrow(() -> Refusal.oauth(400, "access_denied", "there is no account that could consent"));
        String state = exchange.param("state");
        String withState = state == null ? "" : "&state=" + Exchange.encoded(state);
        if (account.revoked()) {
            exchange.header(HttpHeader.LOCATION, redirectUri + "?error=access_denied" + withState);
            exchange.empty(302);
            return;
        }
        String code = Secrets.word("4/0", 32);
        codes.put(
                code,
                new Consent(
                        account,
                        String.valueOf(redirectUri),
                        String.valueOf(challenge),
                        String.valueOf(scope),
                        "offline".equals(exchange.param("access_type"))));
        String location = redirectUri + "?code=" + Exchange.encoded(code) + "&scope="
                + Exchange.encoded(String.valueOf(scope)) + withState;
        exchange.header(HttpHeader.LOCATION, location);
        exchange.empty(302);
    }

    private void token(Exchange exchange) throws IOException {
        require(exchange.method().equals("POST"), 405, "invalid_request", "tokens are asked for with POST");
        Fields form = form(exchange);
        String grant = form.getValue("grant_type");
        ObjectNode answer = switch (grant == null ? "" : grant) {
            case "urn:ietf:params:oauth:grant-type:jwt-bearer" -> assertion(form);
            case "refresh_token" -> refresh(form);
            case "authorization_code" -> code(form);
            default -> throw Refusal.oauth(400, "unsupported_grant_type", "Invalid grant_type: " + grant);
        };
        exchange.json(200, answer);
    }

    private void revoke(Exchange exchange) throws IOException {
        String token = form(exchange).getValue("token");
        require(token != null && accounts.revoke(token), 400, "invalid_token", "Token expired or revoked");
        exchange.json(200, JsonNodeFactory.instance.objectNode());
    }

    private ObjectNode refresh(Fields form) {
        requireClient(form);
        Account account = accounts.ofRefreshToken(form.getValue("refresh_token"))
                .filter(known -> !known.revoked())
                .orElseThrow(() -> invalidGrant("Token has been expired or revoked."));
        return granted(account, "");
    }

    private ObjectNode code(Fields form) {
        requireClient(form);
        String code = form.getValue("code");
        // A code is good for one try.
        Consent consent = code == null ? null : codes.remove(code);
        if (consent == null) {
            throw invalidGrant("Malformed auth code.");
        }
        require(
                consent.redirectUri().equals(form.getValue("redirect_uri")),
                400,
                "redirect_uri_mismatch",
                "redirect_uri is not the one that the code was given to");
        String verifier = form.getValue("code_verifier");
        if (verifier == null || !consent.challenge().equals(challenge(verifier))) {
            throw invalidGrant(verifier == null ? "Missing code verifier." : "Invalid code verifier.");
        }
        ObjectNode answer = granted(consent.account(), consent.scope());
        return consent.offline() ? answer.put("refresh_token", accounts.refreshToken(consent.account())) : answer;
    }

    private ObjectNode assertion(Fields form) {
        String jwt = form.getValue("assertion");
        String[] parts = jwt == null ? new String[0] : jwt.split("\\.", -1);
        if (parts.length != 3) {
            throw invalidGrant("Invalid JWT: it has " + parts.length + " parts");
        }
        JsonNode claims = decoded(parts[1]);
        require("RS256".equals(decoded(parts[0]).path("alg").asText()), 400, "invalid_grant", "Invalid JWT Signature.");
        Account account = accounts.known(claims.path("iss").asText())
                .filter(known -> !known.revoked())
                .orElseThrow(() -> invalidGrant("Invalid grant: account not found"));
        if (!signed(account, parts)) {
            throw invalidGrant("Invalid JWT Signature.");
        }
        require(
                List.of(GOOGLE, accounts.url() + TOKEN)
                        .contains(claims.path("aud").asText()),
                400,
                "invalid_grant",
                "Invalid JWT: Failed audience check");
        requireInTime(
                Instant.ofEpochSecond(claims.path("iat").asLong()),
                Instant.ofEpochSecond(claims.path("exp").asLong()));
        String scope = claims.path("scope").asText();
        require(!scope.isEmpty(), 400, "invalid_scope", "Empty or missing scope not allowed.");
        return granted(account, scope);
    }

    private void requireInTime(Instant issued, Instant expires) {
        Instant now = options.clock().instant();
        boolean inTime = !issued.isAfter(now.plus(CLOCK_SKEW))
                && expires.isAfter(now)
                && !expires.isAfter(issued.plus(JWT_LIFE).plusSeconds(1));
        require(
                inTime,
                400,
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
                        + " Check your iat and exp values in the JWT claim.");
    }

    private ObjectNode granted(Account account, String scope) {
        ObjectNode answer = JsonNodeFactory.instance
                .objectNode()
                .put("access_token", accounts.issue(account))
                .put("expires_in", options.tokenLife().toSeconds())
                .put("token_type", "Bearer");
        return scope.isEmpty() ? answer : answer.put("scope", scope);
    }

    private static boolean signed(Account account, String[] parts) {
        try {
            var signature = Signature.getInstance("SHA256withRSA");
            signature.initVerify(account.publicKey());
            signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
            return signature.verify(Base64.getUrlDecoder().decode(parts[2]));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }

    private static JsonNode decoded(String part) {
        try {
            return JSON.readTree(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw invalidGrant("Invalid JWT: it is not readable");
        }
    }

    private static String challenge(String verifier) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Fields form(Exchange exchange) throws IOException {
        String type = exchange.requestHeader(HttpHeader.CONTENT_TYPE);
        require(
                type != null && type.startsWith("application/x-www-form-urlencoded"),
                400,
                "invalid_request",
                "the body must be a form");
        var form = new Fields(true);
        UrlEncoded.decodeUtf8To(new String(exchange.body(64 << 10), StandardCharsets.UTF_8), form);
        return form;
    }

    private static boolean isLoopback(@Nullable String redirectUri) {
        if (redirectUri == null) {
            return false;
        }
        try {
            URI uri = URI.create(redirectUri);
            return "http".equals(uri.getScheme())
                    && uri.getHost() != null
                    && uri.getHost().matches("127\\.0\\.0\\.1|localhost|\\[::1]");
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void requireClient(Fields form) {
        require(
                FakeGoogle.CLIENT_ID.equals(form.getValue("client_id"))
                        && FakeGoogle.CLIENT_SECRET.equals(form.getValue("client_secret")),
                401,
                "invalid_client",
                "The OAuth client was not found.");
    }

    private static Refusal invalidGrant(String description) {
        return Refusal.oauth(400, "invalid_grant", description);
    }

    private static void require(boolean held, int status, String error, String description) {
        if (!held) {
            throw Refusal.oauth(status, error, description);
        }
    }
}
