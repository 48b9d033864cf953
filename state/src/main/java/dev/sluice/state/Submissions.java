package dev.sluice.state;

import dev.sluice.core.CancelReceipt;
import dev.sluice.core.CancelSource;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.EventType;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.JobStore.IdempotencyKey;
import dev.sluice.core.JobStore.NewBatch;
import dev.sluice.core.JobStore.Submitted;
import dev.sluice.core.Kind;
import dev.sluice.core.NewJob;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Waiting;
import dev.sluice.db.Database;
import dev.sluice.db.Times;
import dev.sluice.db.Transaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Makes jobs and their batches: each submission one transaction, made once however often it comes under the
/// same idempotency key.
final class Submissions {
    private final Database database;
    private final SqlEventLog events;
    private final Set<Kind> clientDriven;

    Submissions(Database database, SqlEventLog events, Set<Kind> clientDriven) {
        this.database = database;
        this.events = events;
        this.clientDriven = clientDriven;
    }

    Submitted submit(List<NewJob> jobs, @Nullable NewBatch batch, @Nullable IdempotencyKey key, Instant at) {
        Made made = database.write(transaction -> {
            List<Job> earlier = key == null ? null : earlier(transaction, jobs, key, at);
            return earlier == null
                    ? new Made(make(transaction, jobs, batch, at), false)
                    : new Made(
                            earlier.stream()
                                    .map(job -> events.told(transaction, job))
                                    .toList(),
                            true);
        });
        return new Submitted(made.jobs().stream().map(Told::committed).toList(), made.repeated());
    }

    private record Made(List<Told> jobs, boolean repeated) {}

    /// What the first submission under the key has made; null where this is the first.
    private @Nullable List<Job> earlier(Transaction transaction, List<NewJob> jobs, IdempotencyKey key, Instant at) {
        Handle handle = transaction.handle();
        String ids = Json.text(jobs.stream().map(job -> job.id().value()).toList());
        boolean first = handle.createQuery("""
                        INSERT INTO submissions (owner, word, fingerprint, jobs, at)
                        VALUES (:owner, :word, :fingerprint, :jobs, :at)
                        ON CONFLICT (owner, word) DO UPDATE
                        SET fingerprint = excluded.fingerprint, jobs = excluded.jobs, at = excluded.at
                        WHERE submissions.at < :since
                        RETURNING word
                        """)
                .bind("owner", key.owner().name())
                .bind("word", key.key())
                .bind("fingerprint", key.fingerprint())
                .bind("jobs", ids)
                .bind("at", Times.micros(at))
                .bind("since", SqlEventLog.submissionsKeptSince(at))
                .mapTo(String.class)
                .findOne()
                .isPresent();
        if (first) {
            return null;
        }
        Submission found = handle.createQuery(
                        "SELECT fingerprint, jobs FROM submissions WHERE owner = :owner AND word = :word")
                .bind("owner", key.owner().name())
                .bind("word", key.key())
                .map((row, context) -> new Submission(
                        row.getString("fingerprint"), List.of(Json.read(row.getString("jobs"), String[].class))))
                .one();
        if (!found.fingerprint().equals(key.fingerprint())) {
            throw new ProblemException(
                    ErrorCode.CONFLICT, "the idempotency key " + key.key() + " was used for another request");
        }
        List<Job> made = found.jobs().stream()
                .flatMap(id -> SqlJobStore.one(handle, id).stream())
                .toList();
        if (made.size() < found.jobs().size()) {
            throw removedSince(key, found.jobs(), made);
        }
        return made;
    }

    private static ProblemException removedSince(IdempotencyKey key, List<String> jobs, List<Job> left) {
        Set<String> there = left.stream().map(job -> job.id().value()).collect(Collectors.toSet());
        List<String> removed = jobs.stream().filter(id -> !there.contains(id)).toList();
        String first = removed.getFirst() + (removed.size() == 1 ? "" : " and " + (removed.size() - 1) + " more");
        return new ProblemException(
                ErrorCode.GONE,
                "of the " + jobs.size() + " jobs that were made under the idempotency key " + key.key() + ", "
                        + removed.size() + " were removed since (" + first + "); submit anew under another key",
                Map.of("removed", removed));
    }

    private record Submission(String fingerprint, List<String> jobs) {}

    private List<Told> make(Transaction transaction, List<NewJob> jobs, @Nullable NewBatch fresh, Instant at) {
        Handle handle = transaction.handle();
        // By their ids in order, so that two submissions never wait for each other.
        var joined = new TreeMap<String, Joined>();
        Map<String, List<NewJob>> byBatch = jobs.stream()
                .filter(job -> job.batch() != null)
                .collect(Collectors.groupingBy(job -> String.valueOf(job.batch()), TreeMap::new, Collectors.toList()));
        if (fresh != null) {
            byBatch.computeIfAbsent(fresh.id().value(), missing -> List.of());
        }
        byBatch.forEach((id, joining) -> joined.put(id, join(handle, id, joining, fresh, at)));
        var made = new ArrayList<Told>(jobs.size());
        for (NewJob job : jobs) {
            Joined batch = job.batch() == null ? null : joined.get(job.batch().value());
            made.add(insert(transaction, job, batch, at));
        }
        return made;
    }

    /// A batch that takes in jobs. Its row stays locked until the commit, so that its cancel comes before or
    /// after.
    private static final class Joined {
        final boolean cancelled;
        int next;

