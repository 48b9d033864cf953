package dev.sluice.house;

import dev.sluice.testing.Call;
import dev.sluice.testing.Fault;
import dev.sluice.testing.FaultyProxy;
import dev.sluice.testing.TestingAzurite;
import dev.sluice.testing.TestingS3Mock;
import dev.sluice.testing.TestingS3Proxy;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Where a server stores, as that place sees it: behind a proxy that writes every call down, with its own word for what
/// it holds.
interface Provider extends AutoCloseable {
    /// Each made when it is asked for, and closed by JUnit. `-Dsluice.storages=gcs,gdrive` takes those two only.
    static Stream<Provider> all() {
        return among(Set.of("azurite", "gcs", "gdrive", "s3mock", "s3proxy"));
    }

    /// One of each kind that settings know.
    static Stream<Provider> kinds() {
        return among(Set.of("azurite", "gcs", "gdrive", "s3mock"));
    }

    private static Stream<Provider> among(Set<String> names) {
        var every = new TreeMap<String, Supplier<Provider>>(Map.of(
                "azurite", () -> new AzureProvider(TestingAzurite.shared()),
                "gcs", GoogleProvider::gcs,
                "gdrive", GoogleProvider::gdrive,
                "s3mock", () -> new S3Provider("s3mock", TestingS3Mock.shared()),
                "s3proxy", () -> new S3Provider("s3proxy", TestingS3Proxy.shared())));
        every.keySet().retainAll(names);
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

    /// Words that let somebody in: keys, tokens, signatures, as far as settings and calls tell by now.
    Set<String> keys();

    /// What everything that was begun is gone on with: ids of uploads, of sessions, as far as calls and the provider
    /// itself tell by now. Not every provider has such a thing.
    Set<String> handles();

    /// A refusal in the provider's form.
    Fault refusal(String said);

    /// Makes the next file to come there have another byte than was sent.
    ///
    /// @return done when that is so
    CompletableFuture<Void> spoilNext(String name);

    /// The names of what can be seen.
    Set<String> objects();

    /// What is there besides: sessions, uploads that were begun, parts.
    Set<String> leftovers();

    /// Of that, what a server that was killed then can never have learnt of, nobody can list, and expires by itself.
    default Set<String> unlearnt(Instant killed) {
        return Set.of();
    }

    @Override
    void close();

    /// The values of a header that calls had.
    static Stream<String> headers(FaultyProxy proxy, String name) {
        return proxy.calls().stream()
                .flatMap(call -> Stream.ofNullable(call.headers().get(name)));
    }

    /// What a pattern's only group finds in the targets of calls, as it stands there and decoded.
    static Stream<String> inTargets(FaultyProxy proxy, Pattern pattern) {
        return proxy.calls().stream()
                .flatMap(call -> pattern.matcher(call.target()).results())
                .flatMap(found -> Stream.of(found.group(1), URLDecoder.decode(found.group(1), StandardCharsets.UTF_8)));
    }
}
