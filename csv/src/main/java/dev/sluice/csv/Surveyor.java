package dev.sluice.csv;

import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Finds out how a CSV file is to be read: looks at its first 256 KiB to find encoding, dialect and header, then goes
/// through all of it once. Safe for use by many threads.
///
/// What can be read in several ways and shows nothing for one of them is said to be ambiguous, and never guessed.
public final class Surveyor {
    private final Predicate<String> headerWord;

    /// @param headerWord whether a text is known as the name of a column
    public Surveyor(Predicate<String> headerWord) {
        this.headerWord = headerWord;
    }

    public Surveyor() {
        this(word -> false);
    }

    /// Reads in steps of 128 KiB on the calling thread, each of which asks whether to stop.
    ///
    /// @param bytesRead told after each step how many bytes of the file lie behind it
    /// @throws dev.sluice.core.Stopped where the token has fired
    /// @throws ProblemException `malformed` where the file is no table; its detail `reason` is one of `empty_file`,
    ///     `only_header`, `no_table`, `nul_bytes`, `unclosed_quote`, `too_many_columns`, `record_too_long`,
    ///     `field_too_long`, and `line` says where
    public Survey survey(Path file, Overrides overrides, StopToken stop, LongConsumer bytesRead) {
        try {
            return new Run(file, overrides, stop, bytesRead).survey();
        } catch (UncheckedIOException e) {
            throw CsvFile.unreadable(file, e);
        } catch (IOException e) {
            throw CsvFile.unreadable(file, e);
        }
    }

    /// One survey.
    private final class Run {
        private final Path file;
        private final Overrides overrides;
        private final StopToken stop;
        private final LongConsumer bytesRead;
        private final List<Warning> warnings = new ArrayList<>();
        /// A file that has to be gone through again is not told to go back.
        private long furthest;

        Run(Path file, Overrides overrides, StopToken stop, LongConsumer bytesRead) {
            this.file = file;
            this.overrides = overrides;
            this.stop = stop;
            this.bytesRead = read -> {
                if (read > furthest) {
                    furthest = read;
                    bytesRead.accept(read);
                }
            };
        }

        Survey survey() throws IOException {
            stop.check();
            Head head = Head.read(file, overrides.encoding());
            if (head.text().isBlank() && head.whole()) {
                throw Malformed.because(
                        "empty_file", 0, head.size() == 0 ? "the file is empty" : "the file holds nothing but spaces");
            }
            refuseNuls(head);
            Preface preface = Preface.of(head.text(), overrides.skipLines());
            Character delimiter = overrides.delimiter() == null ? preface.delimiter() : overrides.delimiter();
            Dialects dialects =
                    Dialects.of(preface.rest(), preface.lines(), head.whole(), delimiter, overrides.quote());
            Candidate best = dialects.best();
            if (best.first().isEmpty()) {
                throw endless(head, best, preface.lines() + 1);
            }
            refuseProse(best, preface);
            TableStart start = TableStart.of(best, overrides.header(), overrides.skipLines() != null, headerWord);
            return scan(head, dialects, start, best.dialect());
        }

        private Survey scan(Head head, Dialects dialects, TableStart start, Dialect dialect) throws IOException {
            long offset;
            try (var lines = new Lines(file, head.encoding())) {
                offset = lines.offset(start.line());
            }
            var scan = new TableScan(start.columns(), dialect.delimiter());
            DecodedFile text = open(head, offset);
            try (var records = new Records(text, dialect, start.line() - 1, true)) {
                scan.run(records, start.header(), Long.MAX_VALUE);
            } catch (Records.TextAfterQuote e) {
                warnings.add(new Warning(
                        "text_after_quote",
                        "line " + e.line + " has text behind a closing quote; it is taken as part of the field",
                        e.line));
                return scan(head, dialects, start, dialect.lenient(true));
            } catch (Records.Endless e) {
                throw endless(head, e);
            } catch (UncheckedIOException e) {
                throw translated(head, e);
            }
            if (scan.records() == 0) {
                throw onlyHeader(start);
            }
            Encoding encoding = encoding(head, text);
            if (scan.wantsAnother()) {
                scan = again(scan, head, offset, start, dialect);
            }
            List<String> names = names(encoding, offset, start, dialect);
            return new Report(head, dialects, start, dialect, encoding, scan, names, overrides, warnings)
                    .survey(offset);
        }

        private DecodedFile open(Head head, long offset) throws IOException {
            return new DecodedFile(file, offset, head.encoding().charset(), head.undecided(), true, stop, bytesRead);
        }

        /// Without the footer, which has now been found.
        private TableScan again(TableScan first, Head head, long offset, TableStart start, Dialect dialect)
                throws IOException {
            var scan = new TableScan(start.columns(), dialect.delimiter());
            try (var records = new Records(open(head, offset), dialect, start.line() - 1, true)) {
                scan.run(records, start.header(), first.records());
            }
            scan.keepFooter(first);
            return scan;
        }

