package dev.sluice.files;

import dev.sluice.core.BatchId;
import dev.sluice.core.DebtPayer;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobRunner;
import dev.sluice.core.JobStore;
import dev.sluice.core.Kind;
import dev.sluice.core.Meter;
import dev.sluice.core.NewJob;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Stage;
import dev.sluice.core.StagePlan;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes file operations, each one job in a batch of its own, and tells what they would do and have done. All calls may
/// block on disks. Safe for use by many threads.
public final class Operations {
    public static final Kind KIND = new Kind("operation");

    static final String PLAN = "plan";
    static final String TRANSFER = "transfer";
    static final String FINISH = "finish";

    private static final StagePlan STAGES =
            StagePlan.of(new Stage(PLAN, 0, 1), new Stage(TRANSFER, 1, 99), new Stage(FINISH, 99, 99));

    private final Engine engine;
    private final Ids ids;
    private final Journals journals;

    /// @param folder where the journals lie
    public Operations(Engine engine, Path folder, Ids ids) {
        this.engine = engine;
        this.ids = ids;
        this.journals = new Journals(folder);
    }

    /// Who pays what operations leave, by type of debt.
    public static Map<String, DebtPayer> payers(Path folder, JobStore jobs) {
        var journals = new Journals(folder);
        return Map.of(
                OperationDebt.TYPE,
                new OperationPayer(journals, jobs),
                OperationDebt.JOURNAL,
                OperationPayer.ofJournals(journals));
    }

    /// What removing an operation leaves; null where the job is none.
    public static JobStore.@Nullable Leftover journal(Job job) {
        return job.kind().equals(KIND)
                ? new JobStore.Leftover(
                        OperationDebt.JOURNAL,
                        new OperationDebt(spec(job).verb().word()))
                : null;
    }

    /// Who does them.
    public JobRunner runner() {
        return new OperationRunner(journals);
    }

    public static OperationSpec spec(Job job) {
        return job.spec().as(OperationSpec.class);
    }

    /// Makes the job; it begins as soon as there is a place.
    ///
    /// @param batch the client's own word for it, or null
    /// @throws ProblemException `invalid_request` where something about it can be no operation; `conflict` where the
    ///     batch is taken
    public Job submit(OperationSpec spec, Owner owner, @Nullable BatchId batch, @Nullable String idempotencyKey) {
        require(spec);
        BatchId id = batch == null ? ids.batch() : batch;
        var job =
                new NewJob(ids.job(), KIND, name(spec), owner, id, STAGES, spec, null, Duration.ofDays(1), true, null);
        var key =
                idempotencyKey == null ? null : new JobStore.IdempotencyKey(owner, idempotencyKey, "operation " + spec);
        return engine.submit(List.of(job), new JobStore.NewBatch(id, owner, KIND, true), key)
                .jobs()
                .getFirst();
    }

    private static void require(OperationSpec spec) {
        if (!Path.of(spec.base()).isAbsolute()) {
            throw invalid("the folder " + spec.base() + " that paths are meant from is not absolute");
        }
        Long bandwidth = spec.bandwidth();
        if (bandwidth != null && bandwidth <= 0) {
            throw invalid("a bandwidth of " + bandwidth + " bytes a second moves nothing");
        }
        HashKind verify = spec.verify();
        if (spec.manifest() && (verify == null || !verify.inManifests())) {
            throw invalid("a manifest wants xxh64 or md5 as digest"
                    + (verify == null ? "" : "; " + verify.word() + " has no place in it"));
        }
        if (spec.manifest() && spec.verb() == Verb.RENAME) {
            throw invalid("a rename reads no bytes that a manifest could tell of");
        }
        if (spec.undoes() != null) {
            return;
        }
        if (spec.mapping() == null && spec.sources().isEmpty()) {
            throw invalid("the operation has no source");
        }
        if (spec.mapping() != null && !spec.sources().isEmpty()) {
            throw invalid("a mapping names all sources; there can be no others beside it");
        }
        boolean named = spec.mapping() != null || spec.renaming() != null;
        if (!named && (spec.target() == null || spec.target().isBlank())) {
            throw invalid("the operation has no target");
        }
        if (spec.renaming() != null && spec.verb() != Verb.RENAME) {
            throw invalid(
                    "new names are made by rename only, not by " + spec.verb().word());
        }
        if (spec.verb() == Verb.RENAME && !named) {
            throw invalid("rename wants to know how the new names are made");
        }
    }

