package dev.sluice.imports;

import dev.sluice.csv.Column;
import dev.sluice.csv.ColumnType;
import dev.sluice.csv.Currencies;
import dev.sluice.csv.Survey;
import dev.sluice.csv.Warning;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How a [Mapping] is found: first what was told, then the surest names that fit what their columns hold, then, where
/// a date or an amount is still missing, the only column that could be one.
final class Proposal {
    /// Names of columns that hold one's own account at some banks, and the other one's at others.
    private static final Set<String> ANYBODYS =
            Stream.of("IBAN", "Numer konta").map(HeaderWords::normalized).collect(Collectors.toSet());
    private static final Pattern CODE = Pattern.compile("\\b[A-Z]{3}\\b");

    private final Survey survey;
    private final List<Column> columns;
    private final @Nullable Role[] roles;
    private final Map<Role, Integer> ranks = new EnumMap<>(Role.class);
    private final List<Warning> warnings = new ArrayList<>();
    private final List<Warning> problems = new ArrayList<>();

    Proposal(Survey survey, Map<String, Role> told) {
        this.survey = survey;
        this.columns = survey.columns();
        roles = new Role[columns.size()];
        takeTold(told);
        var free = new ArrayList<Integer>();
        for (Column column : columns) {
            if (roles[column.index()] == null) {
                free.add(column.index());
            }
        }
        takeNamed(free);
        takeByContent();
    }

    Mapping mapping() {
        check();
        List<Role> all = Arrays.stream(roles)
                .map(role -> role == null ? Role.IGNORE : role)
                .toList();
        return new Mapping(all, columns, currency(), Mapping.hash(survey), warnings, problems);
    }

    // ---- Roles

    private void takeTold(Map<String, Role> told) {
        var known = new HashMap<String, Role>();
        told.forEach((name, role) -> known.put(HeaderWords.normalized(name), role));
        for (Column column : columns) {
            Role role = known.get(HeaderWords.normalized(column.name()));
            if (role != null) {
                roles[column.index()] = role;
                ranks.put(role, 0);
            }
        }
        for (String name : told.keySet()) {
            String normalized = HeaderWords.normalized(name);
            if (columns.stream()
                    .noneMatch(column -> HeaderWords.normalized(column.name()).equals(normalized))) {
                problems.add(new Warning("unknown_column", "there is no column '" + name + "'; there are " + names()));
            }
        }
    }

    private void takeNamed(List<Integer> free) {
        if (!survey.header()) {
            return;
        }
        for (int i : free) {
            Optional<HeaderWords.Meaning> found =
                    HeaderWords.standard().meaning(columns.get(i).name());
            if (found.isPresent()) {
                take(i, fitting(found.get().role(), columns.get(i)), found.get().rank());
            }
        }
    }

    private void take(int index, @Nullable Role role, int rank) {
        if (role == null) {
            return;
        }
        Integer before = ranks.get(role);
        if (role == Role.DESCRIPTION && before != null && before > 0) {
            roles[index] = role;
        } else if (before == null || rank < before) {
            for (int i = 0; i < roles.length; i++) {
                roles[i] = roles[i] == role ? null : roles[i];
            }
            roles[index] = role;
            ranks.put(role, rank);
        }
    }

    /// The role that such a name means on a column that holds this; null where it means none.
    private static @Nullable Role fitting(Role role, Column column) {
        boolean dates = 2 * column.dates() >= column.filled() && column.dates() > 0;
        boolean numbers = 2 * column.numbers() >= column.filled() && column.numbers() > 0;
        boolean currencies = 2 * column.currencies() >= column.filled() && column.currencies() > 0;
        return switch (role) {
            case BOOKED -> dates ? role : null;
            case VALUED -> dates ? role : currencies ? Role.CURRENCY : null;
            case AMOUNT -> numbers ? role : null;
            case DEBIT, CREDIT -> numbers || column.filled() == 0 ? role : null;
            case BALANCE -> numbers ? role : null;
            case CURRENCY -> dates ? Role.VALUED : numbers ? null : role;
            case ACCOUNT, COUNTERPARTY_ACCOUNT ->
                dates || column.ambiguousDecimals()
                        ? null
                        : isSomebodyElses(role, column) ? Role.COUNTERPARTY_ACCOUNT : role;
            case DIRECTION -> dates || numbers ? null : role;
            case DESCRIPTION, COUNTERPARTY -> dates ? null : role;
            case REFERENCE, BANK_CATEGORY, MCC, IGNORE -> role;
        };
    }

    /// Some banks call the other one's account just `IBAN`, others one's own: that does not vary.
    private static boolean isSomebodyElses(Role role, Column column) {
        return role == Role.ACCOUNT && column.varied() && ANYBODYS.contains(HeaderWords.normalized(column.name()));
    }

