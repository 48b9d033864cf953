package dev.sluice.house;

import dev.sluice.testing.Call;
import dev.sluice.testing.FaultyProxy;
import dev.sluice.testing.TestingAzurite;
import dev.sluice.testing.TestingS3Mock;
import dev.sluice.testing.TestingS3Proxy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Where a server stores, as that place sees it: behind a proxy that writes every call down, with its own word for what
/// it holds.
interface Provider extends AutoCloseable {
    /// Each made when it is asked for, and closed by JUnit. `-Dsluice.storages=gcs,gdrive` takes those two only.
    static Stream<Provider> all() {
        var every = new TreeMap<String, Supplier<Provider>>(Map.of(
                "azurite", () -> new AzureProvider(TestingAzurite.shared()),
                "gcs", GoogleProvider::gcs,
                "gdrive", GoogleProvider::gdrive,
                "s3mock", () -> new S3Provider("s3mock", TestingS3Mock.shared()),
                "s3proxy", () -> new S3Provider("s3proxy", TestingS3Proxy.shared())));
        String only = System.getProperty("sluice.storages", "");
        if (!only.isEmpty()) {
            every.keySet().retainAll(Set.of(only.split(",")));
        }
        return every.values().stream().map(Supplier::get);
    }

    /// What the server is pointed at.
    FaultyProxy proxy();

    /// What a server is told: `kind=s3`.
    List<String> settings();

    /// How many bytes of a large file it gets in one call, of which a server sends as many as it can.
    int part();

    /// Whether the call opens what bytes are then sent to. Not every provider has such a call.
    boolean begins(Call call);

    /// Whether the call brings bytes of a file.
    boolean carries(Call call);

    /// Whether a file becomes visible by the call, which may bring bytes of it, too.
    boolean completes(Call call);

    /// Whether the call is one that a clean-up makes: it looks, or takes away.
    boolean cleansUp(Call call);

    /// Whether the call takes something away.
    boolean takesAway(Call call);

    /// The names of what can be seen.
    Set<String> objects();

    /// What is there besides: sessions, uploads that were begun, parts.
    Set<String> leftovers();

    @Override
    void close();
}
