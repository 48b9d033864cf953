package dev.sluice.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSSignerOption;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// An issuer of OpenID Connect that lets everybody in as whom the test says, and takes nothing from a client that the
/// specifications do not give it: the client and its secret, the address to return to, PKCE by S256, state and nonce,
/// and each code once. Safe for use by many threads.
public final class TestingIssuer implements AutoCloseable {
    public static final String CLIENT = "sluice at work";
    public static final String SECRET = "a secret: with % and +";
    private static final Set<JWSSignerOption> WEAK = Set.of(AllowWeakRSAKey.getInstance());
    private static final Duration AGE = Duration.ofMinutes(5);
    private static final Set<String> ASKED = Set.of(
            "response_type",
            "client_id",
            "redirect_uri",
            "scope",
            "state",
            "nonce",
            "code_challenge",
            "code_challenge_method");

    private final HttpServer http;
    private final Clock clock;
    private final List<JWK> published = new CopyOnWriteArrayList<>();
    private final Map<String, Grant> grants = new ConcurrentHashMap<>();
    private final List<String> refusals = new CopyOnWriteArrayList<>();
    private final AtomicInteger keyFetches = new AtomicInteger();
    private final AtomicInteger numbers = new AtomicInteger();
    private volatile JWK key;
    private volatile Map<String, Object> person = Map.of("sub", "1");
    private volatile @Nullable String redirect;
    private volatile boolean denying;
    private volatile boolean away;
    private volatile boolean secretInForm;
    private volatile UnaryOperator<JWTClaimsSet.Builder> change = UnaryOperator.identity();

    private record Grant(String redirect, String challenge, String nonce, Map<String, Object> person) {}

    public TestingIssuer(Clock clock) {
        this.clock = clock;
        try {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        key = ellipticKey("first");
        published.add(key);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", this::handle);
        http.start();
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + http.getAddress().getPort() + "/realm");
    }

    // ---- What a test says

    /// Who logs in next, by claims with `sub` among them.
    public void person(Map<String, Object> claims) {
        person = Map.copyOf(claims);
    }

    /// The one address that browsers are sent back to.
    public void redirect(String address) {
        redirect = address;
    }

    /// From now on nobody is let in.
    public void deny() {
        denying = true;
    }

    /// From now on nothing is answered but 503.
    public void away(boolean now) {
        away = now;
    }

    /// The secret is taken from the form only.
    public void takeSecretInForm() {
        secretInForm = true;
    }

    /// Tokens of logins are made otherwise.
    public void change(UnaryOperator<JWTClaimsSet.Builder> claims) {
        change = claims;
    }

    /// Signs with a new key, and shows the old one no more.
    public void rotate() {
        key = rsaKey("key " + numbers.incrementAndGet(), 2048);
        published.clear();
        published.add(key);
    }

    /// Shows one more key.
    public void publish(JWK also) {
        published.add(also);
    }

    public int keyFetches() {
        return keyFetches.get();
    }

    /// What clients have got wrong.
    public List<String> refusals() {
        return List.copyOf(refusals);
    }

    public JWK key() {
        return key;
    }

    // ---- Tokens

    /// A token of the person, good unless it is changed.
    public String token(UnaryOperator<JWTClaimsSet.Builder> changed) {
        return signed(key, changed.apply(claims(person)).build());
    }

    /// The claims of a good token.
    public JWTClaimsSet.Builder claims() {
        return claims(person);
    }

