package dev.sluice.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Documents as plain text, as the command line prints them: lines end with `\n`, nothing in a name can move
/// the cursor.
public final class TextTables {
    private static final String NONE = "-";

    private TextTables() {}

    /// One line per job below a head line.
    public static String jobs(List<JobDocument> jobs) {
        if (jobs.isEmpty()) {
            return "No jobs.\n";
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("ID", "KIND", "STATE", "PROGRESS", "SIZE", "RATE", "ETA", "NAME"));
        for (JobDocument job : jobs) {
            rows.add(List.of(
                    job.id(),
                    job.kind(),
                    state(job),
                    percent(job.progress().percent()),
                    size(job.progress().totalBytes()),
                    rate(job.progress().rate()),
                    duration(job.progress().eta()),
                    Texts.printable(job.name())));
        }
        return table(rows);
    }

    /// One line per import below a head line.
    public static String imports(List<ImportListDocument.Row> imports) {
        if (imports.isEmpty()) {
            return "No imports.\n";
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("ID", "CREATED", "ACCOUNT", "ADDED", "THERE", "REJECTED", "UNDONE", "FILE"));
        for (ImportListDocument.Row row : imports) {
            rows.add(List.of(
                    row.id(),
                    Json.time(row.created()),
                    Texts.printable(row.account()),
                    Long.toString(row.added()),
                    Long.toString(row.duplicates()),
                    Long.toString(row.rejected()),
                    row.undone() == null ? NONE : Json.time(row.undone()),
                    Texts.printable(row.filename())));
        }
        return table(rows);
    }

    /// One line per table of one's own below a head line.
    public static String tables(List<TableDocument> tables) {
        if (tables.isEmpty()) {
            return "No tables.\n";
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("NAME", "TABLE", "ROWS", "COLUMNS"));
        for (TableDocument table : tables) {
            rows.add(List.of(
                    table.name(),
                    table.table(),
                    Long.toString(table.rows()),
                    table.columns().stream()
                            .map(column -> column.name() + " " + column.type())
                            .collect(Collectors.joining(", "))));
        }
        return table(rows);
    }

