package dev.sluice.wire;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.sluice.imports.Profile;
import dev.sluice.imports.TableColumn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// How files of one sort are to be read. What is absent is found out for each file.
///
/// @param kind what the rows of such files become: `transactions`, or those of a `table` of its own
/// @param quote empty: fields stand between none
/// @param columns roles by the columns' names
/// @param timeZone of times that name no offset of their own
/// @param table the columns of its table; absent where it has none
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record ProfileDocument(
        String name,
        String kind,
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
        @Nullable List<TableColumn> table) {
    private static final int MOST_COLUMNS = 1_000;

    public static ProfileDocument of(Profile profile) {
        return new ProfileDocument(
                profile.name(),
                profile.kind(),
                profile.encoding(),
                profile.delimiter(),
                profile.quote(),
                profile.skipLines(),
                profile.header(),
                profile.dateOrder(),
                profile.decimalMark(),
                profile.currency(),
                new TreeMap<>(profile.columns()),
                profile.timeZone(),
                profile.table().isEmpty() ? null : profile.table());
    }

    /// The body of `PUT /api/v1/profiles/{name}`; it may repeat the name.
    ///
    /// @throws ProblemException `invalid_request` or `unknown_field`
    public static Profile parse(String name, byte[] body) {
        Fields fields = Json.object(body);
        fields.optionalString("name").filter(said -> !said.equals(name)).ifPresent(said -> {
            throw fields.refuse("name", "is not that of the path", name);
        });
        Optional<String> kind = fields.optionalString("kind");
        OptionalLong skipped = fields.optionalNatural("skip_lines");
        var profile = new Profile(
                name,
                fields.optionalString("encoding").orElse(null),
                fields.optionalString("delimiter").orElse(null),
                fields.text("quote").orElse(null),
                skipped.isEmpty() ? null : (Integer) (int) Math.min(skipped.getAsLong(), Integer.MAX_VALUE),
                fields.flag("header").orElse(null),
                fields.optionalString("date_order").orElse(null),
                fields.optionalString("decimal_mark").orElse(null),
                fields.optionalString("currency").orElse(null),
                columns(fields),
                fields.optionalString("time_zone").orElse(null),
                table(fields));
        kind.filter(said -> !said.equals(profile.kind())).ifPresent(said -> {
            throw fields.refuse(
                    "kind",
                    "is not what the profile is of",
                    profile.kind() + ", where it has " + (profile.table().isEmpty() ? "no" : "a") + " \"table\"");
        });
        fields.end();
        return profile;
    }

    private static List<TableColumn> table(Fields fields) {
        if (!fields.has("table")) {
            return List.of();
        }
        var table = new ArrayList<TableColumn>();
        for (Fields column : fields.objects("table", 1, MOST_COLUMNS)) {
            table.add(new TableColumn(
                    column.string("name"),
                    column.optionalString("from").orElse(null),
                    column.string("type"),
                    column.flag("required").orElse(false),
                    column.flag("key").orElse(false)));
            column.end();
        }
        return table;
    }

    private static Map<String, String> columns(Fields fields) {
        var columns = new LinkedHashMap<String, String>();
        fields.object("columns").ifPresent(roles -> {
            if (roles.names().size() > MOST_COLUMNS) {
                throw fields.refuse("columns", "names too many", "at most " + MOST_COLUMNS);
            }
            roles.names().forEach(column -> columns.put(column, roles.string(column)));
        });
        return columns;
    }
}
