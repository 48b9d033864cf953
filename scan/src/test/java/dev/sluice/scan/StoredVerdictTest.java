package dev.sluice.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A verdict comes back from JSON as it was.
class StoredVerdictTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Finding MARKUP = new Finding(Finding.Kind.MARKUP, "a cell has markup at byte 7", 7, 2);
    private static final Finding ARCHIVE = new Finding(Finding.Kind.ARCHIVE, "the file is a ZIP archive", 0, 1);

    static Stream<Verdict> verdicts() {
        return Stream.of(
                new Verdict.Clean("ClamAV 1.4.3", "27500/Wed Jan  1 08:00:00 2025", "ab12", List.of(MARKUP)),
                new Verdict.Infected("ClamAV 1.4.3", "Win.Test", "ab12", List.of()),
                new Verdict.Refused(ARCHIVE, "ab12", List.of(ARCHIVE, MARKUP)),
                new Verdict.NotScanned(Verdict.Reason.OVER_LIMIT, "the file is too large", "ab12", List.of(MARKUP)));
    }

    @ParameterizedTest
    @MethodSource("verdicts")
    void aVerdictComesBackAsItWas(Verdict verdict) throws Exception {
        String json = JSON.writeValueAsString(StoredVerdict.of(verdict));

        assertThat(JSON.readValue(json, StoredVerdict.class).toVerdict()).isEqualTo(verdict);
    }

    @Test
    void itsWordsAreThoseOfTheDocuments() throws Exception {
        var refused = new Verdict.Refused(ARCHIVE, "ab12", List.of(ARCHIVE));

        assertThat(JSON.readTree(JSON.writeValueAsString(StoredVerdict.of(refused))))
                .isEqualTo(JSON.readTree("""
                        {"verdict": "refused", "engine": "built-in", "databaseVersion": null, "signature": null,
                         "reason": "archive", "sentence": "the file is a ZIP archive", "sha256": "ab12",
                         "findings": [{"code": "archive", "refuses": true, "sentence": "the file is a ZIP archive",
                                       "offset": 0, "count": 1}]}
                        """));
    }

    @Test
    void whatIsNoVerdictIsToldApart() {
        assertThatIllegalArgumentException()
                .isThrownBy(new StoredVerdict("fine", "x", null, null, null, "", "", List.of())::toVerdict);
        assertThatIllegalArgumentException()
                .isThrownBy(new StoredVerdict("clean", "x", null, null, null, "", "", List.of())::toVerdict);
        assertThatIllegalArgumentException()
                .isThrownBy(new StoredVerdict("refused", "x", null, null, "archive", "", "", List.of())::toVerdict);
    }
}
