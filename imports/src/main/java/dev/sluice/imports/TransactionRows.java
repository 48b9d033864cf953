package dev.sluice.imports;

import dev.sluice.core.StopToken;
import dev.sluice.csv.CsvReader;
import dev.sluice.csv.CsvRow;
import dev.sluice.csv.Survey;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// The transactions of a file, one for each of its records: booked, or rejected. Reads in steps of 1 MiB on the calling
/// thread, each of which asks whether to stop. Used by one thread.
public final class TransactionRows implements AutoCloseable {
    private final CsvReader reader;
    private final Bookkeeping bookkeeping;

    private TransactionRows(CsvReader reader, Bookkeeping bookkeeping) {
        this.reader = reader;
        this.bookkeeping = bookkeeping;
    }

    /// @param mapping without problems
    /// @param currency of amounts beside which none stands, as ISO 4217: how many decimals they have; null: two
    /// @param bytesRead told after each step how many bytes of the file lie behind it
    /// @throws dev.sluice.core.ProblemException where the mapping has problems, or the file cannot be read
    public static TransactionRows open(
            Path file,
            Survey survey,
            Mapping mapping,
            @Nullable String currency,
            StopToken stop,
            LongConsumer bytesRead) {
        mapping.check();
        return new TransactionRows(CsvReader.open(file, survey, stop, bytesRead), new Bookkeeping(mapping, currency));
    }

    /// What the next record is; null: that was the last one.
    ///
    /// @throws dev.sluice.core.Stopped where the token has fired
    /// @throws dev.sluice.core.ProblemException where the file cannot be read, or has changed
    public @Nullable ImportedRow next() {
        CsvRow row = reader.next();
        if (row == null) {
            return null;
        }
        try {
            return bookkeeping.booked(row);
        } catch (Bookkeeping.Rejected e) {
            return new Reject(row.line(), reader.offset(), e.column, e.code, e.message, reader.raw());
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
