package dev.sluice.google;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ProblemException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class Md5Test {
    private static String jdk(byte[] bytes) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    }

    /// RFC 1321, A.5.
    @Test
    void theEmptyOne() {
        assertThat(new Md5(null).value()).isEqualTo("d41d8cd98f00b204e9800998ecf8427e");
    }

    @Test
    void isThatOfTheJdkInWhateverPiecesTheBytesComeAndWhereverItIsWrittenDown() throws Exception {
        var random = new Random(5);
        for (int round = 0; round < 2_000; round++) {
            byte[] bytes = new byte[round < 300 ? round : random.nextInt(100_000)];
            random.nextBytes(bytes);
            ByteBuffer all = random.nextBoolean()
                    ? ByteBuffer.wrap(bytes)
                    : ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
            var digest = new Md5(null);
            for (int at = 0; at < bytes.length; ) {
                int count = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 70 : 40_000));
                digest.update(all.slice(at, count));
                at += count;
                if (random.nextInt(4) == 0) {
                    digest = new Md5(digest.state());
                }
            }
            assertThat(digest.value()).as("round %d", round).isEqualTo(jdk(bytes));
            assertThat(digest.value()).as("again").isEqualTo(jdk(bytes));
        }
    }

    @Test
    void whatIsNoStateIsRefused() {
        for (String wrong : new String[] {"", "!", "AAAA", new Md5(null).state() + "AAAA"}) {
            assertThatThrownBy(() -> new Md5(wrong)).isInstanceOf(ProblemException.class);
        }
    }
}
