package dev.sluice.google;

import java.net.URI;

/// Which bucket of Google Cloud Storage.
///
/// @param name of the storage, as users call it
/// @param prefix before every name of an object; empty, or with a `/` at its end
/// @param endpoint of the service
public record GcsSettings(String name, String bucket, String prefix, URI endpoint) {
    public static final URI GOOGLE = URI.create("https://storage.googleapis.com");

    public GcsSettings {
        if (!prefix.isEmpty() && !prefix.endsWith("/")) {
            prefix = prefix + "/";
        }
        while (prefix.startsWith("/")) {
            prefix = prefix.substring(1);
        }
    }

    @Override
    public String toString() {
        return "bucket " + bucket + (endpoint.equals(GOOGLE) ? " of Google Cloud Storage" : " at " + endpoint);
    }
}
