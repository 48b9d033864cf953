package dev.sluice.imports;

import dev.sluice.csv.Column;
import dev.sluice.csv.Survey;
import dev.sluice.csv.Warning;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Which column of a file means what.
///
/// @param roles of the columns, in their order
/// @param columns as they were surveyed
/// @param currency of amounts, as the name of their column says it; null: it does not
/// @param header the hash of the columns' names, whatever their order: by it a mapping is remembered
/// @param warnings what is doubtful
/// @param problems what keeps the file from being read: a column that is missing, or can be read in several ways
public record Mapping(
        List<Role> roles,
        List<Column> columns,
        @Nullable String currency,
        String header,
        List<Warning> warnings,
        List<Warning> problems) {
    public Mapping {
        roles = List.copyOf(roles);
        columns = List.copyOf(columns);
        warnings = List.copyOf(warnings);
        problems = List.copyOf(problems);
    }

    /// By the names of the columns and by what they hold.
    public static Mapping propose(Survey survey) {
        return propose(survey, Map.of());
    }

    /// @param told the roles of some columns by their names, of which case, accents and spaces make no difference: what
    ///     is told of one role leaves it to no other column
    public static Mapping propose(Survey survey, Map<String, Role> told) {
        return new Proposal(survey, told).mapping();
    }

    /// The column with that role, the first of several; empty where none has it.
    public OptionalInt column(Role role) {
        return IntStream.range(0, roles.size())
                .filter(i -> roles.get(i) == role)
                .findFirst();
    }

    /// The roles by the columns' names: what is remembered, and can be told again.
    public Map<String, Role> byName() {
        var named = new LinkedHashMap<String, Role>();
        for (Column column : columns) {
            named.putIfAbsent(column.name(), roles.get(column.index()));
        }
        return named;
    }

    /// The same for every file that has columns of these names, however they are ordered and written.
    static String hash(Survey survey) {
        String names = survey.columns().stream()
                .map(column ->
                        survey.header() ? HeaderWords.normalized(column.name()) : column.index() + " " + column.type())
                .distinct()
                .sorted()
                .collect(Collectors.joining("\n"));
        return Reading.sha256(names);
    }
}
