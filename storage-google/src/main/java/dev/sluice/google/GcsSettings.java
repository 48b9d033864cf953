package dev.sluice.google;

import java.net.URI;
import java.nio.charset.StandardCharsets;

/// Which bucket of Google Cloud Storage. An [IllegalArgumentException] begins with the setting that is wrong.
///
/// @param name of the storage, as users call it
/// @param prefix before every name of an object; empty, or with a `/` at its end
/// @param endpoint of the service
public record GcsSettings(String name, String bucket, String prefix, URI endpoint) {
    public static final URI GOOGLE = URI.create("https://storage.googleapis.com");
    /// A name has 1024 bytes at the most, and a file's own up to 255.
    private static final int LONGEST_PREFIX = 768;

    public GcsSettings {
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
        return "bucket " + bucket + (endpoint.equals(GOOGLE) ? " of Google Cloud Storage" : " at " + endpoint);
    }
}
