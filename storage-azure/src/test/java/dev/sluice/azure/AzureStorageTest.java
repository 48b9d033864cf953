package dev.sluice.azure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cloud.BackOff;
import dev.sluice.cloud.Buffers;
import dev.sluice.cloud.KeptTails;
import dev.sluice.cloud.Supplies;
import dev.sluice.cloud.Transport;
import dev.sluice.cloud.Vault;
import dev.sluice.core.ErrorCode;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Storage;
import dev.sluice.storage.StorageContract;
import dev.sluice.testing.TestingAzurite;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class AzureStorageTest extends StorageContract {
    static final int MIB = 1 << 20;
    static final BackOff SOON = new BackOff(Duration.ofMillis(5), Duration.ofMillis(50), 6);

    private final TestingAzurite service = TestingAzurite.shared();
    private final String container = service.newContainer();
    private final Transport transport = Transport.open(Duration.ofSeconds(5), Duration.ofSeconds(30));
    private final Buffers buffers = new Buffers(256L * MIB);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path data;

    static Supplies supplies(Transport transport, Buffers buffers, Path data) {
        Vault vault = Vault.in(data.resolve("secrets.key"));
        KeptTails tails = KeptTails.in(data.resolve("tails"), vault);
        return new Supplies(transport, buffers.share(), tails, vault, Clock.systemUTC(), SOON);
    }

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
        try (Stream<Path> tails = Files.list(data.resolve("tails"))) {
            tails.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.endsWith(".tail"))
                    .forEach(held::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return held;
    }

    @Override
    protected int size() {
        return 17 * MIB + 7;
    }

    @Test
    void whatFitsIntoOnePartIsAtTheServiceWithTheCommitOnly() throws Exception {
        try (ObjectUpload upload = begin("small.bin", 5000)) {
            upload.write(ByteBuffer.wrap(bytes(5000)));
            assertThat(held()).isEmpty();
            ObjectRef ref = commit(upload);
            assertThat(held()).containsExactly("small.bin");
            assertThat(read(ref)).isEqualTo(bytes(5000));
        }
    }

    @Test
    void anObjectOfAnUnknownSizeTakesAsManyBlocksAsItNeeds() throws Exception {
        for (int size : new int[] {0, 1, 8 * MIB, 8 * MIB + 1, 50 * MIB}) {
            byte[] bytes = bytes(size);
            try (ObjectUpload upload = begin("u" + size, -1)) {
                for (int at = 0; at < size; at += 100_003) {
                    upload.write(ByteBuffer.wrap(bytes, at, Math.min(100_003, size - at)));
                }
                ObjectRef ref = commit(upload);
                assertThat(ref.size()).isEqualTo(size);
                assertThat(read(ref)).isEqualTo(bytes);
                storage().discard(upload.state());
            }
        }
        assertThat(held()).hasSize(5);
    }

    @Test
    void twoLargeUploadsOfOneNameAtATimeBecomeObjectsOfTheirOwn() throws Exception {
        byte[] bytes = bytes(size());
        try (ObjectUpload one = begin("same.bin", size());
                ObjectUpload other = begin("same.bin", size())) {
            one.write(ByteBuffer.wrap(bytes));
            other.write(ByteBuffer.wrap(bytes));
            ObjectRef first = commit(one);
            ObjectRef second = commit(other);
            assertThat(second.key()).isNotEqualTo(first.key());
            assertThat(read(first)).isEqualTo(bytes);
            assertThat(read(second)).isEqualTo(bytes);
            storage().discard(one.state());
            storage().discard(other.state());
        }
        assertThat(held()).containsExactly("same (2).bin", "same.bin");
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
