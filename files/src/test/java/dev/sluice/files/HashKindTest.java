package dev.sluice.files;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ProblemException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class HashKindTest {
    /// The buffer and the values with seed 0 of xxHash's own sanity check.
    @Test
    void xxh64IsAsItsAuthorPublishedIt() {
        var bytes = new byte[222];
        long generator = 2654435761L;
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (generator >>> 56);
            generator *= 0x9E3779B185EBCA8DL;
        }
        assertThat(xxh64(Arrays.copyOf(bytes, 0))).isEqualTo("ef46db3751d8e999");
        assertThat(xxh64(Arrays.copyOf(bytes, 1))).isEqualTo("e934a84adb052768");
        assertThat(xxh64(Arrays.copyOf(bytes, 4))).isEqualTo("9136a0dca57457ee");
        assertThat(xxh64(Arrays.copyOf(bytes, 14))).isEqualTo("8282dcc4994e35c8");
        assertThat(xxh64(bytes)).isEqualTo("b641ae8cb691c174");
    }

    /// What `xxhsum -H64` 0.8.1 prints, at every way in which an input can end.
    @Test
    void xxh64IsWhatXxhsumPrints() {
        assertThat(xxh64("a".getBytes(US_ASCII))).isEqualTo("d24ec4f1a98c6e5b");
        assertThat(xxh64("abc".getBytes(US_ASCII))).isEqualTo("44bc2cf5ad770999");
        assertThat(xxh64(SENTENCE)).isEqualTo("fbcea83c8a378bf1");
        assertThat(xxh64(new byte[1_000_003])).isEqualTo("bdbfee354034c516");

        var bytes = new byte[100_000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ((i * 7 + 3) % 251);
        }
        assertThat(xxh64(bytes)).isEqualTo("d39ec2f9e6803bb3");
        assertThat(xxh64(Arrays.copyOf(bytes, 3))).isEqualTo("31d2363f52e564c9");
        assertThat(xxh64(Arrays.copyOf(bytes, 7))).isEqualTo("9a7b149959ce60d8");
        assertThat(xxh64(Arrays.copyOf(bytes, 8))).isEqualTo("dab99d95c6f90092");
        assertThat(xxh64(Arrays.copyOf(bytes, 31))).isEqualTo("a2aa5f33cc4a6119");
        assertThat(xxh64(Arrays.copyOf(bytes, 32))).isEqualTo("23c3c17ef790fd97");
        assertThat(xxh64(Arrays.copyOf(bytes, 33))).isEqualTo("50a7cfc7ba588784");
        assertThat(xxh64(Arrays.copyOf(bytes, 63))).isEqualTo("f1438f15b9ed16e9");
        assertThat(xxh64(Arrays.copyOf(bytes, 64))).isEqualTo("2cd990a1beed6894");
        assertThat(xxh64(Arrays.copyOf(bytes, 100))).isEqualTo("778e26df8290f456");
    }

    @Test
    void theOthersAreWhatTheirToolsPrint() {
        assertThat(hash(HashKind.MD5, SENTENCE)).isEqualTo("bb649c83dd1ea5c9d9dec9a18df0ffe9");
        assertThat(hash(HashKind.SHA256, new byte[0]))
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    @Property(tries = 300)
    void howTheInputIsCutMakesNoDifference(
            @ForAll HashKind kind,
            @ForAll @IntRange(max = 5000) int length,
            @ForAll long seed,
            @ForAll @Size(max = 12) List<@IntRange(max = 5000) Integer> cuts) {
        var bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        ByteBuffer direct = ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
        direct.put(bytes).flip();

        Digest digest = kind.start();
        cuts.stream().map(cut -> Math.min(cut, length)).sorted().forEach(cut -> {
            direct.limit(cut);
            digest.update(direct);
            assertThat(direct.position()).isEqualTo(cut);
        });
        digest.update(direct.limit(length));

        assertThat(direct.hasRemaining()).isFalse();
        assertThat(direct.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
        assertThat(digest.hex()).isEqualTo(hash(kind, bytes)).matches(kind::fits);
    }

    @Test
    void readOnlyAndEmptyBuffersAreTaken() {
        Digest digest = HashKind.XXH64.start();
        digest.update(ByteBuffer.allocate(0));
        digest.update(ByteBuffer.wrap(SENTENCE).asReadOnlyBuffer());
        digest.update(ByteBuffer.allocateDirect(0));
        assertThat(digest.hex()).isEqualTo("fbcea83c8a378bf1");
    }

    @Test
    void aKindIsFoundByItsWord() {
        for (HashKind kind : HashKind.values()) {
            assertThat(HashKind.of(kind.word())).isEqualTo(kind);
        }
        assertThat(HashKind.of("XXH64")).isEqualTo(HashKind.XXH64);
        assertThatThrownBy(() -> HashKind.of("crc32"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("there is no hash \"crc32\": name one of xxh64, sha256, md5");
    }

    private static final byte[] SENTENCE = "Nobody inspects the spammish repetition".getBytes(US_ASCII);

    private static String xxh64(byte[] bytes) {
        return hash(HashKind.XXH64, bytes);
    }

    private static String hash(HashKind kind, byte[] bytes) {
        Digest digest = kind.start();
        digest.update(ByteBuffer.wrap(bytes));
        return digest.hex();
    }
}
