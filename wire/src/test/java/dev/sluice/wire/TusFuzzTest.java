package dev.sluice.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.util.Objects;

/// Headers of tus made of anything at all: each is read or refused, and what is sent back is fit for a header.
/// The test run fuzzes for seconds; `dev/fuzz` for as long as it is told.
class TusFuzzTest {
    @FuzzTest(maxDuration = "5s")
    void headers(FuzzedDataProvider data) {
        int header = data.consumeInt(0, 4);
        String said = data.consumeRemainingAsString();
        try {
            switch (header) {
                case 0 -> metadata(said);
                case 1 -> concatenation(said);
                case 2 -> checksum(said);
                case 3 -> assertThat(Tus.natural(Tus.UPLOAD_LENGTH, said)).isNotNegative();
                default -> Tus.length(said, null);
            }
        } catch (ProblemException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(e.problem().message()).doesNotContain("\r", "\n");
        }
    }

    private static void metadata(String said) {
        UploadMetadata read = UploadMetadata.parse(said);
        String back = read.said();
        assertThat(back == null || (back.equals(said) && Texts.isPrintableAscii(back)))
                .isTrue();
        read.values().keySet().forEach(key -> assertThat(key).isNotEmpty().doesNotContain(" ", ","));
        read.text("filename");
    }

    private static void concatenation(String said) {
        UploadConcat read = Objects.requireNonNull(UploadConcat.parse(said));
        assertThat(Texts.isPrintableAscii(read.said())).isTrue();
        if (read instanceof UploadConcat.Final composed) {
            assertThat(composed.parts("/files")).hasSameSizeAs(composed.urls());
        }
    }

    private static void checksum(String said) {
        UploadChecksum read = Objects.requireNonNull(UploadChecksum.parse(said));
        read.fits(read.begin());
    }
}
