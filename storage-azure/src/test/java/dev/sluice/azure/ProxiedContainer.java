package dev.sluice.azure;

import dev.sluice.testing.Call;
import dev.sluice.testing.FaultyProxy;
import dev.sluice.testing.TestingAzurite;
import java.util.function.Predicate;
import org.jspecify.annotations.NullMarked;

/// A container of its own at Azurite, and what the calls to it look like.
@NullMarked
final class ProxiedContainer {
    static final TestingAzurite SERVICE = TestingAzurite.shared();
    static final Predicate<Call> BLOCKS = Call.matching("PUT", "comp=block&");
    static final Predicate<Call> COMMIT = Call.matching("PUT", "comp=blocklist");
    static final Predicate<Call> LISTS = Call.matching("GET", "comp=blocklist");

    private final String name = SERVICE.newContainer();

    String name() {
        return name;
    }

    AzureSettings settings(FaultyProxy proxy) {
        return AzureStorageTest.settings(SERVICE, proxy.endpoint(), name, "");
    }

    TestingContainer theirs() {
        return TestingContainer.of(SERVICE, name);
    }
}
