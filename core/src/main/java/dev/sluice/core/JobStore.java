package dev.sluice.core;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where jobs and batches are kept. Every writing call is one transaction that survives the death of this
/// process once it has returned; [#sync()] makes all that was written before it survive a power cut too. Safe
/// for use by many threads.
///
/// Calls throw [ProblemException] with `state_unavailable` where the database cannot be reached or written.
public interface JobStore {
    /// What a submission made, or what the first one under the same key had made.
    record Submitted(List<Job> jobs, boolean repeated) {}

    /// The client's word for one submission: a second one under it makes nothing.
    ///
    /// @param fingerprint tells whether the second one asks for the same
    record IdempotencyKey(Owner owner, String key, String fingerprint) {}

    /// A page of jobs, and the word that asks for the next one.
    record Page(List<Job> jobs, @Nullable String next) {}

    /// What the cancel of a batch did.
    record BatchCancelled(Batch batch, List<Job> cancelled, int alreadyEnded) {}

    /// Makes jobs, and their batch where `batch` is new; jobs that join a cancelled batch are born cancelled.
    ///
    /// @throws ProblemException `conflict` where an id is taken, the batch is sealed or the key was used for
    ///     something else; `gone` where the key was used and a job that was made under it is removed
    Submitted submit(List<NewJob> jobs, @Nullable NewBatch batch, @Nullable IdempotencyKey key, Instant at);

    /// A batch to be made.
    record NewBatch(BatchId id, Owner owner, Kind kind, boolean sealed) {}

    Optional<Job> find(JobId id);

    /// Those of a few hundred jobs that there are, in the order of `ids`.
    List<Job> find(List<JobId> ids);

    /// Makes the change where the job is in one of its `from` states and the fencing number, if given, still
    /// stands.
    ///
    /// @return the job as it then is, or nothing where the change lost
    Optional<Job> change(Change change);

    Optional<Batch> batch(BatchId id);

    /// Lets no job join the batch any more.
    void seal(BatchId id);

    /// Lets jobs join the batch again, unless it is cancelled.
    void unseal(BatchId id);

    /// Seals batches that a request left open: made before `before`, with no job that has not ended or that
    /// ended since.
    void sealAbandoned(Instant before);

    /// The jobs of a batch in the order in which they were submitted.
    List<Job> jobsOf(BatchId id);

    /// Cancels every job of the batch that has not ended, and whatever joins later.
    ///
    /// @return nothing where there is no such batch
    Optional<BatchCancelled> cancelBatch(BatchId id, CancelSource by, Instant at);

    Page list(JobQuery query);

    /// A page of batches, newest first, and the word that asks for the next one.
    record BatchPage(List<Batch> batches, @Nullable String next) {}

    /// @param owner only this owner's, or all
    /// @param after the `next` of the page before, or null
    BatchPage batches(@Nullable Owner owner, int limit, @Nullable String after);

    /// The ids of jobs that have not ended, and of those that ended since `since`, newest first.
    ///
    /// @param owner only this owner's, or all
    List<JobId> recent(@Nullable Owner owner, Instant since);

    /// Jobs that some node in `nodes` holds.
    List<Job> heldBy(Set<NodeId> nodes);

    /// Waiting jobs whose patience has run out.
    List<Job> expired(Instant now, int limit);

    /// Forgets a batch that has no jobs any more and that none can join.
    ///
    /// @return whether there was such a one
    boolean removeBatch(BatchId id);

    /// A job's place in the order in which jobs are begun.
    record Turn(long rank, String id) {
        /// Before all jobs.
        public static final Turn FIRST = new Turn(Long.MIN_VALUE, "");

        public static Turn of(Job job) {
            return new Turn(job.rank(), job.id().value());
        }
    }

    /// Jobs that wait for a place or for their next attempt, and for no client, whose turn comes behind `after`; those
    /// whose turn comes first before others.
    List<Job> runnable(Instant now, Turn after, int limit);

    /// The jobs of a kind that wait for a place or their next attempt, in the order of their turns.
    List<JobId> queue(Kind kind, int limit);

    /// What a removed job leaves behind, to be taken away by the payer of that type of debt.
    record Leftover(String type, Record detail) {}

    /// Forgets an ended job and tells of it; what it leaves becomes a debt that is due at once.
    ///
    /// @return false where there is no such job or it has not ended
    boolean remove(JobId id, @Nullable Leftover leftover, Instant at);

    /// Progress samples of a job, oldest first.
    List<Progress.Sample> history(JobId id);

    void saveHistory(JobId id, List<Progress.Sample> samples);

    /// How many jobs there are by kind and state.
    List<Census> census();

    record Census(Kind kind, JobState state, long jobs) {}

    /// What one owner's jobs come to.
    ///
    /// @param since when the day began
    Use use(Owner owner, Instant since);

    /// Jobs and their bytes, as far as they are known.
    ///
    /// @param open that have not ended
    /// @param begun since the day began
    record Use(long open, long openBytes, long begun, long begunBytes) {
        /// With further jobs.
        public Use plus(long jobs, long bytes) {
            return new Use(
                    open + jobs, Math.addExact(openBytes, bytes), begun + jobs, Math.addExact(begunBytes, bytes));
        }
    }

    /// Returns once everything written before this call is on disk.
    void sync();
}
