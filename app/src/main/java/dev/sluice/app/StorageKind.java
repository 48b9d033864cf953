package dev.sluice.app;

import dev.sluice.storage.LocalStorage;
import dev.sluice.storage.Storage;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
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
            (site, storage) -> ConfiguredS3.open(site, storage),
            "azure",
            (site, storage) -> ConfiguredAzure.open(site, storage),
            "gcs",
            (site, storage) -> ConfiguredGcs.open(site, storage),
            "gdrive",
            (site, storage) -> ConfiguredDrive.open(site, storage));

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
    record Site(Path folder, String name, Clouds clouds) {
        /// What the keys of its settings begin with.
        String key() {
            return "storages." + name + ".";
        }

        /// What stands in a setting that every storage of its kind has.
        ///
        /// @throws ConfigurationException where nothing does
        String named(String setting, Optional<String> written) {
            return written.filter(word -> !word.isBlank())
                    .orElseThrow(() -> new ConfigurationException(
                            key() + setting + " is missing: name the " + setting + " of this storage"));
        }
    }
}
