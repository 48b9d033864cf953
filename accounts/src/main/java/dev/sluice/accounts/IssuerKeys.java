package dev.sluice.accounts;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import dev.sluice.core.ProblemException;
import java.text.ParseException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The public keys of an issuer (RFC 7517). Where a token names one that is not among them they are fetched again: the
/// issuer may have changed them. Safe for use by many threads.
final class IssuerKeys implements JWKSource<SecurityContext> {
    private static final int SHORTEST_RSA_BITS = 2048;

    private final Fetched<JWKSet> keys;

    /// @param source of the document that has them
    IssuerKeys(Clock clock, Supplier<Map<String, Object>> source) {
        keys = new Fetched<>(clock, () -> read(source.get()));
    }

    private static JWKSet read(Map<String, Object> document) {
        try {
            return JWKSet.parse(document);
        } catch (ParseException e) {
            throw new ProblemException(IssuerCalls.away("its keys cannot be read: " + e.getMessage()), e);
        }
    }

    @Override
    public List<JWK> get(JWKSelector selector, @Nullable SecurityContext context) {
        List<JWK> known = selected(selector, keys.value());
        return known.isEmpty()
                ? keys.fetch().map(fresh -> selected(selector, fresh)).orElse(known)
                : known;
    }

    private static List<JWK> selected(JWKSelector selector, JWKSet set) {
        return selector.select(set).stream()
                .filter(key -> !(key.getKeyType().getValue().equals("RSA") && key.size() < SHORTEST_RSA_BITS))
                .toList();
    }
}
