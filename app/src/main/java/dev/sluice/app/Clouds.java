package dev.sluice.app;

import dev.sluice.cloud.BackOff;
import dev.sluice.cloud.Buffers;
import dev.sluice.cloud.KeptTails;
import dev.sluice.cloud.Patience;
import dev.sluice.cloud.Supplies;
import dev.sluice.cloud.Transport;
import dev.sluice.db.Database;
import dev.sluice.secrets.Vault;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What all cloud storages share, made when the first one is opened: where there is none, none of their libraries is
/// loaded. Used by the one thread that opens the storages, but for the vault, which any may ask for.
public final class Clouds implements AutoCloseable {
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

    /// What one storage is given to work with.
    ///
    /// @throws ConfigurationException where `upload.buffers` is too little for any
    Supplies supplies() {
        return shared().supplies();
    }

    /// For what storages must remember beside their uploads.
    Database database() {
        return database.get();
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

    /// Comes after the storages.
    @Override
    public void close() {
        Shared known = shared;
        if (known != null) {
            known.transport().close();
        }
    }
}
