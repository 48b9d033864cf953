package dev.sluice.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Encrypts what must not lie about in the clear (AES-256-GCM, NIST SP 800-38D): providers' upload ids and session
/// addresses, tokens, tails. What is sealed opens only in the context that it was sealed in, so that nothing can be
/// put in the place of another. Safe for use by many threads.
public final class Vault {
    /// So many bytes are added to what is sealed.
    public static final int OVERHEAD = 12 + 16;

    private static final int KEY = 32;
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretKeySpec key;
    private final String place;

    private Vault(byte[] key, String place) {
        this.key = new SecretKeySpec(key, "AES");
        this.place = place;
    }

    /// The key in `file`, which is made for this user only where it is missing.
    ///
    /// @throws ProblemException `internal` where the file cannot be used, or holds no key
    public static Vault in(Path file) {
        byte[] fresh = new byte[KEY];
        RANDOM.nextBytes(fresh);
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(CREATE_NEW, WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer bytes = ByteBuffer.wrap(fresh);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
            return new Vault(fresh, file.toString());
        } catch (FileAlreadyExistsException e) {
            return known(file);
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    private static Vault known(Path file) {
        try {
            byte[] known = Files.readAllBytes(file);
            if (known.length != KEY) {
                throw new ProblemException(
                        ErrorCode.INTERNAL,
                        file + " is no key: put the right one back, or delete it, and what it encrypted is lost");
            }
            return new Vault(known, file.toString());
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    private static ProblemException unusable(Path file, IOException e) {
        return new ProblemException(
                ErrorCode.INTERNAL,
                "the key " + file + " cannot be used: let this user read and write it (" + e + ")",
                e);
    }

    /// The key that somebody keeps elsewhere.
    ///
    /// @param base64 of 32 bytes
    /// @param place where it comes from, for messages
    /// @throws IllegalArgumentException where it is no such key
    public static Vault of(String base64, String place) {
        byte[] known = Base64.getDecoder().decode(base64.strip());
        if (known.length != KEY) {
            throw new IllegalArgumentException("a key has " + KEY + " bytes, not " + known.length);
        }
        return new Vault(known, place);
    }

    /// A nonce, the bytes and their tag, put into `sealed`, which has room for [#OVERHEAD] more than there are bytes.
    public void seal(String context, ByteBuffer plain, ByteBuffer sealed) {
        byte[] nonce = new byte[NONCE];
        RANDOM.nextBytes(nonce);
        sealed.put(nonce);
        try {
            cipher(Cipher.ENCRYPT_MODE, nonce, context).doFinal(plain, sealed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    /// Puts the bytes that were sealed into `plain`, which has room for them.
    ///
    /// @throws GeneralSecurityException where it was sealed with another key or in another context, or has been
    ///     changed since
    public void open(String context, ByteBuffer sealed, ByteBuffer plain) throws GeneralSecurityException {
        byte[] nonce = new byte[NONCE];
        if (sealed.remaining() < OVERHEAD) {
            throw new GeneralSecurityException("too short");
        }
        sealed.get(nonce);
        cipher(Cipher.DECRYPT_MODE, nonce, context).doFinal(sealed, plain);
    }

    private Cipher cipher(int mode, byte[] nonce, String context) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(context.getBytes(UTF_8));
        return cipher;
    }

    /// A word that can be stored anywhere.
    public String seal(String context, String plain) {
        byte[] bytes = plain.getBytes(UTF_8);
        ByteBuffer sealed = ByteBuffer.allocate(bytes.length + OVERHEAD);
        seal(context, ByteBuffer.wrap(bytes), sealed);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(sealed.array());
    }

    /// @throws ProblemException `internal` where it was sealed with another key or in another context, or has been
    ///     changed since
    public String open(String context, String sealed) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(sealed));
            ByteBuffer plain = ByteBuffer.allocate(bytes.remaining());
            open(context, bytes, plain);
            return UTF_8.decode(plain.flip()).toString();
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new ProblemException(
                    ErrorCode.INTERNAL,
                    "a secret of " + context + " was not sealed with the key of " + place + ": put that key back",
                    e);
        }
    }

    /// What only who has the key can say of a text: HMAC-SHA256 (RFC 2104) in hexadecimal, with a key of its own for
    /// each context. It is to be compared in constant time.
    public String sign(String context, String text) {
        byte[] own = mac(key.getEncoded(), "sign " + context);
        return HexFormat.of().formatHex(mac(own, text));
    }

    private static byte[] mac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }
}
