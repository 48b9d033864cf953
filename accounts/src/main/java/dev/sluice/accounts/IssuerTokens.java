package dev.sluice.accounts;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.net.URI;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the JWTs of one issuer for one audience (RFC 7519, RFC 8725): signed by one of its keys, by an algorithm of
/// key pairs only, within their time and [#SKEW]. Safe for use by many threads.
final class IssuerTokens {
    static final Duration SKEW = Duration.ofSeconds(60);

    private static final Logger log = LoggerFactory.getLogger(IssuerTokens.class);
    private static final int LONGEST = 16 << 10;
    private static final int LONGEST_SUBJECT = 255;
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);

    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    IssuerTokens(URI issuer, String audience, JWKSource<SecurityContext> keys, Clock clock) {
        processor.setJWSTypeVerifier(
                new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, keys));
        processor.setJWTClaimsSetVerifier(new ByOurClock(issuer, audience, clock));
    }

    private static final class ByOurClock extends DefaultJWTClaimsVerifier<SecurityContext> {
        private final Clock clock;

        ByOurClock(URI issuer, String audience, Clock clock) {
            super(audience, new JWTClaimsSet.Builder().issuer(issuer.toString()).build(), Set.of("sub", "iat", "exp"));
            this.clock = clock;
            setMaxClockSkew((int) SKEW.toSeconds());
        }

        @Override
        protected Date currentTime() {
            return Date.from(clock.instant());
        }

        @Override
        public void verify(JWTClaimsSet claims, @Nullable SecurityContext context) throws BadJWTException {
            super.verify(claims, context);
            Date issued = claims.getIssueTime();
            if (issued == null || issued.toInstant().isAfter(clock.instant().plus(SKEW))) {
                throw new BadJWTException("it was issued in the future");
            }
            String subject = claims.getSubject();
            if (subject == null || subject.isEmpty() || subject.length() > LONGEST_SUBJECT) {
                throw new BadJWTException("it is of nobody");
            }
        }
    }

    /// What a token says; nothing where it is not to be believed.
    ///
    /// @throws dev.sluice.core.ProblemException `upstream_unavailable` where the keys cannot be fetched
    Optional<JWTClaimsSet> read(String word) {
        if (word.length() > LONGEST) {
            return Optional.empty();
        }
        try {
            return Optional.of(processor.process(SignedJWT.parse(word), null));
        } catch (ParseException | BadJOSEException | JOSEException e) {
            log.debug("a token that is not believed", e);
            return Optional.empty();
        }
    }
}
