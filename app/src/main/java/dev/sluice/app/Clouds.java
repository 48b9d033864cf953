package dev.sluice.app;

import dev.sluice.azure.AzureSettings;
import dev.sluice.azure.AzureStorage;
import dev.sluice.cloud.BackOff;
import dev.sluice.cloud.Buffers;
import dev.sluice.cloud.KeptTails;
import dev.sluice.cloud.Patience;
import dev.sluice.cloud.Supplies;
import dev.sluice.cloud.Transport;
import dev.sluice.db.Database;
import dev.sluice.google.DriveSettings;
import dev.sluice.google.GcsSettings;
import dev.sluice.google.GoogleAccount;
import dev.sluice.google.GoogleStorage;
import dev.sluice.google.OneAccount;
import dev.sluice.s3.S3Settings;
import dev.sluice.s3.S3Storage;
import dev.sluice.secrets.Vault;
import dev.sluice.storage.Storage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What all cloud storages share, made when the first one is opened: where there is none, none of their libraries is
/// loaded. Used by the one thread that opens the storages, but for the vault, which any may ask for.
public final class Clouds implements AutoCloseable {
    private static final int LAST_PORT = 65_535;
    private static final long LEAST_BUFFERS = 16L << 20;

    private final Path tails;
    private final Path key;
    private final Settings settings;
    private final Patience patience;
    private final Supplier<Database> database;
    private final Lock vaultLock = new ReentrantLock();
    private @Nullable Shared shared;
    private @Nullable Vault vault;

    private record Shared(Transport transport, Buffers buffers, KeptTails tails, Vault vault, BackOff backOff) {
        Supplies supplies() {
            return new Supplies(transport, buffers.share(), tails, vault, Clock.systemUTC(), backOff);
        }
    }

    /// @param tails where the last bytes of unfinished uploads are kept
    /// @param key the file of the key, where the settings have none
    /// @param patience with the providers
    /// @param database for what storages must remember beside their uploads; asked for by those that do
    /// @throws ConfigurationException where the settings have a key that is none
    Clouds(Path tails, Path key, Settings settings, Patience patience, Supplier<Database> database) {
        this.tails = tails;
        this.key = key;
        this.settings = settings;
        this.patience = patience;
        this.database = database;
        settings.secrets().key().ifPresent(word -> vault = vault(word));
    }

    /// What seals secrets. The file of its key is made when it is first asked for, where the settings have none.
    Vault vault() {
        vaultLock.lock();
        try {
            Vault known = vault;
            if (known == null) {
                known = Vault.in(key);
                vault = known;
            }
            return known;
        } finally {
            vaultLock.unlock();
        }
    }

    private Shared shared() {
        Shared known = shared;
        if (known == null) {
            ByteSize buffers = settings.upload().buffers();
            if (buffers.bytes() < LEAST_BUFFERS) {
                throw new ConfigurationException("upload.buffers is " + buffers.bytes() + " bytes"
                        + "; with cloud storages it has to be 16 MiB: a part is at most half of it, and S3 takes none"
                        + " of less than 5 MiB");
            }
            known = new Shared(
                    Transport.open(patience.connect(), patience.silence()),
                    new Buffers(buffers.bytes()),
                    KeptTails.in(tails, vault()),
                    vault(),
                    patience.backOff());
            shared = known;
        }
        return known;
    }

    private static Vault vault(String key) {
        try {
            return Vault.of(key, "secrets.key");
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(
                    "secrets.key is no key: 32 random bytes in Base64, as `openssl rand -base64 32` makes them", e);
        }
    }

    Storage s3(String name, Settings.StorageSettings storage) {
        String key = "storages." + name + ".";
        String bucket = storage.bucket()
                .filter(word -> !word.isBlank())
                .orElseThrow(
                        () -> new ConfigurationException(key + "bucket is missing: name the bucket of this storage"));
        if (storage.accessKey().isPresent() != storage.secretKey().isPresent()) {
            throw new ConfigurationException(key
                    + (storage.accessKey().isPresent() ? "secret-key" : "access-key")
                    + " is missing: set both keys, or none where the environment has them");
        }
        URI endpoint = endpoint(key + "endpoint", storage.endpoint());
        try {
            var known = new S3Settings(
                    name,
                    bucket,
                    endpoint,
                    storage.region(),
                    storage.accessKey().orElse(null),
                    storage.secretKey().orElse(null),
                    storage.prefix().orElse(""),
                    storage.pathStyle());
            return new S3Storage(known, shared().supplies());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(key + e.getMessage(), e);
        }
    }

