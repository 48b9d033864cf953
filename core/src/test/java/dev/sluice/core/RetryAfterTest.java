package dev.sluice.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetryAfterTest {
    @Test
    void itIsANumberOfSecondsOrATime() {
        assertThat(asked(" 120 ")).isEqualTo(Duration.ofMinutes(2));
        assertThat(asked("Sun, 01 Nov 2026 10:00:30 GMT")).isEqualTo(Duration.ofSeconds(30));
        assertThat(asked("Sun, 01 Nov 2026 09:00:30 GMT")).isZero();
        assertThat(asked("999999999")).isEqualTo(Duration.ofDays(1));
        assertThat(asked("soon")).isNull();
        assertThat(asked("-3")).isNull();
        assertThat(asked(null)).isNull();
    }

    private static @Nullable Duration asked(@Nullable String said) {
        return RetryAfter.of(said, Instant.parse("2026-11-01T10:00:00Z"));
    }
}
