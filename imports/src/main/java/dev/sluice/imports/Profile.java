package dev.sluice.imports;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.csv.DateOrder;
import dev.sluice.csv.DecimalMark;
import dev.sluice.csv.Dialect;
import dev.sluice.csv.Overrides;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How files of one sort are to be read, as somebody has said it once. What is null is found out for each file.
///
/// @param name 1 to 64 of a-z 0-9 - _
/// @param encoding as Java knows it: `windows-1252`
/// @param delimiter one character
/// @param quote one character; empty: fields stand between none
/// @param skipLines lines before the header or, where there is none, before the first record
/// @param header whether the first record names the columns
/// @param dateOrder of all columns, as a word of [DateOrder]: `day_first`
/// @param decimalMark of all columns, as a word of [DecimalMark]: `comma`
/// @param currency of amounts that name none, as ISO 4217
/// @param columns roles, as words of [Role], by the columns' names
/// @param timeZone of times that name no offset of their own, as `Europe/Berlin`; null: UTC
/// @param table the columns of a table of one's own, in which the rows of such files go; none: they are transactions
public record Profile(
        String name,
        @Nullable String encoding,
        @Nullable String delimiter,
        @Nullable String quote,
        @Nullable Integer skipLines,
        @Nullable Boolean header,
        @Nullable String dateOrder,
        @Nullable String decimalMark,
        @Nullable String currency,
        Map<String, String> columns,
        @Nullable String timeZone,
        List<TableColumn> table) {
    public static final String TRANSACTIONS = "transactions";
    public static final String TABLE = "table";

    private static final int MOST_COLUMNS = 256;
    private static final Pattern NAME = Pattern.compile("[a-z0-9_-]{1,64}");
    private static final Pattern CURRENCY = Pattern.compile("[A-Z]{3}");
    private static final int MOST_SKIPPED = 1_000;

    /// @throws ProblemException `invalid_request`: its detail `field` says which
    public Profile {
        columns = Map.copyOf(columns);
        // Profiles of an earlier version have none.
        table = table == null ? List.of() : List.copyOf(table);
        require(NAME.matcher(name).matches(), "name", name, "1 to 64 of a-z 0-9 - _");
        require(
                currency == null || CURRENCY.matcher(currency).matches(),
                "currency",
                currency,
                "a code of ISO 4217, as EUR");
        require(delimiter == null || delimiter.length() == 1, "delimiter", delimiter, "one character");
        require(quote == null || quote.length() <= 1, "quote", quote, "one character, or none");
        require(
                skipLines == null || (skipLines >= 0 && skipLines <= MOST_SKIPPED),
                "skip_lines",
                skipLines,
                "0 to " + MOST_SKIPPED);
        columns.forEach((column, role) -> require(
                Role.of(role).isPresent(),
                "columns." + column,
                role,
                "one of " + Arrays.stream(Role.values()).map(Role::word).collect(Collectors.joining(", "))));
        requireTable(columns, currency, table);
    }

    private static void requireTable(Map<String, String> columns, @Nullable String currency, List<TableColumn> table) {
        if (table.isEmpty()) {
            return;
        }
        require(columns.isEmpty(), "columns", columns, "none, where it has a table");
        require(currency == null, "currency", currency, "none, where it has a table");
        require(table.size() <= MOST_COLUMNS, "table", table.size() + " columns", "at most " + MOST_COLUMNS);
        var names = new HashSet<String>();
        table.forEach(column -> require(names.add(column.name()), "table.name", column.name(), "each name once"));
    }

    private static void require(boolean is, String field, @Nullable Object said, String known) {
        if (!is) {
            throw invalid(field, said, known);
        }
    }

    private static ProblemException invalid(String field, @Nullable Object said, String known) {
        return new ProblemException(
                ErrorCode.INVALID_REQUEST,
                "\"" + said + "\" can be no " + field + " of a profile: write " + known,
                Map.of("field", field));
    }

    /// What is not to be looked for in a file.
    ///
    /// @throws ProblemException `invalid_request` where a word is none that is known
    Overrides overrides() {
        return new Overrides(
                charset(),
                delimiter == null ? null : (Character) delimiter.charAt(0),
                quote == null ? null : (Character) (quote.isEmpty() ? Dialect.NO_QUOTE : quote.charAt(0)),
                skipLines,
                header,
                dateOrder == null ? null : word(DateOrder.class, "date_order", dateOrder),
                decimalMark == null ? null : word(DecimalMark.class, "decimal_mark", decimalMark));
    }

    /// What the rows of its files become: [#TABLE] or [#TRANSACTIONS].
    public String kind() {
        return isTable() ? TABLE : TRANSACTIONS;
    }

    boolean isTable() {
        return !table.isEmpty();
    }

    /// Of times that name no offset of their own.
    ///
    /// @throws ProblemException `invalid_request` where there is no such zone
    ZoneId zone() {
        try {
            return timeZone == null ? ZoneOffset.UTC : ZoneId.of(timeZone);
        } catch (DateTimeException e) {
            throw invalid("time_zone", timeZone, "a name as Europe/Berlin, or an offset as +02:00");
        }
    }

    private @Nullable Charset charset() {
        if (encoding == null) {
            return null;
        }
        try {
            return Charset.forName(encoding);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw invalid("encoding", encoding, "utf-8, windows-1252, iso-8859-2, utf-16le");
        }
    }

    private static <E extends Enum<E>> E word(Class<E> type, String field, String said) {
        try {
            return Enum.valueOf(type, said.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw invalid(
                    field,
                    said,
                    Arrays.stream(type.getEnumConstants())
                            .map(known -> known.name().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(" or ")));
        }
    }

    /// What is told of columns.
    Map<String, Role> roles() {
        var roles = new LinkedHashMap<String, Role>();
        columns.forEach((column, word) -> Role.of(word).ifPresent(role -> roles.put(column, role)));
        return roles;
    }
}
