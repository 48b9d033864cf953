package dev.sluice.app;

import dev.sluice.storage.LocalStorage;
import dev.sluice.storage.Storage;
import java.nio.file.Path;
import java.util.Map;

/// Opens the storages of one kind.
@FunctionalInterface
public interface StorageKind {
    /// Every kind that there is, by its name in the settings.
    Map<String, StorageKind> ALL = Map.of(
            "local",
            (folder, storage) -> new LocalStorage(
                    folder.resolve(storage.path()),
                    storage.durability(),
                    storage.reserve().bytes()));

    /// @param folder the data folder, from which relative paths start
    Storage open(Path folder, Settings.StorageSettings storage);
}
