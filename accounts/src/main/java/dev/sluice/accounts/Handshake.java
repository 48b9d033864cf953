package dev.sluice.accounts;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// What ties the end of a login at an issuer to its beginning: a seed in a cookie of the browser that began it, from
/// which only who knows our key makes the state, the nonce and the verifier of PKCE (RFC 7636). Nothing is kept here,
/// so that a login may end on another node than it began. Safe for use by many threads.
final class Handshake {
    static final Duration AGE = Duration.ofMinutes(10);

    private static final Pattern SEED = Pattern.compile("[A-Za-z0-9_-]{16}\\.(\\d{1,12})\\.([A-Za-z0-9_-]{0,700})");
    private static final Pattern BACK = Pattern.compile("/(?!/)[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]{0,400}");
    private static final String HOME = "/";

    private final byte[] key;
    private final Clock clock;

    /// @param key that all nodes know
    Handshake(byte[] key, Clock clock) {
        this.key = key.clone();
        this.clock = clock;
    }

    /// A new one.
    ///
    /// @param back where the browser goes after the login; only within this server
    String seed(String back) {
        String safe = BACK.matcher(back).matches() ? back : HOME;
        return Secrets.id() + "." + clock.instant().getEpochSecond() + "."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(safe.getBytes(UTF_8));
    }

    /// Where the browser of a login goes after it.
    ///
    /// @throws ProblemException `unauthorized` where the login did not begin with that seed, or too long ago
    String back(@Nullable String seed, @Nullable String state) {
        Matcher known = SEED.matcher(seed == null ? "" : seed);
        if (seed == null
                || state == null
                || !known.matches()
                || !MessageDigest.isEqual(state(seed).getBytes(US_ASCII), state.getBytes(UTF_8))) {
            throw begunElsewhere();
        }
        Instant began = Instant.ofEpochSecond(Long.parseLong(known.group(1)));
        if (clock.instant().isAfter(began.plus(AGE))) {
            throw begunElsewhere();
        }
        return new String(Base64.getUrlDecoder().decode(known.group(2)), UTF_8);
    }

    private static ProblemException begunElsewhere() {
        return new ProblemException(
                ErrorCode.UNAUTHORIZED,
                "this login did not begin in this browser, or more than " + AGE.toMinutes()
                        + " minutes ago: begin it again");
    }

    String state(String seed) {
        return word("state", seed);
    }

    String nonce(String seed) {
        return word("nonce", seed);
    }

    String verifier(String seed) {
        return word("verifier", seed);
    }

    static String challenge(String verifier) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private String word(String what, String seed) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(mac.doFinal(("openid " + what + " " + seed).getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }
}
