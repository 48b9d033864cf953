package dev.sluice.notify;

import dev.sluice.core.BatchId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/// Of the messages with one topic a push service keeps only the last for a browser that is away (RFC 8030 §5.4): a
/// batch of a thousand files is told once there.
final class PushTopic {
    private static final int BYTES = 24;

    private PushTopic() {}

    /// 32 characters of base64url.
    static String of(BatchId batch) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(batch.value().getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
