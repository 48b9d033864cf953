package dev.sluice.fakes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContentTest {
    private static final byte[] BYTES = bytes(700_000);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(names = {"MEMORY", "DISK"})
    void whatIsTakenBackIsInNeitherBytesNorChecksums(Keep keep) throws Exception {
        var content = new Content(keep, folder);
        content.append(ByteBuffer.wrap(BYTES, 0, 300_000));
        content.mark();
        content.append(ByteBuffer.wrap(new byte[200_000]));
        content.reset();
        content.append(ByteBuffer.wrap(BYTES, 300_000, 1));
        content.mark();
        content.reset();
        content.append(ByteBuffer.wrap(BYTES, 300_001, 399_999));

        assertThat(content.bytes()).isEqualTo(BYTES);
        assertThat(content.md5Hex())
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("MD5").digest(BYTES)));
        assertThat(content.crc32cBase64()).isEqualTo(crc(BYTES));
        content.delete();
    }

    @Test
    void checksumsOfManyMarksAreThoseOfTheWhole() {
        var random = new Random(7);
        for (int round = 0; round < 200; round++) {
            byte[] bytes = Arrays.copyOf(BYTES, random.nextInt(2_000));
            var content = new Content(Keep.DIGEST, null);
            int at = 0;
            while (at < bytes.length) {
                int length = Math.min(1 + random.nextInt(300), bytes.length - at);
                content.append(ByteBuffer.wrap(bytes, at, length));
                content.mark();
                at += length;
            }
            assertThat(content.crc32cBase64()).isEqualTo(crc(bytes));
        }
    }

    @Test
    void whatIsOnlyCountedHasNoChecksumAndCannotBeRead() {
        var content = new Content(Keep.NOTHING, null);
        content.append(ByteBuffer.wrap(BYTES));

        assertThat(content.size()).isEqualTo(BYTES.length);
        assertThat(content.md5Hex()).isNull();
        assertThatThrownBy(content::bytes).isInstanceOf(UncheckedIOException.class);
    }

    private static String crc(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes);
        return java.util.Base64.getEncoder()
                .encodeToString(
                        ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }

    private static byte[] bytes(int size) {
        var bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
