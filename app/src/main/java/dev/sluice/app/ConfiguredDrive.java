package dev.sluice.app;

import dev.sluice.cloud.Supplies;
import dev.sluice.google.AccountPool;
import dev.sluice.google.DriveSettings;
import dev.sluice.google.GoogleAccount;
import dev.sluice.google.GoogleStorage;
import dev.sluice.google.OAuthClient;
import dev.sluice.storage.Storage;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A folder of Google Drive, as the settings have it.
final class ConfiguredDrive {
    private static final String SCOPES = "https://www.googleapis.com/auth/";

    private final String key;
    private final String name;
    private final Settings.StorageSettings storage;

    ConfiguredDrive(String name, Settings.StorageSettings storage) {
        this.key = "storages." + name + ".";
        this.name = name;
        this.storage = storage;
    }

    static Storage open(StorageKind.Site site, Settings.StorageSettings storage) {
        var configured = new ConfiguredDrive(site.name(), storage);
        DriveSettings folder = configured.folder();
        Supplies supplies = site.clouds().supplies();
        return GoogleStorage.folder(folder, configured.accounts(site, supplies), supplies);
    }

    private DriveSettings folder() {
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
        URI written = WrittenUrl.of(key + "endpoint", storage.endpoint());
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

    private AccountPool accounts(StorageKind.Site site, Supplies supplies) {
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
            GoogleAccount account =
                    KeyFile.account(key, site.folder().resolve(file), GoogleAccount.DRIVE, supplies, name);
            if (!known.add(account.id())) {
                throw new ConfigurationException(key + "credentials has two files of account " + account.id());
            }
            keyed.add(account);
        }
        return new AccountPool(folder(), keyed, client, site.clouds().database(), supplies);
    }
}
