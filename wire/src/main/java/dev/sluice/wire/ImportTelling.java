package dev.sluice.wire;

import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.Problem;
import dev.sluice.core.Stage;
import dev.sluice.core.Waiting;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What one watcher of a batch of imports is told, message by message: each stage at its start and at its end, in the
/// order in which they came, then how far all is just now, at last how it ended. Somebody who comes late is told the
/// stages that are over, too. Percentages never go back.
///
/// Stages are read off the jobs, which know when each began and ended; so nothing has to be queued while a message is
/// on its way, and none is missed. Not safe for use by many threads.
public final class ImportTelling {
    private final BatchId batch;
    private final Set<ImportStep> passed = new HashSet<>();
    private final ArrayDeque<ImportStep> owed = new ArrayDeque<>();
    private final Map<JobId, Shown> shown = new HashMap<>();
    private List<SeenImport> imports = List.of();
    private boolean cancelled;
    private @Nullable JobId moved;
    private @Nullable ImportMessage last;

    /// How far a file was said to be.
    ///
    /// @param percent 0–100
    /// @param fraction of its stage that is done, 0–1
    private record Shown(double percent, double fraction) {
        static final Shown NOTHING = new Shown(0, 0);
    }

    public ImportTelling(BatchId batch) {
        this.batch = batch;
    }

    /// The latest message of a batch, for those who ask.
    ///
    /// @param now its imports, one at least
    public static ImportMessage latest(Batch batch, List<SeenImport> now, Instant at) {
        var telling = new ImportTelling(batch.id());
        telling.see(batch, now);
        telling.owed.clear();
        return telling.present(at);
    }

    /// This is how they are.
    ///
    /// @param now the imports of the batch in their order; none where there is no such batch
    public void see(@Nullable Batch found, List<SeenImport> now) {
        imports = List.copyOf(now);
        cancelled = found != null && found.cancelledAt() != null;
        var steps = new ArrayList<ImportStep>();
        for (SeenImport one : imports) {
            steps.addAll(ImportStep.of(one.job()));
        }
        steps.sort(ImportStep.IN_ORDER);
        for (ImportStep step : steps) {
            if (passed.add(step)) {
                owed.add(step);
            }
        }
    }

    /// Whether stages are still to be told of what was seen.
    public boolean owes() {
        return !owed.isEmpty();
    }

    /// What is to be told next; empty where all is told.
    public Optional<ImportMessage> next(Instant now) {
        ImportStep step = owed.poll();
        if (step == null && imports.isEmpty()) {
            return Optional.empty();
        }
        ImportMessage message = step == null ? present(now) : step(step, now);
        boolean told = step == null && message.says(last);
        last = message;
        return told ? Optional.empty() : Optional.of(message);
    }

    private ImportMessage step(ImportStep step, Instant now) {
        show(step.job(), new Shown(step.percent(), step.done() ? 1 : 0));
        moved = step.job();
        return message(ImportMessage.PROCESSING, step.stage(), words(step.stage(), step.done()), null, now);
    }

    // ---- Just now

    private ImportMessage present(Instant now) {
        for (SeenImport one : imports) {
            show(one.job().id(), new Shown(one.percent(), one.fraction()));
        }
        if (imports.stream().allMatch(one -> one.job().state().ended())) {
            return end(now);
        }
        SeenImport mover = mover();
        return message(ImportMessage.PROCESSING, stage(mover), doing(mover.job()), null, now);
    }

    private ImportMessage end(Instant now) {
        Optional<SeenImport> failed = imports.stream()
                .filter(one -> one.job().state() == JobState.FAILED)
                .findFirst();
        boolean all = imports.stream().allMatch(one -> one.job().state() == JobState.CANCELLED);
        if (cancelled || all) {
            return message(ImportMessage.CANCELLED, stage(mover()), "Import cancelled", null, now);
        }
        if (failed.isPresent()) {
            moved = failed.get().job().id();
            String why = why(failed.get().job());
            return message(ImportMessage.ERROR, stage(failed.get()), why, why, now);
        }
        return message(ImportMessage.COMPLETED, stage(mover()), done(), null, now);
    }

