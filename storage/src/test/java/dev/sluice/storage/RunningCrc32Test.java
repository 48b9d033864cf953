package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RunningCrc32Test {
    @Property
    void theValueOfAWholeFollowsFromThoseOfItsParts(
            @ForAll @Size(max = 2_000) byte[] first, @ForAll @Size(max = 2_000) byte[] second) {
        assertThat(RunningCrc32.combine(crc(first), crc(second), second.length)).isEqualTo(crc(first, second));
    }

    @Property(tries = 200)
    void aDigestThatIsTakenUpAgainGoesOnWhereItWas(
            @ForAll @Size(max = 300) byte[] first,
            @ForAll @Size(max = 300) byte[] second,
            @ForAll @Size(max = 300) byte[] third) {
        var digest = new RunningCrc32(0);
        digest.update(ByteBuffer.wrap(first));
        var again = new RunningCrc32(digest.value());
        again.update(ByteBuffer.wrap(second));
        assertThat(again.value()).isEqualTo(crc(first, second));
        again.update(ByteBuffer.wrap(third));
        assertThat(again.value()).isEqualTo(crc(first, second, third));
    }

    @Property(tries = 200)
    void aCrc32cIsTakenUpAgainToo(@ForAll @Size(max = 300) byte[] first, @ForAll @Size(max = 300) byte[] second) {
        var whole = new CRC32C();
        whole.update(first);
        whole.update(second);
        var digest = RunningCrc32.castagnoli(0);
        digest.update(ByteBuffer.wrap(first));
        var again = RunningCrc32.castagnoli(digest.value());
        again.update(ByteBuffer.wrap(second));
        assertThat(again.value()).isEqualTo(whole.getValue());
    }

    @Test
    void lengthsBeyondFourGibibytesAreCombined() {
        long zeros = crc(new byte[1 << 20]);
        long doubled = zeros;
        long length = 1 << 20;
        while (length < 1L << 33) {
            doubled = RunningCrc32.combine(doubled, doubled, length);
            length *= 2;
        }
        long oneByOne = zeros;
        for (long done = 1 << 20; done < 1L << 33; done += 1 << 20) {
            oneByOne = RunningCrc32.combine(oneByOne, zeros, 1 << 20);
        }
        assertThat(doubled).isEqualTo(oneByOne);
    }

    @Test
    void theBytesStayToBeWritten() {
        var bytes = ByteBuffer.wrap(new byte[] {1, 2, 3}).position(1);
        new RunningCrc32(0).update(bytes);
        assertThat(bytes.position()).isEqualTo(1);
        assertThat(bytes.remaining()).isEqualTo(2);
    }

    private static long crc(byte[]... parts) {
        var crc = new CRC32();
        for (byte[] part : parts) {
            crc.update(part);
        }
        return crc.getValue();
    }
}
