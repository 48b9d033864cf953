package dev.sluice.accounts;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/// Words that grant a right to whoever has them: 256 random bits each, so that their plain SHA-256 tells nothing of
/// them.
final class Secrets {
    static final String SESSION = "sls_";
    static final String KEY = "slk_";
    private static final int BYTES = 32;
    private static final int ID_BYTES = 12;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Secrets() {}

    /// @param prefix by which scanners find one that was left lying about
    static String word(String prefix) {
        return prefix + random(BYTES);
    }

    /// A name that grants nothing.
    static String id() {
        return random(ID_BYTES);
    }

    private static String random(int count) {
        var bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static String digest(String word) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(word.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
