package dev.sluice.notify;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.util.Base64;
import java.util.Map;

/// What a browser says of itself when it wants to be pushed to (W3C Push API, `PushSubscription.toJSON()`).
///
/// @param endpoint where its push service takes messages for it
/// @param p256dh its public key: a point of P-256, uncompressed, in base64url
/// @param auth 16 bytes that it shares with us, in base64url
public record Subscription(String endpoint, String p256dh, String auth) {
    private static final int AUTH = 16;

    public Subscription {
        P256.point(bytes("keys.p256dh", p256dh));
        if (bytes("keys.auth", auth).length != AUTH) {
            throw invalid("keys.auth", "keys.auth has " + AUTH + " bytes");
        }
    }

    byte[] key() {
        return bytes("keys.p256dh", p256dh);
    }

    byte[] secret() {
        return bytes("keys.auth", auth);
    }

    private static byte[] bytes(String field, String word) {
        try {
            return Base64.getUrlDecoder().decode(word.replaceFirst("=+$", ""));
        } catch (IllegalArgumentException e) {
            throw invalid(field, field + " is not base64url");
        }
    }

    static ProblemException invalid(String field, String message) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, message, Map.of("field", field));
    }
}