    /// One line per storage below a head line.
    public static String storages(List<StorageListDocument.Storage> storages) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("NAME", "KIND", "DEFAULT", "PLACE"));
        for (StorageListDocument.Storage storage : storages) {
            rows.add(List.of(
                    storage.name(),
                    storage.kind(),
                    storage.standard() ? "yes" : NONE,
                    storage.place() == null ? NONE : Texts.printable(storage.place())));
        }
        return table(rows) + accounts(storages);
    }

    /// Those who can log in.
    public static String users(List<UserDocument> users) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("NAME", "ROLE", "CREATED", "DISABLED"));
        for (UserDocument user : users) {
            rows.add(List.of(
                    user.name(),
                    user.role(),
                    Json.time(user.created()),
                    user.disabled() == null ? NONE : Json.time(user.disabled())));
        }
        return table(rows);
    }

    /// One line per account, below those of the storages.
    private static String accounts(List<StorageListDocument.Storage> storages) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("STORAGE", "ACCOUNT", "STATE", "FREE", "SENT TODAY", "UNTIL", "REASON"));
        for (StorageListDocument.Storage storage : storages) {
            for (AccountDocument account :
                    storage.accounts() == null ? List.<AccountDocument>of() : storage.accounts()) {
                rows.add(List.of(
                        storage.name(),
                        Texts.printable(account.account()),
                        account.state().replace('_', ' '),
                        size(account.free()),
                        size(account.sentToday()),
                        account.until() == null ? NONE : Json.time(account.until()),
                        account.reason() == null ? NONE : Texts.printable(account.reason())));
            }
        }
        return rows.size() == 1 ? "" : "\n" + table(rows);
    }

    /// One job at length: a line for each thing that is known of it.
    public static String job(JobDocument job) {
        JobDocument.Done progress = job.progress();
        List<List<String>> rows = new ArrayList<>();
        row(rows, "ID", job.id());
        row(rows, "Kind", job.kind());
        row(rows, "Name", job.name());
        row(rows, "Batch", job.batch());
        row(rows, "State", state(job));
        row(rows, "Position", job.position() == null ? null : Integer.toString(job.position()));
        row(rows, "Stage", job.stage());
        row(
                rows,
                "Progress",
                percent(progress.percent()) + ", " + size(progress.bytes())
                        + (progress.totalBytes() == null ? "" : " of " + size(progress.totalBytes())));
        row(rows, "Rate", progress.rate() == null ? null : rate(progress.rate()));
        row(rows, "ETA", progress.eta() == null ? null : duration(progress.eta()));
        row(rows, "Attempt", job.attempt() > 1 ? Integer.toString(job.attempt()) : null);
        row(rows, "Source", job.source());
        row(rows, "Target", job.target());
        row(
                rows,
                "Error",
                job.error() == null
                        ? null
                        : job.error().code() + ": " + job.error().message());
        row(rows, "Created", Json.time(job.created()));
        row(rows, "Started", job.started() == null ? null : Json.time(job.started()));
        row(rows, "Ended", job.ended() == null ? null : Json.time(job.ended()));
        row(rows, "Cancelled by", job.cancelledBy());
        return table(rows);
    }

    /// What the cancel of a job did, in a line.
    public static String cancelled(CancelDocument cancel) {
        CancelDocument.Receipt receipt = cancel.receipt();
        return stopped(cancel)
                + (receipt.cleanup().equals("done")
                        ? ", nothing is left"
                        : ", its " + size(receipt.bytesKept()) + " are being deleted")
                + "\n";
    }

    /// What the cancel of a file operation did, in a line.
    ///
    /// @param takesBack whether what was finished goes, too
    public static String cancelledOperation(CancelDocument cancel, boolean takesBack) {
        boolean done = cancel.receipt().cleanup().equals("done");
        String rest = takesBack
                ? done ? "all of it was taken back" : "it is still being taken back"
                : done ? "what was finished stays" : "its disk has not let go yet";
        return stopped(cancel) + ", " + rest + "\n";
    }

    private static String stopped(CancelDocument cancel) {
        CancelDocument.Receipt receipt = cancel.receipt();
        return cancel.id() + " cancelled"
                + (cancel.stopped() == StopWord.PENDING ? " (its node is still being told)" : "")
                + " in " + millis(receipt.requestMillis())
                + (receipt.lastByteMillis() == null ? "" : ", last byte after " + millis(receipt.lastByteMillis()));
    }

    /// What the cancel of a batch did: a line for each job, and one for all.
    public static String cancelled(BatchCancelDocument cancel) {
        return cancel.results().stream().map(TextTables::cancelled).collect(Collectors.joining())
                + "Batch " + cancel.batch() + ": " + cancel.cancelled() + " cancelled, " + cancel.alreadyEnded()
                + " had ended before\n";
    }

    /// `1.5 MiB`: three digits at least where there are any, in powers of 1,024.
    public static String size(@Nullable Long bytes) {
        if (bytes == null) {
            return NONE;
        }
        if (bytes < 1024) {
            return bytes + " B";
        }
        String[] units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
        double value = bytes / 1024.0;
        int unit = 0;
        while (value >= 1023.95 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }

    /// `1:02:03` or `2:03`, seconds rounded up.
    public static String duration(@Nullable Double seconds) {
        if (seconds == null) {
            return NONE;
        }
        long all = (long) Math.ceil(seconds);
        return all < 3600
                ? String.format(Locale.ROOT, "%d:%02d", all / 60, all % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", all / 3600, all / 60 % 60, all % 60);
    }

    private static String state(JobDocument job) {
        return job.waiting() == null ? job.state() : job.state() + " (" + job.waiting() + ")";
    }

    private static String percent(double percent) {
        return String.format(Locale.ROOT, "%.1f %%", Math.floor(percent * 10) / 10);
    }

    private static String rate(@Nullable Long rate) {
        return rate == null ? NONE : size(rate) + "/s";
    }

    private static String millis(double millis) {
        return String.format(Locale.ROOT, "%.1f ms", millis);
    }

    private static void row(List<List<String>> rows, String name, @Nullable String value) {
        if (value != null) {
            rows.add(List.of(name, Texts.printable(value)));
        }
    }

    /// Columns as wide as their widest cell; the last one as it comes.
    private static String table(List<List<String>> rows) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        var text = new StringBuilder();
        for (List<String> row : rows) {
            for (int i = 0; i < columns - 1; i++) {
                text.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 2);
            }
            text.append(row.getLast()).append('\n');
        }
        return text.toString();
    }
}
