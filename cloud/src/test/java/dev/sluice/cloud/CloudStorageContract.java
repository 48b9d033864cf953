package dev.sluice.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.secrets.Vault;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.StorageContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// What every storage that takes parts has to pass besides.
@NullMarked
public abstract class CloudStorageContract extends StorageContract {
    protected static final int MIB = 1 << 20;
    private static final BackOff SOON = new BackOff(Duration.ofMillis(5), Duration.ofMillis(50), 6);

    /// @param data where keys and tails lie
    public static Supplies supplies(Transport transport, Buffers buffers, Path data) {
        Vault vault = Vault.in(data.resolve("secrets.key"));
        KeptTails tails = KeptTails.in(data.resolve("tails"), vault);
        return new Supplies(transport, buffers.share(), tails, vault, Clock.systemUTC(), SOON);
    }

    /// The tails that lie there.
    protected static Set<String> tails(Path data) {
        try (Stream<Path> tails = Files.list(data.resolve("tails"))) {
            var names = new TreeSet<String>();
            tails.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.endsWith(".tail"))
                    .forEach(names::add);
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected int size() {
        return 17 * MIB + 7;
    }

    @Test
    public void whatFitsIntoOnePartIsAtTheServiceWithTheCommitOnly() throws Exception {
        try (ObjectUpload upload = begin("small.bin", 5000)) {
            upload.write(ByteBuffer.wrap(bytes(5000)));
            assertThat(held()).isEmpty();
            ObjectRef ref = commit(upload);
            assertThat(held()).containsExactly("small.bin");
            assertThat(read(ref)).isEqualTo(bytes(5000));
        }
    }

    @Test
    public void anObjectOfAnUnknownSizeTakesAsManyPartsAsItNeeds() throws Exception {
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
    public void twoLargeUploadsOfOneNameAtATimeBecomeObjectsOfTheirOwn() throws Exception {
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
}
