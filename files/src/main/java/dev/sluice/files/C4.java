package dev.sluice.files;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// C4 identities (SMPTE ST 2114:2017): `c4` and the SHA-512 in 88 digits of base 58, filled up with `1`, its zero. By
/// them ASC MHL's chain names its manifests.
final class C4 {
    private static final String DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private static final BigInteger BASE = BigInteger.valueOf(DIGITS.length());
    private static final int LENGTH = 88;

    private C4() {}

    /// What the bytes are fed to.
    static MessageDigest start() {
        try {
            return MessageDigest.getInstance("SHA-512");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-512", e);
        }
    }

    /// The identity of what was fed to `sha512`, which starts over.
    static String of(MessageDigest sha512) {
        return of(sha512.digest());
    }

    static String of(byte[] sha512) {
        var digits = new StringBuilder(LENGTH);
        for (var left = new BigInteger(1, sha512); left.signum() > 0; left = left.divide(BASE)) {
            digits.append(DIGITS.charAt(left.mod(BASE).intValue()));
        }
        digits.repeat(DIGITS.charAt(0), LENGTH - digits.length());
        return "c4" + digits.reverse();
    }
}
