package dev.sluice.s3;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Which bucket, and who asks. An [IllegalArgumentException] begins with the setting that is wrong.
///
/// @param name of the storage, as users call it
/// @param endpoint of a service other than Amazon's, `http` or `https`; or null
/// @param accessKey null where it comes from the environment, as Amazon's tools find it
/// @param prefix before every key; empty, or with a `/` at its end
/// @param pathStyle whether the bucket is named in the path instead of the host
public record S3Settings(
        String name,
        String bucket,
        @Nullable URI endpoint,
        String region,
        @Nullable String accessKey,
        @Nullable String secretKey,
        String prefix,
        boolean pathStyle) {
    /// A key has 1024 bytes at the most, and a file's own name up to 255.
    private static final int LONGEST_PREFIX = 768;

    public S3Settings {
        if (bucket.contains("/")) {
            throw new IllegalArgumentException("bucket is \"" + bucket
                    + "\"; write the name of the bucket alone, and what stands before the names of files as prefix");
        }
        if (!prefix.isEmpty() && !prefix.endsWith("/")) {
            prefix = prefix + "/";
        }
        while (prefix.startsWith("/")) {
            prefix = prefix.substring(1);
        }
        if (prefix.getBytes(StandardCharsets.UTF_8).length > LONGEST_PREFIX) {
            throw new IllegalArgumentException("prefix is too long: " + LONGEST_PREFIX + " bytes at the most");
        }
    }

    @Override
    public String toString() {
        return "bucket " + bucket + (endpoint == null ? " in " + region : " at " + endpoint);
    }
}
