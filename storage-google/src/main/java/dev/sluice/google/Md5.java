package dev.sluice.google;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HexFormat;
import org.bouncycastle.crypto.digests.MD5Digest;
import org.jspecify.annotations.Nullable;

/// MD5 as Drive writes it, in hexadecimal. Bouncy Castle's can be written down in the middle, the JDK's cannot.
final class Md5 implements Digest {
    private static final int STEP = 16 << 10;

    private final MD5Digest digest;
    private final byte[] step = new byte[STEP];

    /// @param state as [#state] wrote it; null for none yet
    Md5(@Nullable String state) {
        try {
            this.digest = state == null
                    ? new MD5Digest()
                    : new MD5Digest(Base64.getUrlDecoder().decode(state));
        } catch (IllegalArgumentException e) {
            throw new ProblemException(ErrorCode.INTERNAL, "not the state of a digest", e);
        }
    }

    @Override
    public void update(ByteBuffer bytes) {
        ByteBuffer left = bytes.duplicate();
        while (left.hasRemaining()) {
            int count = Math.min(step.length, left.remaining());
            left.get(step, 0, count);
            digest.update(step, 0, count);
        }
    }

    @Override
    public String state() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(digest.getEncodedState());
    }

    @Override
    public String value() {
        var copy = new MD5Digest(digest);
        byte[] value = new byte[copy.getDigestSize()];
        copy.doFinal(value, 0);
        return HexFormat.of().formatHex(value);
    }
}
