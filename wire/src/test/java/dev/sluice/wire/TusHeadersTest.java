package dev.sluice.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.JobId;
import dev.sluice.core.ProblemException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What tus clients say in their headers.
class TusHeadersTest {
    // ---- Upload-Metadata

    @Property(tries = 300)
    void metadataComesBackAsItWasSaid(@ForAll("pairs") Map<String, byte[]> pairs) {
        String said = pairs.entrySet().stream()
                .map(pair -> pair.getKey() + " " + Base64.getEncoder().encodeToString(pair.getValue()))
                .collect(Collectors.joining(","));
        UploadMetadata read = UploadMetadata.parse(said);
        assertThat(read.said()).isEqualTo(pairs.isEmpty() ? null : said);
        assertThat(read.values().keySet()).containsExactlyElementsOf(pairs.keySet());
        pairs.forEach((key, value) -> assertThat(read.values().get(key)).isEqualTo(value));
    }

    @Provide
    Arbitrary<Map<String, byte[]>> pairs() {
        Arbitrary<String> keys = Arbitraries.strings()
                .withCharRange('!', '~')
                .excludeChars(',')
                .ofMinLength(1)
                .ofMaxLength(12);
        Arbitrary<byte[]> values = Arbitraries.bytes().array(byte[].class).ofMaxSize(20);
        return Arbitraries.maps(keys, values).ofMaxSize(5);
    }

    @Test
    void metadataHasTextsAndEmptyValues() {
        UploadMetadata read = UploadMetadata.parse("filename w6QudHh0,empty,blank IA==, spaced MQ==");
        assertThat(read.text("filename")).contains("ä.txt");
        assertThat(read.text("empty")).isEmpty();
        assertThat(read.text("blank")).isEmpty();
        assertThat(read.text("spaced")).contains("1");
        assertThat(read.text("absent")).isEmpty();
        assertThat(UploadMetadata.parse(null).said()).isNull();
        assertThat(UploadMetadata.parse("").said()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {",", "a MQ==,", ",a", "a MQ==,a Mg==", "a M Q==", "a !", "ä MQ==", "a\tb", "a MQ==\nb"})
    void metadataThatIsNoneIsRefused(String said) {
        refused(() -> UploadMetadata.parse(said));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a /w==", "a AA=="})
    void aValueThatIsNoTextIsRefusedWhereATextIsMeant(String said) {
        refused(() -> UploadMetadata.parse(said).text("a"));
    }

    // ---- Upload-Length, Upload-Offset, Upload-Defer-Length

    @Property
    void numbersAreRead(@ForAll @LongRange(min = 0, max = 999_999_999_999_999_999L) long number) {
        assertThat(Tus.natural(Tus.UPLOAD_OFFSET, Long.toString(number))).isEqualTo(number);
        assertThat(Tus.length(Long.toString(number), null)).isEqualTo(number);
    }

    @Test
    void aNumberThatIsTooLargeForAnyFileIsTheLargest() {
        assertThat(Tus.natural(Tus.UPLOAD_LENGTH, "9".repeat(40))).isEqualTo(Long.MAX_VALUE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "+1", "1.0", "0x1", "1e3", "1 2", "١"})
    void whatIsNoNumberIsRefused(String value) {
        refused(() -> Tus.natural(Tus.UPLOAD_LENGTH, value));
    }

    @Test
    void aLengthIsSaidOrDeferred() {
        assertThat(Tus.length(null, "1")).isNull();
        refused(() -> Tus.length(null, null));
        refused(() -> Tus.length("1", "1"));
        refused(() -> Tus.length(null, "0"));
    }

    @Test
    void otherWords() {
        assertThat(Tus.speaks("1.0.0")).isTrue();
        assertThat(Tus.speaks("1.0.1")).isFalse();
        assertThat(Tus.speaks(null)).isFalse();
        assertThat(Tus.isMediaType("Application/Offset+Octet-Stream; x=y")).isTrue();
        assertThat(Tus.isMediaType("application/octet-stream")).isFalse();
        assertThat(Tus.isMediaType(null)).isFalse();
        assertThat(Tus.date(Instant.parse("2026-01-02T03:04:05.999Z"))).isEqualTo("Fri, 02 Jan 2026 03:04:05 GMT");
    }

    // ---- Upload-Concat

    @Test
    void concatenationsAreRead() {
        assertThat(UploadConcat.parse(null)).isNull();
        assertThat(UploadConcat.parse("partial")).isEqualTo(new UploadConcat.Partial("partial"));
        var read =
                (UploadConcat.Final) Objects.requireNonNull(UploadConcat.parse("final;/files/a http://h:1/files/b  c"));
        assertThat(read.urls()).containsExactly("/files/a", "http://h:1/files/b", "c");
        assertThat(read.parts("/files/")).containsExactly(new JobId("a"), new JobId("b"), new JobId("c"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Partial", "final", "final;", "final; ", "final:/files/a", "final;/files/ä"})
    void concatenationsThatAreNoneAreRefused(String said) {
        refused(() -> UploadConcat.parse(said));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/files/", "/files", "/other/a", "/files/a/b", "/files/../a", "files", "mailto:a", "%", "//h"})
    void urlsOfOtherThingsAreRefused(String url) {
        refused(() -> new UploadConcat.Final("", List.of(url)).parts("/files"));
    }

    // ---- Upload-Checksum

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
                "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=",
                "md5 XrY7u+Ae7tCTyyK7j1rNww==",
                "crc32c yZRlqg=="
            })
    void checksumsAreMade(String said) {
        UploadChecksum checksum = Objects.requireNonNull(UploadChecksum.parse(said));
        assertThat(checksum.fits(sum(checksum, "hello world"))).isTrue();
        assertThat(checksum.fits(sum(checksum, "hello worlD"))).isFalse();
    }

    @Property(tries = 50)
    void aChecksumIsTheSameInAnyPieces(@ForAll @Size(max = 200) byte[] bytes, @ForAll @LongRange(min = 0) long cut) {
        UploadChecksum checksum = Objects.requireNonNull(UploadChecksum.parse("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="));
        int at = (int) (cut % (bytes.length + 1));
        var whole = checksum.begin();
        whole.add(ByteBuffer.wrap(bytes));
        var pieces = checksum.begin();
        pieces.add(ByteBuffer.wrap(bytes, 0, at));
        pieces.add(ByteBuffer.wrap(bytes, at, bytes.length - at));
        assertThat(pieces.value()).isEqualTo(whole.value());
    }

    private static UploadChecksum.Sum sum(UploadChecksum checksum, String text) {
        var sum = checksum.begin();
        sum.add(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        return sum;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sha1", "sha0 AA==", "SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "crc32c AAA=", "md5 ?"})
    void checksumsThatAreNoneAreRefused(String said) {
        refused(() -> UploadChecksum.parse(said));
    }

    private static void refused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
    }
}
