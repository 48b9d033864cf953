package dev.sluice.app;

import dev.sluice.cloud.Supplies;
import dev.sluice.google.GcsSettings;
import dev.sluice.google.GoogleAccount;
import dev.sluice.google.GoogleStorage;
import dev.sluice.google.OneAccount;
import dev.sluice.storage.Storage;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/// A bucket of Google Cloud Storage, as the settings have it.
final class ConfiguredGcs {
    private ConfiguredGcs() {}

    static Storage open(StorageKind.Site site, Settings.StorageSettings storage) {
        String key = site.key();
        String bucket = site.named("bucket", storage.bucket());
        URI endpoint = WrittenUrl.of(key + "endpoint", storage.endpoint());
        Supplies supplies = site.clouds().supplies();
        List<Path> files = storage.credentials().orElse(List.of());
        if (files.size() > 1) {
            throw new ConfigurationException(key + "credentials has several files: a bucket is asked by one account");
        }
        GoogleAccount account = files.isEmpty()
                ? GoogleAccount.ofEnvironment(GoogleAccount.BUCKETS, supplies, site.name())
                : KeyFile.account(
                        key, site.folder().resolve(files.getFirst()), GoogleAccount.BUCKETS, supplies, site.name());
        try {
            var known = new GcsSettings(
                    site.name(), bucket, storage.prefix().orElse(""), endpoint == null ? GcsSettings.GOOGLE : endpoint);
            return GoogleStorage.bucket(known, new OneAccount(account), supplies);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(key + e.getMessage(), e);
        }
    }
}
