package dev.sluice.realtime;

import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Change;
import dev.sluice.core.Document;
import dev.sluice.core.Event;
import dev.sluice.core.EventLog;
import dev.sluice.core.EventType;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobQuery;
import dev.sluice.core.JobState;
import dev.sluice.core.JobStore;
import dev.sluice.core.Kind;
import dev.sluice.core.NewJob;
import dev.sluice.core.NodeId;
import dev.sluice.core.Owner;
import dev.sluice.core.Progress;
import dev.sluice.core.StagePlan;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// Jobs and their events in memory. Strict: numbers have no gaps, listeners hear them in order, a state changes
/// only as it may, and what is not part of watching is refused.
@NullMarked
final class TestingStore implements JobStore, EventLog {
    private final Clock clock;
    private final String epoch;
    private final Map<JobId, Job> jobs = new LinkedHashMap<>();
    private final List<Event> events = new ArrayList<>();
    private final List<Consumer<List<Event>>> listeners = new ArrayList<>();
    private long floor = 1;
    private long longestRead;
    /// Called after the position was told, before anything else can be read.
    private @Nullable Runnable afterPosition;

    TestingStore(Clock clock, String epoch) {
        this.clock = clock;
        this.epoch = epoch;
    }

    synchronized JobId create(String name, Owner owner) {
        return create(name, name, owner);
    }

    synchronized JobId create(String id, String name, Owner owner) {
        var job = new JobId(id);
        if (jobs.containsKey(job)) {
            throw new IllegalStateException(id + " exists");
        }
        jobs.put(job, job(job, name, owner, JobState.PENDING, null));
        append(job, EventType.CREATED, "");
        return job;
    }

    synchronized JobId run(String name, Owner owner) {
        JobId job = create(name, owner);
        to(job, JobState.RUNNING, EventType.STARTED);
        return job;
    }

    synchronized void to(JobId id, JobState state, EventType type) {
        Job job = Objects.requireNonNull(jobs.get(id));
        if (!job.state().next().contains(state)) {
            throw new IllegalStateException(job.state() + " to " + state);
        }
        jobs.put(id, job(id, job.name(), job.owner(), state, state.ended() ? clock.instant() : null));
        append(id, type, "");
    }

    synchronized void note(JobId job, String text) {
        append(job, EventType.NOTE, text);
    }

    synchronized void forgetUpTo(long seq) {
        floor = seq + 1;
    }

    synchronized void afterPosition(Runnable action) {
        afterPosition = action;
    }

    synchronized long longestRead() {
        return longestRead;
    }

    private void append(JobId id, EventType type, String text) {
        Job job = Objects.requireNonNull(jobs.get(id));
        var event =
                new Event(events.size() + 1, clock.instant(), id, null, job.owner(), job.kind(), type, new Text(text));
        events.add(event);
        listeners.forEach(listener -> listener.accept(List.of(event)));
    }

    private Job job(JobId id, String name, Owner owner, JobState state, @Nullable Instant ended) {
        var empty = new Text("");
        return new Job(
                id,
                new Kind("upload"),
                name,
                owner,
                null,
                state,
                null,
                StagePlan.of(),
                empty,
                empty,
                null,
                0,
                null,
                0,
                1,
                null,
                null,
                1,
                0,
                null,
                null,
                null,
                null,
                0,
                clock.instant(),
                null,
                ended,
                events.size() + 1);
    }

    private record Text(String json) implements Document {
        @Override
        public <T extends Record> T as(Class<T> type) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Map<String, Object> members() {
            return Map.of();
        }
    }

    @Override
    public String epoch() {
        return epoch;
    }

    @Override
    public long position() {
        Runnable action;
        long position;
        synchronized (this) {
            position = events.size();
            action = afterPosition;
            afterPosition = null;
        }
        if (action != null) {
            action.run();
        }
        return position;
    }

    @Override
    public synchronized long floor() {
        return floor;
    }

    @Override
    public synchronized List<Event> read(long after, long upTo, @Nullable JobId job, int limit) {
        if (upTo > events.size() || limit < 1) {
            throw new IllegalArgumentException("up to " + upTo + " of " + events.size());
        }
        var found =
                events
                        .subList((int) Math.max(after, floor - 1), (int) Math.max(upTo, Math.max(after, floor - 1)))
                        .stream()
                        .filter(event -> job == null || event.job().equals(job))
                        .limit(limit)
                        .toList();
        longestRead = Math.max(longestRead, found.size());
        return found;
    }

    @Override
    public synchronized void subscribe(Consumer<List<Event>> listener) {
        listeners.add(listener);
    }

    @Override
    public synchronized Optional<Job> find(JobId id) {
        return Optional.ofNullable(jobs.get(id));
    }

    @Override
    public synchronized List<Job> find(List<JobId> ids) {
        return ids.stream().map(jobs::get).filter(Objects::nonNull).toList();
    }

    @Override
    public synchronized List<JobId> recent(@Nullable Owner owner, Instant since) {
        return jobs.values().stream()
                .filter(job -> owner == null || job.owner().equals(owner))
                .filter(job -> job.ended() == null || !job.ended().isBefore(since))
                .map(Job::id)
                .toList();
    }

    @Override
    public void trim() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Submitted submit(List<NewJob> some, @Nullable NewBatch batch, @Nullable IdempotencyKey key, Instant at) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Job> change(Change change) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Batch> batch(BatchId id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Job> jobsOf(BatchId id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void seal(BatchId id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<BatchCancelled> cancelBatch(BatchId id, CancelSource by, Instant at) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Page list(JobQuery query) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Job> heldBy(Set<NodeId> nodes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public BatchPage batches(@Nullable Owner owner, int limit, @Nullable String after) {
        throw new UnsupportedOperationException("no batches here");
    }

    @Override
    public void unseal(BatchId id) {
        throw new UnsupportedOperationException("no batches here");
    }

    @Override
    public void sealAbandoned(Instant before) {
        throw new UnsupportedOperationException("no batches here");
    }

    @Override
    public List<Job> expired(Instant now, int limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Event> ofBatch(long after, long upTo, BatchId batch, int limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean removeBatch(BatchId id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Job> runnable(Instant now, Turn after, int limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<JobId> queue(Kind kind, int limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean remove(JobId id, @Nullable Leftover leftover, Instant at) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Progress.Sample> history(JobId id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void saveHistory(JobId id, List<Progress.Sample> samples) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Use use(Owner owner, Instant since) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Census> census() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void sync() {
        throw new UnsupportedOperationException();
    }
}
