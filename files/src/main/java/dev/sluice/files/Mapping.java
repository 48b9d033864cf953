package dev.sluice.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Reads a mapping file, which says for each source its target.
///
/// - `.csv`: two columns, separated by commas, semicolons or tabs, whichever the first line has; quotes as in RFC 4180;
///   a first line `source,target` is passed over, and so are empty lines.
/// - `.json`: an array of `{"source": …, "target": …}` or of `[source, target]`, or one object `{source: target, …}`.
///
/// Both in UTF-8, with or without a byte order mark.
final class Mapping {
    static final int MAX_PAIRS = 1_000_000;
    /// Of one source or target: 16 times what Linux takes for a path.
    static final int MAX_LENGTH = 65_536;

    private final Path file;
    private final List<Pair> pairs = new ArrayList<>();

    private Mapping(Path file) {
        this.file = file;
    }

    /// @param line where the source stands in the file, from 1
    /// @param column in characters, from 1
    record Pair(String source, String target, long line, long column) {}

    /// @param how it is opened beside being read: whether a link is followed
    /// @throws ProblemException where the file cannot be read, with the line and column where something in it is wrong
    static List<Pair> read(Path file, OpenOption... how) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        boolean csv = name.endsWith(".csv");
        if (!csv && !name.endsWith(".json")) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "the mapping file " + Quoted.of(file.toString())
                            + " is neither .csv nor .json; name it after what it is");
        }
        var mapping = new Mapping(file);
        try (var text = new MappingText(Files.newInputStream(file, how), mapping)) {
            if (csv) {
                new MappingCsv(mapping).read(text);
            } else {
                new MappingJson(mapping).read(text);
            }
        } catch (NoSuchFileException e) {
            throw new ProblemException(
                    ErrorCode.NOT_FOUND, "the mapping file " + Quoted.of(file.toString()) + " is not there", e);
        } catch (JsonProcessingException e) {
            var where = e.getLocation();
            throw mapping.wrong(
                    where == null ? 1 : where.getLineNr(),
                    where == null ? 1 : where.getColumnNr(),
                    e.getOriginalMessage(),
                    e);
        } catch (IOException e) {
            throw mapping.unreadable(e);
        } catch (UncheckedIOException e) {
            throw mapping.unreadable(e);
        }
        return List.copyOf(mapping.pairs);
    }

    private ProblemException unreadable(Exception e) {
        return new ProblemException(
                ErrorCode.INVALID_REQUEST,
                "the mapping file " + Quoted.of(file.toString()) + " cannot be read: " + e.getMessage(),
                e);
    }

    void add(Pair pair) {
        if (pairs.size() == MAX_PAIRS) {
            throw wrong(
                    pair.line(), pair.column(), "there are more than " + MAX_PAIRS + " rows; make several files of it");
        }
        pairs.add(pair);
    }

    /// Whether there are only pairs of these two sources, each once.
    boolean isOnly(String first, String second) {
        return pairs.size() == 2 && pairs.stream().map(Pair::source).toList().containsAll(List.of(first, second));
    }

    ProblemException wrong(long line, long column, String what) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, at(line, column) + what);
    }

    ProblemException wrong(long line, long column, String what, Throwable cause) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, at(line, column) + what, cause);
    }

    private String at(long line, long column) {
        return file.getFileName() + ", line " + line + ", column " + Math.max(1, column) + ": ";
    }
}
