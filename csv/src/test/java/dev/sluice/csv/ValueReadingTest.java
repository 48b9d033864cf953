package dev.sluice.csv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.StopToken;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValueReadingTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Optional<Object> read(ColumnType type, String value) {
        Path file = Surveyed.file(folder, "Name;Value\nx;" + value + "\n");
        Survey survey = Surveyed.survey(file, Overrides.NONE.withDelimiter(';').withHeader(true));
        try (var reader = CsvReader.open(file, survey, new StopToken(), read -> {})) {
            CsvRow row = Objects.requireNonNull(reader.next());
            return new ValueReading(type, survey.columns().get(1)).read(row, 1);
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
}
