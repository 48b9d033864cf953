package dev.sluice.notify;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EllipticCurve;

/// Keys of the curve P-256 (FIPS 186-5) as Web Push writes them: a point uncompressed in 65 bytes, a secret number in
/// 32.
final class P256 {
    static final int POINT = 65;
    static final int NUMBER = 32;
    private static final byte UNCOMPRESSED = 4;
    private static final ECParameterSpec CURVE = curve();

    private P256() {}

    private static ECParameterSpec curve() {
        try {
            var parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp256r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    static KeyPair generate() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(CURVE);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    /// @throws dev.sluice.core.ProblemException `invalid_request` where it is no point of the curve
    static ECPublicKey point(byte[] bytes) {
        if (bytes.length != POINT || bytes[0] != UNCOMPRESSED) {
            throw Subscription.invalid("keys.p256dh", "keys.p256dh is no uncompressed point of P-256");
        }
        var x = new BigInteger(1, bytes, 1, NUMBER);
        var y = new BigInteger(1, bytes, 1 + NUMBER, NUMBER);
        EllipticCurve curve = CURVE.getCurve();
        BigInteger p = ((ECFieldFp) curve.getField()).getP();
        // Whoever names a point beside the curve learns of the secret that it is multiplied with.
        BigInteger right = x.pow(3).add(curve.getA().multiply(x)).add(curve.getB());
        if (x.compareTo(p) >= 0
                || y.compareTo(p) >= 0
                || y.pow(2).subtract(right).mod(p).signum() != 0) {
            throw Subscription.invalid("keys.p256dh", "keys.p256dh is no point of P-256");
        }
        try {
            return (ECPublicKey)
                    KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(new ECPoint(x, y), CURVE));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a point of the curve is a key", e);
        }
    }

    static ECPrivateKey secret(byte[] number) {
        try {
            return (ECPrivateKey) KeyFactory.getInstance("EC")
                    .generatePrivate(new ECPrivateKeySpec(new BigInteger(1, number), CURVE));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a number is a key", e);
        }
    }

    static byte[] bytes(ECPublicKey key) {
        var bytes = new byte[POINT];
        bytes[0] = UNCOMPRESSED;
        put(key.getW().getAffineX(), bytes, 1);
        put(key.getW().getAffineY(), bytes, 1 + NUMBER);
        return bytes;
    }

    static byte[] bytes(ECPrivateKey key) {
        var bytes = new byte[NUMBER];
        put(key.getS(), bytes, 0);
        return bytes;
    }

    private static void put(BigInteger number, byte[] into, int at) {
        byte[] all = number.toByteArray();
        int length = Math.min(all.length, NUMBER);
        System.arraycopy(all, all.length - length, into, at + NUMBER - length, length);
    }
}
