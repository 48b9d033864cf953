package dev.sluice.app;

import dev.sluice.s3.S3Settings;
import dev.sluice.s3.S3Storage;
import dev.sluice.storage.Storage;
import java.net.URI;

/// A bucket of S3, as the settings have it.
final class ConfiguredS3 {
    private ConfiguredS3() {}

    static Storage open(StorageKind.Site site, Settings.StorageSettings storage) {
        String key = site.key();
        String bucket = site.named("bucket", storage.bucket());
        if (storage.accessKey().isPresent() != storage.secretKey().isPresent()) {
            throw new ConfigurationException(key
                    + (storage.accessKey().isPresent() ? "secret-key" : "access-key")
                    + " is missing: set both keys, or none where the environment has them");
        }
        URI endpoint = WrittenUrl.of(key + "endpoint", storage.endpoint());
        try {
            var known = new S3Settings(
                    site.name(),
                    bucket,
                    endpoint,
                    storage.region(),
                    storage.accessKey().orElse(null),
                    storage.secretKey().orElse(null),
                    storage.prefix().orElse(""),
                    storage.pathStyle());
            return new S3Storage(known, site.clouds().supplies());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(key + e.getMessage(), e);
        }
    }
}