        private List<String> names(Encoding encoding, long offset, TableStart start, Dialect dialect)
                throws IOException {
            var names = new ArrayList<String>();
            @Nullable CsvRow row = null;
            var text = new DecodedFile(file, offset, encoding.charset(), false, false, stop, read -> {});
            try (var records = new Records(text, dialect, start.line() - 1, true)) {
                if (start.header()) {
                    row = records.next();
                }
                for (int i = 0; i < start.columns(); i++) {
                    names.add(row == null || row.blank(i) ? "column " + (i + 1) : row.text(i));
                }
            }
            return names;
        }

        private Encoding encoding(Head head, DecodedFile text) throws IOException {
            Encoding begun = head.encoding();
            boolean utf8 = head.undecided() && text.isUtf8() && begun.charset().equals(StandardCharsets.UTF_8);
            Encoding encoding = !head.undecided() || utf8
                    ? new Encoding(begun.charset(), begun.bom(), false)
                    : new Encoding(DecodedFile.WINDOWS, 0, true);
            if (text.invalid() == 0) {
                return encoding;
            }
            try (var lines = new Lines(file, encoding)) {
                long line = lines.at(text.firstInvalid());
                if (!encoding.assumed()) {
                    warnings.add(new Warning(
                            "invalid_bytes",
                            text.invalid() + " bytes are no "
                                    + encoding.charset().name() + ", the first in line " + line
                                    + "; each is shown as \ufffd",
                            line));
                } else {
                    warnings.add(new Warning(
                            "encoding_assumed",
                            "the file is no UTF-8 (line " + line
                                    + "): it is read as Windows-1252; look whether names are right, or say its encoding",
                            line));
                    if (text.undefined() > 0) {
                        warnings.add(new Warning(
                                "encoding_doubtful",
                                text.undefined()
                                        + " bytes are no characters in Windows-1252 either: it may be another encoding, such as windows-1250",
                                line));
                    }
                }
            }
            return encoding;
        }

        private void refuseProse(Candidate best, Preface preface) {
            boolean told = overrides.delimiter() != null || preface.delimiter() != null;
            if (told || best.even()) {
                return;
            }
            boolean delimited =
                    best.first().stream().anyMatch(row -> row.fields().size() > 1);
            if (delimited) {
                throw noTable();
            }
            warnings.add(new Warning("single_column", "no delimiter was found: all is one column"));
        }

        private ProblemException noTable() {
            return Malformed.because(
                    "no_table",
                    0,
                    "the file is no table: its lines are not cut into the same number of fields by any of , ; | or tab");
        }

        private ProblemException onlyHeader(TableStart start) {
            return Malformed.because(
                    "only_header",
                    start.line(),
                    "the file has no rows: there is nothing below the header in line " + start.line());
        }

        private void refuseNuls(Head head) throws IOException {
            if (head.encoding().unit() == 1 && head.text().indexOf('\0') >= 0) {
                String until = head.text().substring(0, head.text().indexOf('\0') + 1);
                throw nul(until.lines().count());
            }
        }

        private ProblemException nul(long line) {
            return Malformed.because(
                    "nul_bytes", line, "the file holds bytes of zero, the first in line " + line + ": it is no text");
        }

        private RuntimeException translated(Head head, UncheckedIOException e) throws IOException {
            if (e.getCause() instanceof DecodedFile.NulFound found) {
                try (var lines = new Lines(file, head.encoding())) {
                    return nul(lines.at(found.offset));
                }
            }
            return e;
        }

        private ProblemException endless(Head head, Candidate best, long line) throws IOException {
            return endless(
                    head,
                    new Records.Endless(
                            line, new IllegalStateException(best.dialect().toString())));
        }

        private ProblemException endless(Head head, Records.Endless e) throws IOException {
            try (var lines = new Lines(file, head.encoding())) {
                return lines.text(e.line, 1).length() > CsvRow.LONGEST_FIELD
                        ? Malformed.because(
                                "field_too_long",
                                e.line,
                                "a field in line " + e.line + " has more than 65,536 characters, which is the most")
                        : Malformed.unclosed(e.line, e);
            }
        }
    }

    /// What stands above everything else.
    ///
    /// @param lines how many
    /// @param delimiter as the line `sep=;` says it, which Excel writes; null: there is no such line
    private record Preface(long lines, @Nullable Character delimiter, String rest) {
        static Preface of(String text, @Nullable Integer skip) {
            if (skip != null) {
                int at = 0;
                for (int i = 0; i < skip && at < text.length(); i++) {
                    at = lineAfter(text, at);
                }
                return new Preface(skip, null, text.substring(at));
            }
            int end = lineAfter(text, 0);
            String first = text.substring(0, end).strip().replace("\"", "");
            if (first.length() == 5 && first.regionMatches(true, 0, "sep=", 0, 4)) {
                return new Preface(1, first.charAt(4), text.substring(end));
            }
            if (text.substring(0, end).startsWith("sep=\t")) {
                return new Preface(1, '\t', text.substring(end));
            }
            return new Preface(0, null, text);
        }

        private static int lineAfter(String text, int from) {
            for (int i = from; i < text.length(); i++) {
                char c = text.charAt(i);
                if (c == '\n') {
                    return i + 1;
                }
                if (c == '\r') {
                    return i + 1 < text.length() && text.charAt(i + 1) == '\n' ? i + 2 : i + 1;
                }
            }
            return text.length();
        }
    }
}
