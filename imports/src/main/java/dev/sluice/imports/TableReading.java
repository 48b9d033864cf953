package dev.sluice.imports;

import dev.sluice.csv.Column;
import dev.sluice.csv.ColumnType;
import dev.sluice.csv.Survey;
import dev.sluice.csv.Warning;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A file whose rows are to become those of a table of one's own.
///
/// @param sources for each column of the table that of the file which it takes its values from; null: there is none
/// @param zone of times that name no offset of their own
record TableReading(
        Survey survey,
        OwnTable table,
        List<@Nullable Column> sources,
        ZoneId zone,
        List<Warning> doubts,
        List<Warning> problems)
        implements Reading<TableRow> {

    static TableReading of(Survey survey, OwnTable table, ZoneId zone) {
        var sources = new ArrayList<@Nullable Column>();
        var doubts = new ArrayList<Warning>();
        var problems = new ArrayList<Warning>();
        Set<Column> left = new HashSet<>(survey.columns());
        for (TableColumn wanted : table.columns()) {
            List<Column> found = named(survey, wanted.source());
            sources.add(found.isEmpty() ? null : found.getFirst());
            left.removeAll(found);
            if (found.size() > 1) {
                problems.add(new Warning("ambiguous_column", "there are several columns '" + wanted.source() + "'"));
            } else if (found.isEmpty()) {
                missing(wanted, survey, doubts, problems);
            } else {
                ambiguous(wanted.kept(), found.getFirst(), problems);
            }
        }
        if (!left.isEmpty()) {
            doubts.add(new Warning("unused_columns", "nothing is taken from " + names(survey.columns(), left)));
        }
        return new TableReading(survey, table, Collections.unmodifiableList(sources), zone, doubts, problems);
    }

    /// Those of exactly that name or, where there is none, those that differ in case, accents and spaces.
    private static List<Column> named(Survey survey, String name) {
        List<Column> exact = survey.columns().stream()
                .filter(column -> column.name().equals(name))
                .toList();
        String normalized = HeaderWords.normalized(name);
        return exact.isEmpty()
                ? survey.columns().stream()
                        .filter(column -> HeaderWords.normalized(column.name()).equals(normalized))
                        .toList()
                : exact;
    }

    private static void missing(TableColumn wanted, Survey survey, List<Warning> doubts, List<Warning> problems) {
        String there = names(survey.columns(), Set.copyOf(survey.columns()));
        if (wanted.required()) {
            problems.add(
                    new Warning("missing_column", "there is no column '" + wanted.source() + "'; there are " + there));
        } else {
            doubts.add(new Warning(
                    "missing_column",
                    "there is no column '" + wanted.source() + "': '" + wanted.name() + "' stays empty; there are "
                            + there));
        }
    }

    private static void ambiguous(ColumnType kept, Column column, List<Warning> problems) {
        if (column.ambiguousDates() && (kept == ColumnType.DATE || kept == ColumnType.TIMESTAMP)) {
            problems.add(Proposal.ambiguousDates(column));
        }
        if (column.ambiguousDecimals() && (kept == ColumnType.DECIMAL || kept == ColumnType.INTEGER)) {
            problems.add(Proposal.ambiguousDecimals(column));
        }
    }

    private static String names(List<Column> columns, Set<Column> some) {
        return columns.stream()
                .filter(some::contains)
                .map(column -> "'" + column.name() + "'")
                .collect(Collectors.joining(", "));
    }

    @Override
    public List<String> uses() {
        return survey.columns().stream().map(this::use).toList();
    }

    private String use(Column column) {
        List<String> into = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            if (column.equals(sources.get(i))) {
                into.add(table.columns().get(i).name());
            }
        }
        return into.isEmpty() ? IGNORED : String.join(" ", into);
    }

    @Override
    public Class<TableRow> type() {
        return TableRow.class;
    }

    @Override
    public RowMaker maker() {
        return new TableRowMaker(this);
    }

    @Override
    public Function<TableRow, Fingerprint> fingerprints() {
        return new TablePrints(table, hasKey() ? TableColumn::key : column -> true);
    }

    boolean hasKey() {
        return table.columns().stream().anyMatch(TableColumn::key);
    }

    @Override
    public boolean counted() {
        return !hasKey();
    }

    @Override
    public Load.Destination<TableRow> destination() {
        return table;
    }

    @Override
    public String settings() {
        return table.number() + " " + zone;
    }
}