        Joined(boolean cancelled, int next) {
            this.cancelled = cancelled;
            this.next = next;
        }
    }

    private static Joined join(Handle handle, String id, List<NewJob> jobs, @Nullable NewBatch fresh, Instant at) {
        boolean made = fresh != null
                && fresh.id().value().equals(id)
                && handle.createUpdate("""
                                INSERT INTO batches (id, owner, kind, sealed, size, created)
                                VALUES (:id, :owner, :kind, 0, 0, :at) ON CONFLICT (id) DO NOTHING
                                """)
                                .bind("id", id)
                                .bind("owner", fresh.owner().name())
                                .bind("kind", fresh.kind().value())
                                .bind("at", Times.micros(at))
                                .execute()
                        == 1;
        boolean seal = fresh != null && fresh.id().value().equals(id) && fresh.sealed();
        Found found = handle.createQuery("""
                        UPDATE batches SET size = size + :more WHERE id = :id
                        RETURNING owner, sealed, size, cancelled_at
                        """)
                .bind("id", id)
                .bind("more", jobs.size())
                .map((row, context) -> new Found(
                        row.getString("owner"),
                        row.getInt("sealed") != 0,
                        row.getInt("size"),
                        row.getString("cancelled_at") != null))
                .findOne()
                .orElseThrow(() -> noBatch(id));
        boolean foreign = jobs.stream().anyMatch(job -> !job.owner().name().equals(found.owner()))
                || (fresh != null
                        && fresh.id().value().equals(id)
                        && !fresh.owner().name().equals(found.owner()));
        if (foreign) {
            throw noBatch(id);
        }
        if (!made && found.sealed()) {
            throw new ProblemException(ErrorCode.CONFLICT, "batch " + id + " is complete, nothing joins it any more");
        }
        if (seal) {
            handle.createUpdate("UPDATE batches SET sealed = 1 WHERE id = :id")
                    .bind("id", id)
                    .execute();
        }
        return new Joined(found.cancelled(), found.size() - jobs.size());
    }

    private record Found(String owner, boolean sealed, int size, boolean cancelled) {}

    private static ProblemException noBatch(String id) {
        return new ProblemException(ErrorCode.NOT_FOUND, "there is no batch " + id);
    }

    /// The job, told of as created, and once more where it was born cancelled: the last one counts.
    private Told insert(Transaction transaction, NewJob job, @Nullable Joined batch, Instant at) {
        boolean born = batch != null && batch.cancelled;
        Waiting waiting =
                born ? null : job.runs() ? Waiting.SLOT : clientDriven.contains(job.kind()) ? Waiting.CLIENT : null;
        int place = batch == null ? 0 : batch.next++;
        Job made = transaction
                .handle()
                .createQuery("""
                        INSERT INTO jobs (id, kind, name, sought, owner, batch, place, state, waiting, stages, spec,
                          facts, bytes, total_bytes, attempt, node, fence, patience_millis, expires, cancelled_by, created,
                          ended, not_before, rank, seq)
                        VALUES (:id, :kind, :name, :sought, :owner, :batch, :place, :state, :waiting, :stages, :spec,
                          '{}', 0, :total, 1, :node, 0, :patience, :expires, :cancelledBy, :at,
                          :ended, :notBefore, :rank, 0)
                        ON CONFLICT (id) DO NOTHING
                        RETURNING *
                        """)
                .bind("id", job.id().value())
                .bind("kind", job.kind().value())
                .bind("name", job.name())
                .bind("sought", job.name().toLowerCase(Locale.ROOT))
                .bind("owner", job.owner().name())
                .bind("batch", job.batch() == null ? null : job.batch().value())
                .bind("place", batch == null ? null : (Integer) place)
                .bind("state", Rows.word(born ? JobState.CANCELLED : JobState.PENDING))
                .bind("waiting", Rows.wordOrNull(waiting))
                .bind("stages", Json.text(job.stages()))
                .bind("spec", Json.text(job.spec()))
                .bind("total", job.totalBytes())
                .bind("node", job.node() == null || born ? null : job.node().value())
                .bind("patience", job.patience().toMillis())
                .bind("expires", waiting == Waiting.CLIENT ? (Long) Times.micros(at.plus(job.patience())) : null)
                .bind("cancelledBy", born ? Rows.word(CancelSource.BATCH_CANCEL) : null)
                .bind("at", Times.micros(at))
                .bind("notBefore", Times.microsOrNull(job.notBefore()))
                .bind("rank", Times.micros(at) * Job.RANKS_PER_MICRO + Math.min(place, Job.RANKS_PER_MICRO - 1))
                .bind("ended", born ? (Long) Times.micros(at) : null)
                .map((row, context) -> Rows.job(row))
                .findOne()
                .orElseThrow(() -> new ProblemException(ErrorCode.CONFLICT, "there is a job " + job.id() + " already"));
        var members = new LinkedHashMap<String, @Nullable Object>();
        members.put("name", job.name());
        members.put("batch", job.batch());
        members.put("totalBytes", job.totalBytes());
        EventGroup group = events.group(transaction);
        EventGroup.Pending last = group.append(made, EventType.CREATED, members, at);
        if (born) {
            var receipt = CancelReceipt.atDecision(
                    made.id(), at, 0, 0, CancelReceipt.Cleanup.DONE, CancelSource.BATCH_CANCEL);
            last = group.append(made, EventType.CANCELLED, receipt.members(), at);
        }
        return new Told(made, last);
    }
}
