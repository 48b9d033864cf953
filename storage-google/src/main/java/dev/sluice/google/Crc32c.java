package dev.sluice.google;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.RunningCrc32;
import java.nio.ByteBuffer;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// CRC-32C as Cloud Storage writes it: its four bytes, the highest first, in Base64.
final class Crc32c implements Digest {
    private final RunningCrc32 running;

    /// @param state as [#state] wrote it; null for none yet
    Crc32c(@Nullable String state) {
        try {
            this.running = RunningCrc32.castagnoli(state == null ? 0 : Long.parseLong(state, 16));
        } catch (NumberFormatException e) {
            throw new ProblemException(ErrorCode.INTERNAL, "not the state of a digest", e);
        }
    }

    @Override
    public void update(ByteBuffer bytes) {
        running.update(bytes);
    }

    @Override
    public String state() {
        return Long.toHexString(running.value());
    }

    @Override
    public String value() {
        return Base64.getEncoder()
                .encodeToString(
                        ByteBuffer.allocate(4).putInt((int) running.value()).array());
    }
}
