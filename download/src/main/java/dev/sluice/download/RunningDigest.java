package dev.sluice.download;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import org.bouncycastle.crypto.ExtendedDigest;
import org.bouncycastle.crypto.digests.EncodableDigest;
import org.bouncycastle.crypto.digests.MD5Digest;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.jspecify.annotations.Nullable;

/// A digest of the first bytes of a file, whose state can be kept and taken up again. Safe for use by many threads.
final class RunningDigest {
    private static final long STEP = 8L << 20;
    private static final int KEPT = 32;

    private final ExtendedDigest digest;
    private final Deque<State> states = new ArrayDeque<>();
    private final byte[] copied = new byte[64 << 10];
    private long digested;

    /// @param base64 null at the beginning
    record State(@Nullable String base64, long digested) {
        static final State NONE = new State(null, 0);
    }

    RunningDigest(Checksum.Algorithm algorithm, State from) {
        this.digest = digest(
                algorithm, from.base64() == null ? null : Base64.getDecoder().decode(from.base64()));
        this.digested = from.digested();
        states.add(from);
    }

    private static ExtendedDigest digest(Checksum.Algorithm algorithm, byte @Nullable [] state) {
        return switch (algorithm) {
            case MD5 -> state == null ? new MD5Digest() : new MD5Digest(state);
            case SHA1 -> state == null ? new SHA1Digest() : new SHA1Digest(state);
            case SHA256 -> state == null ? new SHA256Digest() : new SHA256Digest(state);
            case SHA512 -> state == null ? new SHA512Digest() : new SHA512Digest(state);
        };
    }

    synchronized void update(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            int some = Math.min(copied.length, bytes.remaining());
            bytes.get(copied, 0, some);
            digest.update(copied, 0, some);
            digested += some;
            if (digested - states.getLast().digested() >= STEP) {
                states.add(now());
                if (states.size() > KEPT) {
                    states.remove();
                }
            }
        }
    }

    private State now() {
        return new State(Base64.getEncoder().encodeToString(((EncodableDigest) digest).getEncodedState()), digested);
    }

    /// The last state that is of no more than the first `durable` bytes.
    synchronized State stateWithin(long durable) {
        State last = State.NONE;
        for (State state : states) {
            if (state.digested() <= durable) {
                last = state;
            }
        }
        return last;
    }

    synchronized byte[] end() {
        byte[] all = new byte[digest.getDigestSize()];
        digest.doFinal(all, 0);
        return all;
    }
}