    private static ProblemException invalid(String message) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, message);
    }

    /// What people see of it in lists.
    private static String name(OperationSpec spec) {
        String first =
                spec.sources().isEmpty() ? spec.mapping() : spec.sources().getFirst();
        String what = first == null ? String.valueOf(spec.undoes()) : first;
        int more = spec.sources().size() - 1;
        String verb = spec.undoes() == null ? spec.verb().word() : "undo";
        return verb + " " + what + (more > 0 ? " and " + more + " more" : "");
    }

    /// What an operation would do, and what stands in its way. Touches nothing.
    ///
    /// @throws ProblemException `invalid_request` where it makes no sense
    /// @throws dev.sluice.core.Stopped where the token fires meanwhile
    public Preview preview(OperationSpec spec, StopToken stop) {
        return preview(spec, journals, ids, stop);
    }

    /// The same where there is no engine, and nobody holds the folder of the journals.
    ///
    /// @param folder where the journals lie
    public static Preview preview(OperationSpec spec, Path folder, StopToken stop) {
        return preview(spec, new Journals(folder), new Ids(Clock.systemUTC()), stop);
    }

    private static Preview preview(OperationSpec spec, Journals journals, Ids ids, StopToken stop) {
        require(spec);
        try (var planner = new Planner(spec, journals, new Temps(ids.job()), stop, new Meter())) {
            return Preview.of(spec, planner.plan());
        } catch (IOException e) {
            throw new ProblemException(Faults.problem("the plan could not be made", e), e);
        }
    }

    /// Makes an operation that takes back what a rename or a move has done.
    ///
    /// @throws ProblemException `not_found`; `conflict` where it has not ended or is a copy, or the key was used for
    ///     something else
    public Job undo(JobId id, Owner owner, @Nullable List<String> within, @Nullable String idempotencyKey) {
        Job job = engine.job(id);
        if (!job.kind().equals(KIND)) {
            throw new ProblemException(ErrorCode.CONFLICT, "job " + id + " is no file operation");
        }
        OperationSpec spec = spec(job);
        if (spec.verb() == Verb.COPY) {
            throw new ProblemException(
                    ErrorCode.CONFLICT, "a copy has left its sources where they were; there is nothing to take back");
        }
        if (!job.state().ended()) {
            throw new ProblemException(
                    ErrorCode.CONFLICT,
                    "operation " + id + " is " + job.state().word() + "; cancel it or wait for its end",
                    Map.of("state", job.state().word()));
        }
        if (Files.notExists(journals.of(id))) {
            throw new ProblemException(ErrorCode.GONE, "what operation " + id + " has done is not known any more");
        }
        return submit(
                new OperationSpec(
                        Verb.MOVE,
                        spec.base(),
                        List.of(),
                        null,
                        null,
                        null,
                        Policy.FAIL,
                        spec.verify(),
                        false,
                        spec.power(),
                        OnCancel.KEEP,
                        spec.bandwidth(),
                        within,
                        id.value()),
                owner,
                null,
                idempotencyKey);
    }

    /// What an operation has done so far, file by file.
    ///
    /// @throws ProblemException `not_found`
    public Report report(JobId id) {
        Job job = engine.job(id);
        Path file = journals.of(id);
        if (Files.notExists(file)) {
            return Report.of(job, spec(job), List.of());
        }
        try (Journal journal = Journal.read(file)) {
            return Report.of(job, spec(job), journal);
        } catch (IOException e) {
            throw new ProblemException(Faults.problem("the journal of " + id + " cannot be read", e), e);
        }
    }
}
