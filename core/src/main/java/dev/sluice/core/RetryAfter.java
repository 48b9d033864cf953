package dev.sluice.core;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/// How long a server asks to be left alone: the header `Retry-After` (RFC 9110 §10.2.3), seconds or a time.
public final class RetryAfter {
    private static final Duration MOST = Duration.ofDays(1);

    private RetryAfter() {}

    /// @param said the header's value, or null
    /// @param now by which a time is told
    /// @return at most a day; null where nothing is asked for, or nobody can read it
    public static @Nullable Duration of(@Nullable String said, Instant now) {
        if (said == null) {
            return null;
        }
        try {
            Duration asked = said.strip().matches("[0-9]{1,9}")
                    ? Duration.ofSeconds(Long.parseLong(said.strip()))
                    : Duration.between(
                            now,
                            ZonedDateTime.parse(said.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                                    .toInstant());
            return asked.isNegative() ? Duration.ZERO : asked.compareTo(MOST) > 0 ? MOST : asked;
        } catch (DateTimeException e) {
            return null;
        }
    }
}
