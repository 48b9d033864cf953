package dev.sluice.notify;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Encrypts a message so that only the browser reads it, not its push service (RFC 8291, with `aes128gcm` of RFC 8188
/// in one record).
final class PushEncryption {
    /// What every push service takes (RFC 8030 §7.2), less what is added to it.
    static final int MOST = 4096 - 16 - 4 - 1 - P256.POINT - 16 - 1;

    /// 4096, as four bytes.
    private static final byte[] RECORD_SIZE = {0, 0, 0x10, 0};

    private static final int SALT = 16;
    private static final int KEY = 16;
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;
    private static final byte LAST_RECORD = 2;
    private static final SecureRandom RANDOM = new SecureRandom();

    private PushEncryption() {}

    static byte[] encrypt(byte[] plain, Subscription to) {
        var salt = new byte[SALT];
        RANDOM.nextBytes(salt);
        return encrypt(plain, to, P256.generate(), salt);
    }

    static byte[] encrypt(byte[] plain, Subscription to, KeyPair own, byte[] salt) {
        if (plain.length > MOST) {
            throw new IllegalArgumentException("a message has " + MOST + " bytes at the most, not " + plain.length);
        }
        byte[] ownPoint = P256.bytes((ECPublicKey) own.getPublic());
        try {
            var agreement = KeyAgreement.getInstance("ECDH");
            agreement.init(own.getPrivate());
            agreement.doPhase(P256.point(to.key()), true);
            byte[] context = joined("WebPush: info\0".getBytes(US_ASCII), to.key(), ownPoint);
            byte[] material = derived(to.secret(), agreement.generateSecret(), context, 32);
            byte[] key = derived(salt, material, "Content-Encoding: aes128gcm\0".getBytes(US_ASCII), KEY);
            byte[] nonce = derived(salt, material, "Content-Encoding: nonce\0".getBytes(US_ASCII), NONCE);
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
            byte[] sealed = cipher.doFinal(joined(plain, new byte[] {LAST_RECORD}));
            return joined(salt, RECORD_SIZE, new byte[] {P256.POINT}, ownPoint, sealed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has ECDH, HKDF and AES-GCM", e);
        }
    }

    private static byte[] joined(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /// HKDF (RFC 5869) with SHA-256.
    static byte[] derived(byte[] salt, byte[] material, byte[] info, int length) throws GeneralSecurityException {
        return KDF.getInstance("HKDF-SHA256")
                .deriveData(HKDFParameterSpec.ofExtract()
                        .addSalt(salt)
                        .addIKM(material)
                        .thenExpand(info, length));
    }
}
