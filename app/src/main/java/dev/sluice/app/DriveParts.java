package dev.sluice.app;

import dev.sluice.cloud.Supplies;
import dev.sluice.db.Database;
import dev.sluice.google.AccountPool;
import dev.sluice.google.DriveSettings;
import dev.sluice.google.GoogleAccount;
import dev.sluice.google.OAuthClient;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a folder of Google Drive is put together from, as the settings have it.
final class DriveParts {
    private static final String SCOPES = "https://www.googleapis.com/auth/";

    private final String key;
    private final String name;
    private final Settings.StorageSettings storage;

    DriveParts(String name, Settings.StorageSettings storage) {
        this.key = "storages." + name + ".";
        this.name = name;
        this.storage = storage;
    }

    DriveSettings folder() {
        try {
            return new DriveSettings(
                    name,
                    storage.drive().filter(word -> !word.isBlank()).orElse(null),
                    storage.folderId().filter(word -> !word.isBlank()).orElse(null),
                    storage.folder().orElse(""),
                    storage.createFolder(),
                    endpoint());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(key + e.getMessage(), e);
        }
    }

    private URI endpoint() {
        URI written = Clouds.endpoint(key + "endpoint", storage.endpoint());
        return written == null ? DriveSettings.GOOGLE : written;
    }

    /// By which users can connect their accounts; null where none is set.
    @Nullable
    OAuthClient client() {
        Optional<String> id = storage.clientId().filter(word -> !word.isBlank());
        Optional<String> secret = storage.clientSecret().filter(word -> !word.isBlank());
        if (id.isPresent() != secret.isPresent()) {
            throw new ConfigurationException(key + (id.isPresent() ? "client-secret" : "client-id")
                    + " is missing: set both, as Google's console shows them");
        }
        return id.isEmpty() ? null : OAuthClient.at(endpoint(), id.get(), secret.orElseThrow(), scope());
    }

    private String scope() {
        String scope = storage.scope();
        if (!scope.equals("drive.file") && !scope.equals("drive")) {
            throw new ConfigurationException(key + "scope is \"" + scope + "\"; there is: drive.file, drive");
        }
        return SCOPES + scope;
    }

    /// @param data the data folder, from which relative paths start
    AccountPool accounts(Path data, Supplies supplies, Supplier<Database> database) {
        OAuthClient client = client();
        List<Path> files = storage.credentials().orElse(List.of());
        if (client == null && files.isEmpty()) {
            throw new ConfigurationException(key
                    + "credentials is missing: name key files of service accounts there, or set "
                    + key + "client-id and client-secret and connect accounts with `sluice storage connect " + name
                    + "`");
        }
        var keyed = new ArrayList<GoogleAccount>();
        var known = new HashSet<String>();
        for (Path file : files) {
            GoogleAccount account = Clouds.google(key, data.resolve(file), GoogleAccount.DRIVE, supplies, name);
            if (!known.add(account.id())) {
                throw new ConfigurationException(key + "credentials has two files of account " + account.id());
            }
            keyed.add(account);
        }
        return new AccountPool(folder(), keyed, client, database.get(), supplies);
    }
}