    private void takeByContent() {
        boolean money = has(Role.AMOUNT) || has(Role.DEBIT) || has(Role.CREDIT);
        if (!has(Role.BOOKED)) {
            only(
                    Role.BOOKED,
                    columns.stream()
                            .filter(column -> column.dates() > 0 && 2 * column.dates() >= column.filled())
                            .toList(),
                    has(Role.VALUED));
        }
        if (!money) {
            List<Column> numbers = columns.stream()
                    .filter(column -> column.type() == ColumnType.DECIMAL)
                    .toList();
            only(Role.AMOUNT, numbers, false);
        }
        if (!has(Role.DESCRIPTION) && !has(Role.COUNTERPARTY)) {
            columns.stream()
                    .filter(column -> free(column) && column.texts() > column.currencies() + column.ibans())
                    .max((a, b) -> Integer.compare(a.longest(), b.longest()))
                    .ifPresent(column -> byContent(Role.DESCRIPTION, column));
        }
    }

    /// Where several columns could be it, none is.
    private void only(Role role, List<Column> fitting, boolean lastResort) {
        List<Column> free = fitting.stream().filter(this::free).toList();
        if (free.size() == 1) {
            byContent(role, free.getFirst());
        } else if (free.isEmpty() && lastResort) {
            for (int i = 0; i < roles.length; i++) {
                if (roles[i] == Role.VALUED) {
                    byContent(role, columns.get(i));
                }
            }
        }
    }

    private void byContent(Role role, Column column) {
        roles[column.index()] = role;
        ranks.put(role, Integer.MAX_VALUE);
        warnings.add(new Warning(
                "mapped_by_content",
                "column '" + column.name() + "' is taken for the " + role.word() + ", by what it holds"));
    }

    private boolean free(Column column) {
        return roles[column.index()] == null;
    }

    private boolean has(Role role) {
        for (Role there : roles) {
            if (there == role) {
                return true;
            }
        }
        return false;
    }

    // ---- What is missing

    private void check() {
        if (!has(Role.BOOKED)) {
            problem("missing_date", "no column could be told to be the booking date");
        }
        boolean halves = has(Role.DEBIT) || has(Role.CREDIT);
        if (!has(Role.AMOUNT) && !halves) {
            problem("missing_amount", "no column could be told to be the amount");
        } else if (!has(Role.AMOUNT) && !(has(Role.DEBIT) && has(Role.CREDIT))) {
            problem("missing_amount", "there is a column for one direction of money, but none for the other");
        }
        if (!has(Role.DESCRIPTION) && !has(Role.COUNTERPARTY)) {
            warnings.add(new Warning("missing_description", "no column says what a transaction was for"));
        }
        for (Column column : columns) {
            ambiguous(column, roles[column.index()]);
        }
        unsigned();
    }

    private void problem(String code, String what) {
        problems.add(new Warning(code, what + "; say which it is, of " + names()));
    }

    private void ambiguous(Column column, @Nullable Role role) {
        if (column.ambiguousDates() && (role == Role.BOOKED || role == Role.VALUED)) {
            problems.add(ambiguousDates(column));
        }
        boolean money = role == Role.AMOUNT || role == Role.DEBIT || role == Role.CREDIT || role == Role.BALANCE;
        if (money && column.ambiguousDecimals()) {
            problems.add(ambiguousDecimals(column));
        }
    }

    static Warning ambiguousDates(Column column) {
        return new Warning(
                "ambiguous_date_format",
                "whether the dates in '" + column.name()
                        + "' name the day or the month first cannot be told; say which");
    }

    static Warning ambiguousDecimals(Column column) {
        return new Warning(
                "ambiguous_decimal_mark",
                "whether numbers in '" + column.name()
                        + "' such as 1.234 are above a thousand cannot be told; say which mark stands before decimals");
    }

    private void unsigned() {
        for (Column column : columns) {
            if (roles[column.index()] == Role.AMOUNT && column.negatives() == 0 && !has(Role.DIRECTION)) {
                warnings.add(new Warning(
                        "no_negative_amounts",
                        "no amount in '" + column.name() + "' is below zero: all are taken as money that came in"));
            }
        }
    }

    private String names() {
        return columns.stream().map(column -> "'" + column.name() + "'").collect(Collectors.joining(", "));
    }

    /// `Kwota (PLN)`, `Betrag in EUR`.
    private @Nullable String currency() {
        for (Column column : columns) {
            @Nullable Role role = roles[column.index()];
            if (role == Role.AMOUNT || role == Role.DEBIT || role == Role.CREDIT) {
                var code = CODE.matcher(column.name());
                while (code.find()) {
                    if (Currencies.isCode(code.group())) {
                        return code.group();
                    }
                }
            }
        }
        return null;
    }
}
