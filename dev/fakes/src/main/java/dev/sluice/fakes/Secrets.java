package dev.sluice.fakes;

import java.security.SecureRandom;
import java.util.Base64;

/// Words that nobody can guess.
final class Secrets {
    private static final SecureRandom RANDOM = new SecureRandom();

    private Secrets() {}

    static String word(String prefix, int bytes) {
        var random = new byte[bytes];
        RANDOM.nextBytes(random);
        return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }
}
