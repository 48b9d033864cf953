package dev.sluice.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// One change of one job, made as one transaction: compare-and-set on the state (and on the fencing number,
/// where the writer is the job's own worker), the columns that change, the event that tells of it, the debts
/// that it settles, the jobs that it completes with this one.
///
/// Not safe for use by many threads; built, then handed to [JobStore#change].
public final class Change {
    private final JobId job;
    private final Set<JobState> from;
    private final Instant at;
    private @Nullable Long fence;
    private @Nullable JobState to;
    private boolean voidFence;
    private boolean unlessBatchCancelled;
    private final Map<Column, @Nullable Object> columns = new LinkedHashMap<>();
    private @Nullable Record facts;
    private @Nullable EventType event;
    private Map<String, Object> data = Map.of();
    private final List<DebtId> settled = new ArrayList<>();
    private final Set<JobId> alsoCompleted = new TreeSet<>(Comparator.comparing(JobId::value));

    /// What a change can set beside the state. Each names the type of its value; all may be null but where it
    /// says not.
    public enum Column {
        /// [Waiting].
        WAITING,
        /// [StagePlan], not null.
        STAGES,
        /// A [Record].
        CHECKPOINT,
        /// [Long], not null.
        BYTES,
        /// [Long], not null.
        TOTAL_BYTES,
        /// [Double], not null; only raised, but where it is set to 0.
        PERCENT,
        /// [Integer], not null.
        ATTEMPT,
        /// [Instant].
        NOT_BEFORE,
        /// [NodeId].
        NODE,
        /// [Long], not null.
        PATIENCE_MILLIS,
        /// [Instant].
        EXPIRES,
        /// [Problem].
        ERROR,
        /// [CancelSource].
        CANCELLED_BY,
        /// [CancelReceipt].
        RECEIPT,
        /// [Instant]; set only once.
        STARTED,
        /// [Instant].
        ENDED,
        /// [Long], not null.
        RANK
    }

    private Change(JobId job, Set<JobState> from, Instant at) {
        this.job = job;
        this.from = from;
        this.at = at;
    }

    public static Change of(JobId job, Instant at, JobState first, JobState... rest) {
        return new Change(job, EnumSet.of(first, rest), at);
    }

    /// The writer is the job's worker and loses where the job has a newer fencing number.
    public Change heldBy(long fencingNumber) {
        fence = fencingNumber;
        return this;
    }

    public Change to(JobState state) {
        for (JobState before : from) {
            if (before != state && !before.next().contains(state)) {
                throw new IllegalArgumentException("no job goes from " + before + " to " + state);
            }
        }
        to = state;
        return this;
    }

    /// Raises the fencing number, so that whoever worked on the job can write nothing more.
    public Change voidFence() {
        voidFence = true;
        return this;
    }

    /// Loses where the job's batch is cancelled.
    public Change unlessBatchCancelled() {
        unlessBatchCancelled = true;
        return this;
    }

    public Change set(Column column, @Nullable Object value) {
        columns.put(column, value);
        return this;
    }

    /// Lays the members of `record` over the job's facts.
    public Change facts(Record record) {
        facts = record;
        return this;
    }

    public Change tell(EventType type, Map<String, Object> members) {
        event = type;
        data = members;
        return this;
    }

    public Change settle(DebtId debt) {
        settled.add(debt);
        return this;
    }

    /// Completes another job with this one, unless it has ended by itself.
    public Change alsoComplete(JobId other) {
        alsoCompleted.add(other);
        return this;
    }

    public JobId job() {
        return job;
    }

    public Set<JobState> from() {
        return from;
    }

    public Instant at() {
        return at;
    }

    public @Nullable Long fence() {
        return fence;
    }

    public @Nullable JobState to() {
        return to;
    }

    public boolean voidsFence() {
        return voidFence;
    }

    public boolean losesToBatchCancel() {
        return unlessBatchCancelled;
    }

    public Map<Column, @Nullable Object> columns() {
        return columns;
    }

    public @Nullable Record facts() {
        return facts;
    }

    public @Nullable EventType event() {
        return event;
    }

    public Map<String, Object> data() {
        return data;
    }

    public List<DebtId> settled() {
        return settled;
    }

    /// In the order of their identities, so that two changes never wait for each other.
    public Set<JobId> alsoCompleted() {
        return alsoCompleted;
    }
}
