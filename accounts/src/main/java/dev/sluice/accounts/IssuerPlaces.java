package dev.sluice.accounts;

import dev.sluice.core.ProblemException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where an issuer does what, as its own document says (OpenID Connect Discovery 1.0).
///
/// @param authorization where a browser goes to log in
/// @param token where a code becomes a token
/// @param keys that tokens are signed with
/// @param secretInForm whether the client's secret goes into the form, since the header is not taken
record IssuerPlaces(URI authorization, URI token, URI keys, boolean secretInForm) {
    private static final String DOCUMENT = "/.well-known/openid-configuration";
    private static final Pattern HERE = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

    static URI document(URI issuer) {
        return URI.create(issuer.toString().replaceFirst("/+$", "") + DOCUMENT);
    }

    /// @throws ProblemException `upstream_unavailable` where the document is another's, or lacks something
    static IssuerPlaces of(URI issuer, Map<String, Object> document) {
        if (!issuer.toString().equals(document.get("issuer"))) {
            throw new ProblemException(
                    IssuerCalls.away("its document is of \"" + document.get("issuer") + "\", not of " + issuer), null);
        }
        Object ways = document.get("token_endpoint_auth_methods_supported");
        return new IssuerPlaces(
                place(document, "authorization_endpoint"),
                place(document, "token_endpoint"),
                place(document, "jwks_uri"),
                ways instanceof List<?> known
                        && !known.contains("client_secret_basic")
                        && known.contains("client_secret_post"));
    }

    private static URI place(Map<String, Object> document, String name) {
        if (document.get(name) instanceof String text && isTrusted(uri(text))) {
            return URI.create(text);
        }
        throw new ProblemException(IssuerCalls.away("its document has no https address as " + name), null);
    }

    private static @Nullable URI uri(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /// Whether what comes from there is from whom it says: by TLS, or from this machine.
    static boolean isTrusted(@Nullable URI place) {
        if (place == null || place.getHost() == null || place.getRawFragment() != null) {
            return false;
        }
        return "https".equals(place.getScheme())
                || ("http".equals(place.getScheme())
                        && HERE.matcher(place.getHost()).matches());
    }
}
