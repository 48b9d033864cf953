package dev.sluice.imports;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.csv.ColumnType;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A column of a table of one's own.
///
/// @param name as SQL knows it: 1 to 60 of a-z 0-9 _, a letter first
/// @param from the column of the file whose values it takes, of which case, accents and spaces make no difference;
///     null: that of the same name
/// @param type as a word of [ColumnType]: `decimal`
/// @param required whether a row without a value is rejected; one that is a key always is
/// @param key whether rows that have the same values in all such columns are the same row
public record TableColumn(String name, @Nullable String from, String type, boolean required, boolean key) {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,59}");

    /// @throws ProblemException `invalid_request`: its detail `field` says which
    public TableColumn {
        if (!NAME.matcher(name).matches()) {
            throw invalid("name", name, "1 to 60 of a-z 0-9 _, a letter first");
        }
        if (type(type).isEmpty()) {
            throw invalid(
                    "type",
                    type,
                    "one of "
                            + Arrays.stream(ColumnType.values())
                                    .map(TableColumn::word)
                                    .collect(Collectors.joining(", ")));
        }
        required |= key;
    }

    private static ProblemException invalid(String field, String said, String known) {
        return new ProblemException(
                ErrorCode.INVALID_REQUEST,
                "\"" + said + "\" can be no " + field + " of a table's column: write " + known,
                Map.of("field", "table." + field));
    }

    private static Optional<ColumnType> type(String word) {
        return Arrays.stream(ColumnType.values())
                .filter(type -> word(type).equals(word))
                .findFirst();
    }

    private static String word(ColumnType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    ColumnType kept() {
        return type(type).orElseThrow();
    }

    /// What the file calls it.
    String source() {
        return from == null ? name : from;
    }
}
