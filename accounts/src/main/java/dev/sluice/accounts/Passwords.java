package dev.sluice.accounts;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.jspecify.annotations.Nullable;

/// Passwords as they are kept: Argon2id (RFC 9106) with 19 MiB, two passes and one lane, as OWASP's Password Storage
/// Cheat Sheet has it, written as PHC strings, so that other figures can come later.
final class Passwords {
    private static final int MEMORY_KIB = 19 << 10;
    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int SALT = 16;
    private static final int HASH = 32;
    private static final int SHORTEST = 12;
    private static final int LONGEST = 256;
    private static final Pattern PHC =
            Pattern.compile("\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,2}),p=(\\d{1,2})\\$([^$]+)\\$([^$]+)");
    private static final SecureRandom RANDOM = new SecureRandom();

    private record Cost(int memory, int passes, int lanes) {}

    private static final Cost COST = new Cost(MEMORY_KIB, PASSES, LANES);

    private Passwords() {}

    /// @throws ProblemException `invalid_request` where anybody would guess it
    static void requireGood(String name, String password) {
        int length = password.codePointCount(0, password.length());
        if (length < SHORTEST || length > LONGEST) {
            throw bad("a password has " + SHORTEST + " to " + LONGEST + " characters");
        }
        if (password.chars().distinct().count() < SHORTEST / 2) {
            throw bad("this password repeats a few characters: anybody would guess it");
        }
        String lower = password.toLowerCase(Locale.ROOT);
        if (lower.contains(name) || lower.contains("password") || lower.contains("sluice")) {
            throw bad("a password does not hold the user's name, \"password\" or \"sluice\"");
        }
        if ("0123456789012345678901234567890".contains(lower) || "qwertyuiopasdfghjklzxcvbnm".contains(lower)) {
            throw bad("this password is a row of keys: anybody would guess it");
        }
    }

    private static ProblemException bad(String message) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, message, Map.of("field", "password"));
    }

    static String hash(String password) {
        var salt = new byte[SALT];
        RANDOM.nextBytes(salt);
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
                .formatted(
                        MEMORY_KIB,
                        PASSES,
                        LANES,
                        base64.encodeToString(salt),
                        base64.encodeToString(hash(password, salt, COST, HASH)));
    }

    /// Takes as long where there is no hash: how long a login takes does not tell whether there is such an account.
    static boolean fits(String password, @Nullable String hash) {
        Matcher phc = PHC.matcher(hash == null ? "" : hash);
        if (!phc.matches()) {
            return hash(password, new byte[SALT], COST, HASH).length == 0;
        }
        var cost = new Cost(
                Integer.parseInt(phc.group(1)), Integer.parseInt(phc.group(2)), Integer.parseInt(phc.group(3)));
        byte[] known = Base64.getDecoder().decode(phc.group(5));
        return MessageDigest.isEqual(
                known, hash(password, Base64.getDecoder().decode(phc.group(4)), cost, known.length));
    }

    private static byte[] hash(String password, byte[] salt, Cost cost, int length) {
        var generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(cost.memory())
                .withIterations(cost.passes())
                .withParallelism(cost.lanes())
                .withSalt(salt)
                .build());
        var hash = new byte[length];
        generator.generateBytes(
                Normalizer.normalize(password, Normalizer.Form.NFC).getBytes(UTF_8), hash);
        return hash;
    }
}
