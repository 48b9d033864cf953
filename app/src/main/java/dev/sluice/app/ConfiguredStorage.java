package dev.sluice.app;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// A storage as its settings have it.
///
/// @param standard whether it takes files where none is asked for
/// @param place where it is, in words, without secrets
public record ConfiguredStorage(String name, String kind, boolean standard, String place) {
    /// All that are configured, by name.
    ///
    /// @param folder the data folder
    public static List<ConfiguredStorage> all(Settings settings, Path folder) {
        return settings.storages().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(storage -> new ConfiguredStorage(
                        storage.getKey(),
                        storage.getValue().kind(),
                        storage.getKey().equals(settings.storage()),
                        StorageSetting.place(storage.getValue(), folder)))
                .toList();
    }

    /// @throws ConfigurationException where the default storage is not among the storages
    public static void requireDefault(Settings settings) {
        if (!settings.storages().containsKey(settings.storage())) {
            throw new ConfigurationException("the default storage \"" + settings.storage()
                    + "\" is not among storages: "
                    + String.join(", ", new TreeSet<>(settings.storages().keySet())));
        }
    }
}
