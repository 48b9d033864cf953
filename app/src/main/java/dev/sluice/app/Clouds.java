package dev.sluice.app;

import dev.sluice.cloud.Buffers;
import dev.sluice.cloud.KeptTails;
import dev.sluice.cloud.Transport;
import dev.sluice.s3.S3Settings;
import dev.sluice.s3.S3Storage;
import dev.sluice.storage.Storage;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What all cloud storages share, made when the first one is opened: where there is none, none of their libraries is
/// loaded. Used by the one thread that opens the storages.
public final class Clouds implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private final Path folder;
    private final ByteSize memory;
    private @Nullable Shared shared;

    private record Shared(Transport transport, Buffers buffers, KeptTails tails) {}

    /// @param folder where tails are kept
    Clouds(Path folder, ByteSize memory) {
        this.folder = folder;
        this.memory = memory;
    }

    private Shared shared() {
        Shared known = shared;
        if (known == null) {
            known = new Shared(Transport.open(CONNECT, SILENCE), new Buffers(memory.bytes()), KeptTails.in(folder));
            shared = known;
        }
        return known;
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
        var settings = new S3Settings(
                name,
                bucket,
                endpoint(key + "endpoint", storage.endpoint()),
                storage.region(),
                storage.accessKey().orElse(null),
                storage.secretKey().orElse(null),
                storage.prefix().orElse(""),
                storage.pathStyle());
        Shared all = shared();
        return new S3Storage(settings, all.transport(), all.buffers(), all.tails());
    }

    private static @Nullable URI endpoint(String key, Optional<String> written) {
        if (written.isEmpty()) {
            return null;
        }
        try {
            URI endpoint = URI.create(written.get());
            if (endpoint.getHost() != null
                    && ("http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme()))
                    && endpoint.getUserInfo() == null) {
                return endpoint;
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(wrong(key, written.get()), e);
        }
        throw new ConfigurationException(wrong(key, written.get()));
    }

    private static String wrong(String key, String written) {
        return key + " is \"" + written + "\"; write it as https://HOST or https://HOST:PORT";
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