    private JWTClaimsSet.Builder claims(Map<String, Object> of) {
        Instant now = clock.instant();
        var claims = new JWTClaimsSet.Builder()
                .issuer(uri().toString())
                .audience(CLIENT)
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(AGE)));
        of.forEach(claims::claim);
        return claims;
    }

    public static String signed(JWK key, JWTClaimsSet claims) {
        return signed(key, claims, JOSEObjectType.JWT);
    }

    public static String signed(JWK key, JWTClaimsSet claims, @Nullable JOSEObjectType type) {
        try {
            boolean elliptic = key instanceof ECKey;
            JWSSigner signer = elliptic ? new ECDSASigner(key.toECKey()) : new RSASSASigner(key.toRSAKey(), WEAK);
            var jwt = new SignedJWT(
                    new JWSHeader.Builder(elliptic ? JWSAlgorithm.ES256 : JWSAlgorithm.RS256)
                            .type(type)
                            .keyID(key.getKeyID())
                            .build(),
                    claims);
            jwt.sign(signer);
            return jwt.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    public static ECKey ellipticKey(String id) {
        try {
            return new ECKeyGenerator(Curve.P_256)
                    .keyID(id)
                    .keyUse(KeyUse.SIGNATURE)
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    public static RSAKey rsaKey(String id, int bits) {
        try {
            return new RSAKeyGenerator(bits, bits < 2048)
                    .keyID(id)
                    .keyUse(KeyUse.SIGNATURE)
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- What clients ask for

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (away) {
                answer(exchange, 503, Map.of());
                return;
            }
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            switch (exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath()) {
                case "GET /realm/.well-known/openid-configuration" -> answer(exchange, 200, document());
                case "GET /realm/keys" -> {
                    keyFetches.incrementAndGet();
                    answer(
                            exchange,
                            200,
                            new JWKSet(List.copyOf(published)).toPublicJWKSet().toJSONObject());
                }
                case "GET /realm/authorize" -> authorize(exchange);
                case "POST /realm/token" -> token(exchange, form(body));
                default -> refuse(exchange, "not_found");
            }
        }
    }

    private Map<String, Object> document() {
        String base = uri().toString();
        return Map.of(
                "issuer",
                base,
                "authorization_endpoint",
                base + "/authorize",
                "token_endpoint",
                base + "/token",
                "jwks_uri",
                base + "/keys",
                "response_types_supported",
                List.of("code"),
                "token_endpoint_auth_methods_supported",
                List.of(secretInForm ? "client_secret_post" : "client_secret_basic"));
    }

    private void authorize(HttpExchange exchange) throws IOException {
        Map<String, String> asked =
                form(Objects.requireNonNullElse(exchange.getRequestURI().getRawQuery(), ""));
        String back = asked.getOrDefault("redirect_uri", "");
        boolean good = asked.keySet().equals(ASKED)
                && CLIENT.equals(asked.get("client_id"))
                && back.equals(redirect)
                && "code".equals(asked.get("response_type"))
                && List.of(asked.getOrDefault("scope", "").split(" ")).contains("openid")
                && "S256".equals(asked.get("code_challenge_method"))
                && asked.getOrDefault("code_challenge", "").matches("[A-Za-z0-9_-]{43}")
                && asked.getOrDefault("state", "").length() >= 20
                && asked.getOrDefault("nonce", "").length() >= 20;
        if (!good) {
            refuse(exchange, "invalid_request: " + asked);
            return;
        }
        var answer = new LinkedHashMap<String, String>();
        if (denying) {
            answer.put("error", "access_denied");
        } else {
            String code = "code " + numbers.incrementAndGet();
            grants.put(
                    code,
                    new Grant(
                            back,
                            Objects.requireNonNull(asked.get("code_challenge")),
                            Objects.requireNonNull(asked.get("nonce")),
                            person));
            answer.put("code", code);
        }
        answer.put("state", Objects.requireNonNull(asked.get("state")));
        answer.put("iss", uri().toString());
        var query = new StringBuilder();
        answer.forEach((name, value) -> query.append(query.isEmpty() ? "?" : "&")
                .append(name)
                .append('=')
                .append(URLEncoder.encode(value, UTF_8)));
        exchange.getResponseHeaders().set("Location", back + query);
        exchange.sendResponseHeaders(302, -1);
    }

    private void token(HttpExchange exchange, Map<String, String> form) throws IOException {
        if (!isClient(exchange, form)) {
            refuse(exchange, "invalid_client");
            return;
        }
        Grant grant = grants.remove(form.getOrDefault("code", ""));
        if (grant == null
                || !"authorization_code".equals(form.get("grant_type"))
                || !grant.redirect().equals(form.get("redirect_uri"))
                || !grant.challenge().equals(challenge(form.getOrDefault("code_verifier", "")))) {
            refuse(exchange, "invalid_grant");
            return;
        }
        JWTClaimsSet claims = change.apply(claims(grant.person()).claim("nonce", grant.nonce()))
                .build();
        answer(
                exchange,
                200,
                Map.of("access_token", "opaque", "token_type", "Bearer", "id_token", signed(key, claims)));
    }

    private boolean isClient(HttpExchange exchange, Map<String, String> form) {
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        if (secretInForm) {
            return header == null && CLIENT.equals(form.get("client_id")) && SECRET.equals(form.get("client_secret"));
        }
        String both = URLEncoder.encode(CLIENT, UTF_8) + ":" + URLEncoder.encode(SECRET, UTF_8);
        return ("Basic " + Base64.getEncoder().encodeToString(both.getBytes(UTF_8))).equals(header)
                && !form.containsKey("client_secret");
    }

    private static String challenge(String verifier) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, String> form(String text) {
        var form = new HashMap<String, String>();
        for (String field : text.split("&", -1)) {
            int equals = field.indexOf('=');
            if (equals > 0) {
                form.put(
                        URLDecoder.decode(field.substring(0, equals), UTF_8),
                        URLDecoder.decode(field.substring(equals + 1), UTF_8));
            }
        }
        return form;
    }

    private void refuse(HttpExchange exchange, String error) throws IOException {
        refusals.add(error);
        answer(exchange, 400, Map.of("error", error.replaceFirst(":.*", "")));
    }

    private static void answer(HttpExchange exchange, int status, Map<String, Object> body) throws IOException {
        byte[] bytes = JSONObjectUtils.toJSONString(body).getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
