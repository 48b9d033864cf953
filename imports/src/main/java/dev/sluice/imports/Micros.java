package dev.sluice.imports;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Times as the database has them: microseconds since 1970.
final class Micros {
    private Micros() {}

    static long of(Instant at) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, at);
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
