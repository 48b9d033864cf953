package dev.sluice.app;

import dev.sluice.cloud.Patience;
import dev.sluice.db.Database;
import dev.sluice.storage.Storage;
import java.nio.file.Path;

/// One storage of a configuration, opened by itself where no server runs: the data folder is locked meanwhile.
public final class OneStorage implements AutoCloseable {
    private final DataFolder folder;
    private final Database database;
    private final Clouds clouds;
    private final Storage storage;

    /// Makes no call to a provider yet.
    ///
    /// @param path the data folder
    /// @throws ConfigurationException where its settings do not hold, there is no storage of that name, or a server
    ///     runs on the folder
    public static OneStorage open(String name, Path path, Settings settings) {
        Settings.StorageSettings storage = settings(name, settings);
        DataFolder folder = DataFolder.open(path);
        try {
            return new OneStorage(name, storage, folder, settings);
        } catch (RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    /// @throws ConfigurationException where there is no storage of that name
    static Settings.StorageSettings settings(String name, Settings settings) {
        Settings.StorageSettings storage = settings.storages().get(name);
        if (storage == null) {
            throw new ConfigurationException("there is no storage \"" + name + "\"; there are: "
                    + String.join(
                            ", ", settings.storages().keySet().stream().sorted().toList()));
        }
        return storage;
    }

    private OneStorage(String name, Settings.StorageSettings settings, DataFolder folder, Settings all) {
        this.folder = folder;
        StorageKind kind = StorageKind.named(name, settings, StorageKind.ALL);
        database = Sluice.database(folder.path(), all.state());
        clouds = new Clouds(folder.keptTails(), folder.key(), all, Patience.STANDARD, () -> database);
        try {
            storage = kind.open(new StorageKind.Site(folder.path(), name, clouds), settings);
        } catch (RuntimeException e) {
            clouds.close();
            database.close();
            throw e;
        }
    }

    public Storage storage() {
        return storage;
    }

    @Override
    public void close() {
        try (folder;
                database;
                clouds) {
            storage.close();
        }
    }
}
