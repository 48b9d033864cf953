package dev.sluice.imports;

import dev.sluice.core.StopToken;
import dev.sluice.csv.CsvReader;
import dev.sluice.csv.CsvRow;
import dev.sluice.csv.Survey;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// The rows of a file, one for each of its records: good, or rejected. Reads in steps of 128 KiB on the calling
/// thread, each of which asks whether to stop. Used by one thread.
final class ImportedRows implements AutoCloseable {
    private final CsvReader reader;
    private final RowMaker maker;

    private ImportedRows(CsvReader reader, RowMaker maker) {
        this.reader = reader;
        this.maker = maker;
    }

    /// @param bytesRead told after each step how many bytes of the file lie behind it
    /// @throws dev.sluice.core.ProblemException where the file cannot be read
    static ImportedRows open(Path file, Survey survey, RowMaker maker, StopToken stop, LongConsumer bytesRead) {
        return new ImportedRows(CsvReader.open(file, survey, stop, bytesRead), maker);
    }

    /// What the next record is; null: that was the last one.
    ///
    /// @throws dev.sluice.core.Stopped where the token has fired
    /// @throws dev.sluice.core.ProblemException where the file cannot be read, or has changed
    @Nullable
    ImportedRow next() {
        CsvRow row = reader.next();
        if (row == null) {
            return null;
        }
        try {
            return maker.row(row);
        } catch (Rejected e) {
            return new Reject(row.line(), reader.offset(), e.column, e.code, e.message, reader.raw());
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
