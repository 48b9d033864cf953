package dev.sluice.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void timesHaveThreeDigitsOfASecond() {
        assertThat(Json.time(Instant.parse("2026-01-02T03:04:05.9999Z"))).isEqualTo("2026-01-02T03:04:05.999Z");
    }

    @Property
    void anyBytesAreARequestOrAProblem(@ForAll byte[] body) {
        assertAnswered(body);
    }

    @Property
    void anyLikenessOfARequestIsARequestOrAProblem(@ForAll("likenesses") String body) {
        assertAnswered(body.getBytes(StandardCharsets.UTF_8));
        assertThat(WatcherMessage.parse(body)).isNotNull();
    }

    @Provide
    Arbitrary<String> likenesses() {
        return Arbitraries.of(
                        "{",
                        "}",
                        "[",
                        "]",
                        ",",
                        ":",
                        "\"files\"",
                        "\"filename\"",
                        "\"size\"",
                        "\"type\"",
                        "\"ping\"",
                        "\"jobs\"",
                        "1",
                        "-1",
                        "1e999999999",
                        "1.5",
                        "9".repeat(30),
                        "9".repeat(200),
                        "null",
                        "true",
                        "\"\\ud800\"",
                        "\"\\u0000\"",
                        " ",
                        "NaN",
                        "\"",
                        "//",
                        "'")
                .list()
                .ofMaxSize(20)
                .map(parts -> String.join("", parts));
    }

    private static void assertAnswered(byte[] body) {
        try {
            assertThat(BatchInitiateRequest.parse(body, 1000).files()).isNotEmpty();
        } catch (ProblemException refused) {
            assertThat(refused.code()).isIn(ErrorCode.INVALID_REQUEST, ErrorCode.UNKNOWN_FIELD);
            assertThat(refused.problem().details()).containsKey("field");
        }
    }
}
