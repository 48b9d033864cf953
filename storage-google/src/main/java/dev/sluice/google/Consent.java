package dev.sluice.google;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.cloud.Outgoing;
import dev.sluice.cloud.Transport;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Asks a user once for leave to use their Google Drive: OAuth 2.0 for native apps (RFC 8252) with a proof key
/// (RFC 7636), by Google's page 'OAuth 2.0 for iOS & Desktop Apps'. The user answers in a browser, which brings the
/// answer to an address of this machine.
public final class Consent {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SECRET_BYTES = 32;

    private final OAuthClient client;
    private final URI redirect;
    private final String state = secret();
    private final String verifier = secret();

    /// @param redirect where the browser brings the answer: `http://127.0.0.1:PORT/`
    public Consent(OAuthClient client, URI redirect) {
        this.client = client;
        this.redirect = redirect;
    }

    private static String secret() {
        byte[] random = new byte[SECRET_BYTES];
        RANDOM.nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /// The page that the user is to open.
    public URI page() {
        var query = new LinkedHashMap<String, String>();
        query.put("client_id", client.id());
        query.put("redirect_uri", redirect.toString());
        query.put("response_type", "code");
        query.put("scope", client.scope());
        query.put("state", state);
        query.put("code_challenge", challenge());
        query.put("code_challenge_method", "S256");
        // A token that lasts is given for these two only, and for the second also to who has consented before.
        query.put("access_type", "offline");
        query.put("prompt", "consent");
        return URI.create(client.consent() + "?" + form(query));
    }

    private String challenge() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + Calls.encoded(field.getValue()))
                .collect(Collectors.joining("&"));
    }

    /// Whether that is the answer to this question, and not something that anybody sends.
    public boolean isAnswer(String withState) {
        return MessageDigest.isEqual(state.getBytes(UTF_8), withState.getBytes(UTF_8));
    }

    /// Changes the answer's code for a token that lasts.
    ///
    /// @param lane whose connections are used
    /// @return a refresh token, a secret
    /// @throws ProblemException `upstream_…` where none is given, or not for all that was asked for
    public String token(String code, Transport transport, String lane, StopToken stop) {
        var fields = new LinkedHashMap<String, String>();
        fields.put("grant_type", "authorization_code");
        fields.put("code", code);
        fields.put("code_verifier", verifier);
        fields.put("client_id", client.id());
        fields.put("client_secret", client.secret());
        fields.put("redirect_uri", redirect.toString());
        var request = new Outgoing(
                lane,
                "POST",
                client.tokens(),
                Map.of(
                        "Host", List.of(client.tokens().getRawAuthority()),
                        "User-Agent", List.of("Sluice"),
                        "Content-Type", List.of("application/x-www-form-urlencoded")),
                List.of(ByteBuffer.wrap(form(fields).getBytes(US_ASCII))));
        try {
            return token(Reply.of(transport.send(request, stop)));
        } catch (IOException e) {
            stop.check();
            throw new ProblemException(
                    ErrorCode.UPSTREAM_UNAVAILABLE,
                    "no token is to be had: no answer (" + Faults.root(e) + "); see whether Google can be reached",
                    e);
        }
    }

    private String token(Reply reply) throws IOException {
        if (reply.status() != 200) {
            String said = Faults.oauth(reply.body());
            throw new ProblemException(
                    reply.status() >= 500 ? ErrorCode.UPSTREAM_UNAVAILABLE : ErrorCode.UPSTREAM_REFUSED,
                    "no token is to be had: " + reply.status() + " " + said
                            + (said.startsWith("invalid_client") ? "; see to client-id and client-secret" : "")
                            + (said.startsWith("invalid_grant") ? "; begin again" : ""));
        }
        JsonNode given = reply.json();
        List<String> scopes =
                Arrays.asList(given.path("scope").asText(client.scope()).split(" "));
        if (!scopes.contains(client.scope())) {
            throw new ProblemException(
                    ErrorCode.UPSTREAM_REFUSED,
                    "leave was not given for " + client.scope() + ": begin again, and tick its box");
        }
        String token = given.path("refresh_token").asText("");
        if (token.isEmpty()) {
            throw new ProblemException(
                    ErrorCode.UPSTREAM_REFUSED,
                    "no token that lasts was given: make a client of the type \"Desktop app\" in Google's console");
        }
        return token;
    }
}
