package dev.sluice.imports;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.csv.Column;
import dev.sluice.csv.Dialect;
import dev.sluice.csv.Overrides;
import dev.sluice.csv.Survey;
import dev.sluice.csv.Warning;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A file as it was understood, and what its rows are to become.
///
/// @param <R> that which they are to become
sealed interface Reading<R extends ImportedRow> permits BankReading, TableReading {
    /// What becomes of a column of which nothing does.
    String IGNORED = Role.IGNORE.word();

    Survey survey();

    /// What is doubtful about columns.
    List<Warning> doubts();

    /// What keeps the file from being read: a column that is missing, or can be read in several ways.
    List<Warning> problems();

    /// What becomes of each column of the file, as a word.
    List<String> uses();

    /// The table of one's own in which the rows go; null: they are transactions.
    @Nullable
    OwnTable table();

    Class<R> type();

    /// For one pass over the file.
    RowMaker maker();

    /// By what rows are known again, for one pass over the file.
    Function<R, Fingerprint> fingerprints();

    /// Whether equal rows of a file are as many rows as they are, rather than one.
    boolean counted();

    Load.Destination<R> destination();

    /// What else than bytes makes the rows.
    String settings();

    /// Reads all of it: what a profile says is taken for given; of its columns then what is remembered of files with
    /// the same header.
    ///
    /// @param profile how it is to be read; null: nothing is said
    /// @throws ProblemException `malformed` where it is no table; `conflict` where the profile's table has other
    /// columns
    static Reading<?> of(
            Path file, Ledger ledger, Whose whose, @Nullable Profile profile, StopToken stop, LongConsumer bytesRead) {
        Overrides overrides = profile == null ? Overrides.NONE : profile.overrides();
        OwnTable table =
                profile == null || !profile.isTable() ? null : ledger.tables().of(whose.owner(), profile);
        Survey survey = HeaderWords.standard().surveyor().survey(file, overrides, stop, bytesRead);
        if (profile != null && table != null) {
            return TableReading.of(survey, table, profile.zone());
        }
        Map<String, Role> told = profile == null ? Map.of() : profile.roles();
        if (!told.isEmpty()) {
            return new BankReading(survey, Mapping.propose(survey, told), whose);
        }
        Mapping proposed = Mapping.propose(survey);
        Map<String, Role> remembered = ledger.roles(whose.owner(), proposed.header());
        Mapping mapping = remembered.isEmpty() ? proposed : Mapping.propose(survey, remembered);
        return new BankReading(survey, mapping, whose);
    }

    /// What a person should know before its rows are used.
    default List<Warning> warnings() {
        var warnings = new ArrayList<>(survey().warnings());
        warnings.addAll(doubts());
        return List.copyOf(warnings);
    }

    /// @throws ProblemException where there are problems: `ambiguous` where a column can be read in several ways,
    ///     `malformed` where one is missing; its detail `reasons` has their codes
    default void check() {
        if (problems().isEmpty()) {
            return;
        }
        boolean ambiguous =
                problems().stream().allMatch(problem -> problem.code().startsWith("ambiguous"));
        throw new ProblemException(
                new Problem(
                        ambiguous ? ErrorCode.AMBIGUOUS : ErrorCode.MALFORMED,
                        problems().stream().map(Warning::message).collect(Collectors.joining("; ")),
                        Map.of("reasons", problems().stream().map(Warning::code).toList())),
                null);
    }

    /// @param bytesRead told after each step how many bytes of the file lie behind it
    default ImportedRows rows(Path file, StopToken stop, LongConsumer bytesRead) {
        return ImportedRows.open(file, survey(), maker(), stop, bytesRead);
    }

    /// What has to stand above records of the file so that they are read as its own.
    default String head() {
        Survey survey = survey();
        char delimiter = survey.dialect().delimiter();
        String head = "sep=" + delimiter + "\n";
        return survey.header()
                ? head
                        + survey.columns().stream()
                                .map(column -> quoted(column.name(), survey.dialect()))
                                .collect(Collectors.joining(String.valueOf(delimiter)))
                        + "\n"
                : head;
    }

    private static String quoted(String name, Dialect dialect) {
        char quote = dialect.quote() == Dialect.NO_QUOTE ? '"' : dialect.quote();
        boolean plain = name.chars().noneMatch(c -> c == dialect.delimiter() || c == quote || c == '\n' || c == '\r');
        return plain ? name : quote + name.replace(String.valueOf(quote), String.valueOf(quote) + quote) + quote;
    }

    /// The same wherever the same bytes come to the same rows.
    default String digest() {
        Survey survey = survey();
        var text = new StringBuilder()
                .append(survey.encoding().charset())
                .append('\n')
                .append(survey.dialect())
                .append('\n')
                .append(survey.tableLine())
                .append(survey.header())
                .append('\n')
                .append(settings());
        for (Column column : survey.columns()) {
            text.append('\n')
                    .append(uses().get(column.index()))
                    .append(' ')
                    .append(column.dateOrder())
                    .append(' ')
                    .append(column.decimalMark());
        }
        return sha256(text.toString());
    }

    static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
