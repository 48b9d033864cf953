package dev.sluice.app;

import dev.sluice.storage.LocalStorage;
import dev.sluice.storage.Storage;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;

/// Opens the storages of one kind.
@FunctionalInterface
public interface StorageKind {
    /// Every kind that there is, by its name in the settings.
    Map<String, StorageKind> ALL = Map.of(
            "local",
            (site, storage) -> new LocalStorage(
                    site.folder().resolve(storage.path()),
                    storage.durability(),
                    storage.reserve().bytes()),
            "s3",
            (site, storage) -> site.clouds().s3(site.name(), storage),
            "azure",
            (site, storage) -> site.clouds().azure(site.name(), storage),
            "gcs",
            (site, storage) -> site.clouds().gcs(site, storage),
            "gdrive",
            (site, storage) -> site.clouds().gdrive(site, storage));

    /// The kind of a storage.
    ///
    /// @param name of the storage
    /// @throws ConfigurationException where there is no such kind
    static StorageKind named(String name, Settings.StorageSettings storage, Map<String, StorageKind> kinds) {
        StorageKind kind = kinds.get(storage.kind());
        if (kind == null) {
            throw new ConfigurationException("storages." + name + ".kind is \"" + storage.kind() + "\"; there is: "
                    + String.join(", ", new TreeSet<>(kinds.keySet())));
        }
        return kind;
    }

    /// @throws ConfigurationException where a setting is missing or wrong
    Storage open(Site site, Settings.StorageSettings storage);

    /// Where a storage is opened.
    ///
    /// @param folder the data folder, from which relative paths start
    /// @param name of the storage in the settings
    /// @param clouds what all cloud storages share
    record Site(Path folder, String name, Clouds clouds) {}
}
