package dev.sluice.upload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.function.Consumer;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// A chunk that is not verified yet. Its bytes are encrypted (AES-CTR) with a key that only this object has:
/// they are never taken up again. Used by one thread at a time; every call may block on the disk.
public final class Tail implements AutoCloseable {
    private static final int STEP = 256 << 10;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Tails tails;
    private final FileChannel channel;
    private final SecretKeySpec key;
    private final Cipher encryption;
    private final ByteBuffer buffer = ByteBuffer.allocate(STEP);
    private long size;
    private boolean closed;

    Tail(Tails tails, FileChannel channel) {
        this.tails = tails;
        this.channel = channel;
        byte[] secret = new byte[16];
        RANDOM.nextBytes(secret);
        this.key = new SecretKeySpec(secret, "AES");
        this.encryption = cipher(Cipher.ENCRYPT_MODE);
    }

    /// The counter may begin at zero: no key is used twice.
    private Cipher cipher(int mode) {
        try {
            Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
            cipher.init(mode, key, new IvParameterSpec(new byte[16]));
            return cipher;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-CTR", e);
        }
    }

    public long size() {
        return size;
    }

    /// Takes all of `bytes`.
    ///
    /// @throws dev.sluice.core.ProblemException `out_of_slots` where there is no room just now; `disk_full`,
    ///     `internal`
    public void write(ByteBuffer bytes) {
        int length = bytes.remaining();
        tails.reserve(length);
        long position = size;
        size += length;
        try {
            while (bytes.hasRemaining()) {
                ByteBuffer piece = bytes.slice(bytes.position(), Math.min(STEP, bytes.remaining()));
                bytes.position(bytes.position() + piece.remaining());
                ByteBuffer secret = turned(encryption, piece);
                while (secret.hasRemaining()) {
                    position += channel.write(secret, position);
                }
            }
        } catch (IOException e) {
            throw tails.failed("keep", e);
        }
    }

    /// Gives all bytes to `taker`, a piece at a time.
    public void replay(Consumer<ByteBuffer> taker) {
        Cipher decryption = cipher(Cipher.DECRYPT_MODE);
        ByteBuffer secret = ByteBuffer.allocate(STEP);
        try {
            long position = 0;
            while (position < size) {
                int count = channel.read(secret.clear(), position);
                if (count < 0) {
                    throw new IOException("it ends at " + position + " of " + size + " bytes");
                }
                position += count;
                taker.accept(turned(decryption, secret.flip()));
            }
        } catch (IOException e) {
            throw tails.failed("read back", e);
        }
    }

    private ByteBuffer turned(Cipher cipher, ByteBuffer bytes) {
        try {
            cipher.update(bytes, buffer.clear());
            return buffer.flip();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a piece fits into its buffer", e);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        tails.release(size);
        try {
            channel.close();
        } catch (IOException e) {
            throw tails.failed("let go of", e);
        }
    }
}
