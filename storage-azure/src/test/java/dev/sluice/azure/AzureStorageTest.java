package dev.sluice.azure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cloud.Buffers;
import dev.sluice.cloud.CloudStorageContract;
import dev.sluice.cloud.Transport;
import dev.sluice.core.ErrorCode;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.Storage;
import dev.sluice.testing.TestingAzurite;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class AzureStorageTest extends CloudStorageContract {
    private final TestingAzurite service = TestingAzurite.shared();
    private final String container = service.newContainer();
    private final Transport transport = Transport.open(Duration.ofSeconds(5), Duration.ofSeconds(30));
    private final Buffers buffers = new Buffers(256L * MIB);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path data;

    static AzureSettings settings(TestingAzurite service, URI endpoint, String container, String prefix) {
        return new AzureSettings("clips", container, endpoint, service.account(), service.key(), null, prefix);
    }

    @Override
    protected Storage open() {
        return new AzureStorage(
                settings(service, service.endpoint(), container, "in/here"), supplies(transport, buffers, data));
    }

    @AfterEach
    void noMemoryIsLeftTaken() {
        assertThat(buffers.used()).isZero();
        transport.close();
    }

    @Override
    protected Set<String> held() {
        var held = new TreeSet<String>();
        TestingContainer.of(service, container).held().forEach(key -> held.add(key.replace("in/here/", "")));
        held.addAll(tails(data));
        return held;
    }

    @Test
    void namesThatAzureForbidsAreRefusedBeforeAByteIsSent() {
        assertProblem(ErrorCode.INVALID_REQUEST, () -> storage().intend(spec("ends with a dot.", 10)));
        assertProblem(ErrorCode.TOO_LARGE, () -> storage().intend(spec("huge.bin", 191L << 40)));
    }

    @Test
    void charactersThatMeanSomethingInAddressesAreKept() throws Exception {
        for (String name : List.of("a+b%20c.txt", "100% #1?.txt", "a*b~c'd(e).txt", "x&y=z;w.txt", "semi\"colon.txt")) {
            ObjectRef ref = store(name, bytes(10));
            assertThat(ref.key()).isEqualTo(name);
            assertThat(read(ref)).isEqualTo(bytes(10));
            assertThat(held()).contains(name);
        }
    }
}