    private static String stage(SeenImport one) {
        return one.stage().map(Stage::name).orElse(ImportMessage.FIRST_STAGE);
    }

    private static String doing(Job job) {
        return switch (job.state()) {
            case PENDING -> job.waiting() == Waiting.RETRY ? "Waits to try again: " + why(job) : "Waits for its turn";
            case PAUSED -> "Paused";
            case RUNNING, COMPLETED, FAILED, CANCELLED ->
                words(job.stages().current().map(Stage::name).orElse(ImportMessage.FIRST_STAGE), false);
        };
    }

    private static String why(Job job) {
        Problem error = job.error();
        return error == null ? "failed" : error.message();
    }

    private static String words(String stage, boolean done) {
        String what = switch (stage) {
            case "validation" -> "Validating the file";
            case "scanning" -> "Scanning the file";
            case "parsing" -> "Parsing its rows";
            case "database" -> "Writing rows to the database";
            case "categorization" -> "Categorizing transactions";
            default -> stage;
        };
        return done ? what + ": done" : what;
    }

    private String done() {
        long added = imports.stream().mapToLong(SeenImport::added).sum();
        long duplicates = imports.stream().mapToLong(SeenImport::duplicates).sum();
        long rejected = imports.stream().mapToLong(SeenImport::rejected).sum();
        if (added == 0 && duplicates > 0) {
            return "Imported before: nothing is new, " + count(duplicates, "row was", "rows were") + " there already"
                    + (rejected == 0 ? "" : ", " + count(rejected, "row was", "rows were") + " rejected");
        }
        return count(added, "row", "rows") + " added"
                + (duplicates == 0 ? "" : ", " + duplicates + " there already")
                + (rejected == 0 ? "" : ", " + rejected + " rejected");
    }

    private static String count(long number, String one, String more) {
        return number + " " + (number == 1 ? one : more);
    }

    // ---- All files together

    private void show(JobId job, Shown now) {
        Shown before = shown.getOrDefault(job, Shown.NOTHING);
        if (now.percent() > before.percent()) {
            moved = job;
        }
        shown.put(job, new Shown(Math.max(before.percent(), now.percent()), now.fraction()));
    }

    /// The file that moved; before one has, the first.
    private SeenImport mover() {
        return imports.stream()
                .filter(one -> one.job().id().equals(moved))
                .findFirst()
                .orElse(imports.getFirst());
    }

    private ImportMessage message(String status, String stage, String words, @Nullable String error, Instant now) {
        boolean over = !status.equals(ImportMessage.PROCESSING);
        return new ImportMessage(batch.value(), progress(), status, stage, words, details(over), now, error);
    }

    private double progress() {
        double done = 0;
        double weights = 0;
        for (SeenImport one : imports) {
            double weight = Math.max(1, one.size());
            done += weight * shown(one).percent();
            weights += weight;
        }
        return Math.round(done / weights * 100) / 100.0;
    }

    private Shown shown(SeenImport one) {
        return shown.getOrDefault(one.job().id(), Shown.NOTHING);
    }

    private ImportMessage.Details details(boolean over) {
        boolean rows = imports.stream().allMatch(SeenImport::isCounted);
        long processed = 0;
        long total = 0;
        for (SeenImport one : imports) {
            long all = rows ? one.records() : one.size();
            total += all;
            processed += switch (one.job().state()) {
                case COMPLETED -> over ? one.added() : Math.round(shown(one).fraction() * all);
                case FAILED, CANCELLED -> 0;
                case PENDING, RUNNING, PAUSED -> Math.round(shown(one).fraction() * all);
            };
        }
        return new ImportMessage.Details(
                processed,
                total,
                imports.stream().mapToLong(SeenImport::rejected).sum(),
                mover().filename(),
                imports.stream().mapToLong(SeenImport::size).sum());
    }
}
