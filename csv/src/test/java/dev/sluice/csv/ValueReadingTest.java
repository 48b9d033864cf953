package dev.sluice.csv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.StopToken;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValueReadingTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Optional<Object> read(ColumnType type, String value) {
        return read(type, value, "UTC");
    }

    private Optional<Object> read(ColumnType type, String value, String zone) {
        Path file = Surveyed.file(folder, "Name;Value\nx;" + value + "\n");
        Survey survey = Surveyed.survey(file, Overrides.NONE.withDelimiter(';').withHeader(true));
        try (var reader = CsvReader.open(file, survey, new StopToken(), read -> {})) {
            CsvRow row = Objects.requireNonNull(reader.next());
            return new ValueReading(type, survey.columns().get(1), ZoneId.of(zone)).read(row, 1);
        }
    }

    @Test
    void eachTypeIsRead() {
        assertThat(read(ColumnType.TEXT, " a b ")).contains("a b");
        assertThat(read(ColumnType.INTEGER, "-42")).contains(-42L);
        assertThat(read(ColumnType.DECIMAL, "1.234,50")).contains(new BigDecimal("1234.50"));
        assertThat(read(ColumnType.DATE, "31.01.2026")).contains(LocalDate.of(2026, 1, 31));
        assertThat(read(ColumnType.BOOLEAN, "Ja")).contains(true);
        assertThat(read(ColumnType.BOOLEAN, "0")).contains(false);
    }

    @Test
    void whatIsOfAnotherTypeIsNone() {
        assertThat(read(ColumnType.INTEGER, "1.5")).isEmpty();
        assertThat(read(ColumnType.INTEGER, "99999999999999999999")).isEmpty();
        assertThat(read(ColumnType.DECIMAL, "abc")).isEmpty();
        assertThat(read(ColumnType.DATE, "31.02.2026")).isEmpty();
        assertThat(read(ColumnType.BOOLEAN, "perhaps")).isEmpty();
    }

    @Test
    void pointsInTimeAreReadByTheirOffsetOrInTheirZone() {
        for (String written : new String[] {
            "2026-03-28 14:05:06",
            "2026-03-28T14:05:06Z",
            "28.03.2026 14:05:06",
            "28 Mar 2026, 2:05:06 PM",
            "2026-03-28T15:05:06+01:00",
            "20260328 14:05:06",
            "2026-03-28 15:05:06 +0100"
        }) {
            assertThat(read(ColumnType.TIMESTAMP, written)).as(written).contains(Instant.parse("2026-03-28T14:05:06Z"));
        }
        assertThat(read(ColumnType.TIMESTAMP, "2026-03-28T14:05:06.789Z"))
                .contains(Instant.parse("2026-03-28T14:05:06.789Z"));
        assertThat(read(ColumnType.TIMESTAMP, "2026-03-28")).contains(Instant.parse("2026-03-28T00:00:00Z"));
        assertThat(read(ColumnType.TIMESTAMP, "2026-03-28 12:30 AM")).contains(Instant.parse("2026-03-28T00:30:00Z"));
        assertThat(read(ColumnType.TIMESTAMP, "2026-07-01 12:00", "Europe/Berlin"))
                .contains(Instant.parse("2026-07-01T10:00:00Z"));
    }

    @Test
    void whatNoClockHasShownIsNoPointInTime() {
        assertThat(read(ColumnType.TIMESTAMP, "2026-03-29 02:30", "Europe/Berlin"))
                .isEmpty();
        for (String written :
                new String[] {"2026-03-28 25:00", "2026-03-28 13:00 PM", "14:05", "2026-03-28T14:05+99"}) {
            assertThat(read(ColumnType.TIMESTAMP, written)).as(written).isEmpty();
        }
    }

    @Test
    void ofAnHourThatAZoneHasTwiceItIsTheFirst() {
        assertThat(read(ColumnType.TIMESTAMP, "2026-10-25 02:30", "Europe/Berlin"))
                .contains(Instant.parse("2026-10-25T00:30:00Z"));
    }
}