    Storage azure(String name, Settings.StorageSettings storage) {
        String key = "storages." + name + ".";
        String container = storage.container()
                .filter(word -> !word.isBlank())
                .orElseThrow(() ->
                        new ConfigurationException(key + "container is missing: name the container of this storage"));
        URI endpoint = endpoint(key + "endpoint", storage.endpoint());
        if (endpoint == null && storage.account().isEmpty()) {
            throw new ConfigurationException(key + "account is missing: name the storage account, or set endpoint");
        }
        try {
            var known = new AzureSettings(
                    name,
                    container,
                    endpoint != null
                            ? endpoint
                            : AzureSettings.endpointOf(storage.account().get()),
                    storage.account().orElse(null),
                    storage.accountKey().orElse(null),
                    storage.sasToken().orElse(null),
                    storage.prefix().orElse(""));
            return new AzureStorage(known, shared().supplies());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(key + e.getMessage(), e);
        }
    }

    Storage gcs(StorageKind.Site site, Settings.StorageSettings storage) {
        String key = "storages." + site.name() + ".";
        String bucket = storage.bucket()
                .filter(word -> !word.isBlank())
                .orElseThrow(
                        () -> new ConfigurationException(key + "bucket is missing: name the bucket of this storage"));
        URI endpoint = endpoint(key + "endpoint", storage.endpoint());
        Supplies supplies = shared().supplies();
        List<Path> files = storage.credentials().orElse(List.of());
        if (files.size() > 1) {
            throw new ConfigurationException(key + "credentials has several files: a bucket is asked by one account");
        }
        GoogleAccount account = files.isEmpty()
                ? GoogleAccount.ofEnvironment(GoogleAccount.BUCKETS, supplies, site.name())
                : google(key, site.folder().resolve(files.getFirst()), GoogleAccount.BUCKETS, supplies, site.name());
        try {
            var known = new GcsSettings(
                    site.name(), bucket, storage.prefix().orElse(""), endpoint == null ? GcsSettings.GOOGLE : endpoint);
            return GoogleStorage.bucket(known, new OneAccount(account), supplies);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(key + e.getMessage(), e);
        }
    }

    Storage gdrive(StorageKind.Site site, Settings.StorageSettings storage) {
        var parts = new DriveParts(site.name(), storage);
        DriveSettings known = parts.folder();
        Supplies supplies = shared().supplies();
        return GoogleStorage.folder(known, parts.accounts(site.folder(), supplies, database), supplies);
    }

    /// The account of a key file.
    ///
    /// @param key of the storage's settings, with a dot at its end
    static GoogleAccount google(String key, Path file, String scope, Supplies supplies, String name) {
        byte[] json;
        try {
            json = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new ConfigurationException(key + "credentials: there is no file " + file, e);
        } catch (IOException e) {
            throw new ConfigurationException(key + "credentials: " + file + " cannot be read (" + e + ")", e);
        }
        try {
            return GoogleAccount.ofKey(json, scope, supplies, name);
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigurationException(
                    key + "credentials: " + file + " is no key file that Google's console gives", e);
        }
    }

    static @Nullable URI endpoint(String key, Optional<String> written) {
        if (written.isEmpty()) {
            return null;
        }
        URI endpoint;
        try {
            endpoint = URI.create(written.get());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(wrong(key, written.get()), e);
        }
        if (endpoint.getRawQuery() != null || endpoint.getRawFragment() != null) {
            throw new ConfigurationException(
                    key + " has something behind a question mark or a number sign: leave that out");
        }
        boolean known = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
        if (!known || endpoint.getHost() == null || endpoint.getUserInfo() != null || endpoint.getPort() > LAST_PORT) {
            throw new ConfigurationException(wrong(key, written.get()));
        }
        return endpoint;
    }

    /// What may be a password, or a signature, is not told.
    private static String wrong(String key, String written) {
        String plain = written.replaceFirst("(?<=://).*@", "***@").replaceFirst("[?#].*", "?***");
        return key + " is \"" + plain + "\"; write it as https://HOST or https://HOST:PORT";
    }

    /// Comes after the storages.
    @Override
    public void close() {
        Shared known = shared;
        if (known != null) {
            known.transport().close();
        }
    }
}
