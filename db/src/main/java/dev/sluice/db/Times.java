package dev.sluice.db;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// Times as the tables have them: microseconds since 1970.
public final class Times {
    private Times() {}

    public static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    public static @Nullable Long microsOrNull(@Nullable Instant time) {
        return time == null ? null : (Long) micros(time);
    }

    public static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    public static Instant instant(ResultSet row, String column) throws SQLException {
        return instant(row.getLong(column));
    }

    public static @Nullable Instant instantOrNull(ResultSet row, String column) throws SQLException {
        Instant time = instant(row, column);
        return row.wasNull() ? null : time;
    }
}
