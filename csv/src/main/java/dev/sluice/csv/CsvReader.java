package dev.sluice.csv;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// The records of a file that was surveyed, in its order: those below the header and above the footer, but for
/// those that hold nothing but spaces. Reads in steps of 128 KiB on the calling thread, each of which asks whether to
/// stop. Used by one thread.
public final class CsvReader implements AutoCloseable {
    private final Path file;
    private final Encoding encoding;
    private final Records records;
    private final long total;
    private long left;
    private @Nullable CsvRow row;
    private @Nullable Lines lines;

    private CsvReader(Path file, Encoding encoding, Records records, long total) {
        this.file = file;
        this.encoding = encoding;
        this.records = records;
        this.total = total;
        this.left = total;
    }

    /// @param bytesRead told after each step how many bytes of the file lie behind it
    /// @throws ProblemException where the file cannot be read
    public static CsvReader open(Path file, Survey survey, StopToken stop, LongConsumer bytesRead) {
        try {
            var text = new DecodedFile(
                    file, survey.tableOffset(), survey.encoding().charset(), false, false, stop, bytesRead);
            var records = new Records(text, survey.dialect(), survey.tableLine() - 1, true);
            var reader = new CsvReader(file, survey.encoding(), records, survey.records());
            if (survey.header()) {
                reader.read();
            }
            return reader;
        } catch (IOException e) {
            throw CsvFile.unreadable(file, e);
        }
    }

    /// The next record, always in the same object; null: that was the last one.
    ///
    /// @throws dev.sluice.core.Stopped where the token has fired
    /// @throws ProblemException where the file cannot be read, or is another one than was surveyed
    public @Nullable CsvRow next() {
        if (left == 0) {
            return null;
        }
        left--;
        return read();
    }

    private CsvRow read() {
        try {
            row = records.next();
        } catch (UncheckedIOException e) {
            throw CsvFile.unreadable(file, e);
        } catch (Records.TextAfterQuote | Records.Endless e) {
            throw changed(e);
        }
        if (row == null) {
            throw changed(null);
        }
        return row;
    }

    private ProblemException changed(@Nullable Throwable cause) {
        String message = file.getFileName() + " has changed while it was read: it had " + total + " records";
        return cause == null
                ? new ProblemException(ErrorCode.SOURCE_CHANGED, message)
                : new ProblemException(ErrorCode.SOURCE_CHANGED, message, cause);
    }

    /// Where the record that was read last begins, in bytes. It is looked for in the file: cheap enough for those that
    /// are wrong, not for all.
    public long offset() {
        try {
            return lines().offset(last().line());
        } catch (IOException e) {
            throw CsvFile.unreadable(file, e);
        }
    }

    /// The record that was read last as it stands in the file, without its line end; looked for as [#offset] is.
    public String raw() {
        try {
            return lines().text(last().line(), last().lineBreaks() + 1);
        } catch (IOException e) {
            throw CsvFile.unreadable(file, e);
        }
    }

    private CsvRow last() {
        if (row == null) {
            throw new IllegalStateException("nothing has been read yet");
        }
        return row;
    }

    private Lines lines() throws IOException {
        if (lines == null) {
            lines = new Lines(file, encoding);
        }
        return lines;
    }

    @Override
    public void close() {
        try {
            records.close();
            if (lines != null) {
                lines.close();
            }
        } catch (IOException e) {
            throw CsvFile.unreadable(file, e);
        }
    }
}
