package dev.sluice.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Headers of tus made of anything at all, and of good ones with some characters gone wrong: each is read or refused,
/// and what is sent back is fit for a header. [HeadersFuzz] is led by what it reaches, and tries for longer.
class TusFuzzTest {
    private static final List<String> GOOD = List.of(
            "filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential",
            "a MQ==,b,c /w==",
            "partial",
            "final;/files/a http://localhost:8080/files/01a1feb6-8df2-74e3-b7ae-674b37583209 c",
            "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
            "crc32c yZRlqg==",
            "0",
            "18446744073709551616");

    @Property
    void bytesAreReadOrRefused(@ForAll byte[] bytes) {
        tried(new String(bytes, StandardCharsets.ISO_8859_1));
        tried(new String(bytes, StandardCharsets.UTF_16));
    }

    @Property
    void textsAreReadOrRefused(@ForAll String said) {
        tried(said);
    }

    @Property
    void goodHeadersGoneWrongAreReadOrRefused(@ForAll("goneWrong") String said) {
        tried(said);
    }

    @Provide
    Arbitrary<String> goneWrong() {
        Arbitrary<Integer> at = Arbitraries.integers().between(0, 200);
        Arbitrary<String> with = Arbitraries.of(
                        ",", " ", ";", "=", "/", "%", "\t", "\r\n", "\0", "é", "\ud800", "A", "")
                .list()
                .ofMaxSize(3)
                .map(parts -> String.join("", parts));
        Arbitrary<Change> change = Combinators.combine(
                        at, Arbitraries.integers().between(0, 5), with)
                .as(Change::new);
        return Combinators.combine(
                        Arbitraries.of(GOOD), change.list().ofMinSize(1).ofMaxSize(4))
                .as((good, changes) -> {
                    String said = good;
                    for (Change each : changes) {
                        said = each.in(said);
                    }
                    return said;
                });
    }

    /// Some characters are replaced.
    record Change(int at, int gone, String with) {
        String in(String text) {
            int from = at % (text.length() + 1);
            return text.substring(0, from) + with + text.substring(Math.min(text.length(), from + gone));
        }
    }

    private static void tried(String said) {
        List<Consumer<String>> readers = List.of(
                TusFuzzTest::metadata,
                TusFuzzTest::concatenation,
                TusFuzzTest::checksum,
                number -> assertThat(Tus.natural(Tus.UPLOAD_LENGTH, number)).isNotNegative(),
                length -> assertThat(Tus.length(length, null)).isNotNull(),
                deferred -> assertThat(Tus.length(null, deferred)).isNull());
        for (Consumer<String> reader : readers) {
            try {
                reader.accept(said);
            } catch (ProblemException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                assertThat(e.problem().message()).doesNotContain("\r", "\n", "\0");
            }
        }
        Tus.isMediaType(said);
        Tus.speaks(said);
    }

    private static void metadata(String said) {
        UploadMetadata read = UploadMetadata.parse(said);
        String back = read.said();
        assertThat(back == null || (back.equals(said) && Texts.isPrintableAscii(back)))
                .isTrue();
        assertThat(read.values().keySet())
                .allSatisfy(key -> assertThat(key).isNotEmpty().doesNotContain(" ", ","));
        read.text("filename");
    }

    private static void concatenation(String said) {
        UploadConcat read = Objects.requireNonNull(UploadConcat.parse(said));
        assertThat(read.said()).isEqualTo(said);
        assertThat(Texts.isPrintableAscii(said)).isTrue();
        if (read instanceof UploadConcat.Final composed) {
            assertThat(composed.parts("/files")).hasSameSizeAs(composed.urls());
        }
    }

    private static void checksum(String said) {
        UploadChecksum read = Objects.requireNonNull(UploadChecksum.parse(said));
        assertThat(read.algorithm()).isNotNull();
        read.fits(read.begin());
    }
}
