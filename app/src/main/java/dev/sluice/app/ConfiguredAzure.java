package dev.sluice.app;

import dev.sluice.azure.AzureSettings;
import dev.sluice.azure.AzureStorage;
import dev.sluice.storage.Storage;
import java.net.URI;

/// A container of Azure, as the settings have it.
final class ConfiguredAzure {
    private ConfiguredAzure() {}

    static Storage open(StorageKind.Site site, Settings.StorageSettings storage) {
        String key = site.key();
        String container = site.named("container", storage.container());
        URI endpoint = WrittenUrl.of(key + "endpoint", storage.endpoint());
        if (endpoint == null && storage.account().isEmpty()) {
            throw new ConfigurationException(key + "account is missing: name the storage account, or set endpoint");
        }
        try {
            var known = new AzureSettings(
                    site.name(),
                    container,
                    endpoint != null
                            ? endpoint
                            : AzureSettings.endpointOf(storage.account().get()),
                    storage.account().orElse(null),
                    storage.accountKey().orElse(null),
                    storage.sasToken().orElse(null),
                    storage.prefix().orElse(""));
            return new AzureStorage(known, site.clouds().supplies());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(key + e.getMessage(), e);
        }
    }
}
