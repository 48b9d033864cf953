package dev.sluice.cloud;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.storage.ObjectContent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A run of an object's bytes as they come from a service.
public final class StreamedContent implements ObjectContent {
    private static final int STEP = 64 << 10;

    private final String key;
    private final @Nullable InputStream from;
    private final StopToken stop;
    private final byte[] step;
    private long remaining;

    /// @param key the object's, for messages
    /// @param from null where there is nothing to read
    public StreamedContent(String key, @Nullable InputStream from, long length, StopToken stop) {
        this.key = key;
        this.from = from;
        this.remaining = length;
        this.stop = stop;
        this.step = new byte[(int) Math.min(STEP, length)];
    }

    @Override
    public long remaining() {
        return remaining;
    }

    @Override
    public int read(ByteBuffer target) {
        stop.check();
        if (remaining == 0 || from == null) {
            return -1;
        }
        int most = (int) Math.min(Math.min(step.length, target.remaining()), remaining);
        try {
            int count = from.read(step, 0, most);
            if (count < 0) {
                throw new IOException("it ends " + remaining + " bytes too early");
            }
            target.put(step, 0, count);
            remaining -= count;
            return count;
        } catch (IOException e) {
            stop.check();
            throw new ProblemException(
                    ErrorCode.UPSTREAM_UNAVAILABLE, "reading " + key + " broke off: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        if (from == null) {
            return;
        }
        try {
            from.close();
        } catch (IOException e) {
            throw new ProblemException(ErrorCode.UPSTREAM_UNAVAILABLE, "cannot let go of " + key, e);
        }
    }
}
