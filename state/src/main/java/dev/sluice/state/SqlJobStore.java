package dev.sluice.state;

import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.CancelReceipt;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Change;
import dev.sluice.core.Debt;
import dev.sluice.core.DebtId;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.EventType;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobQuery;
import dev.sluice.core.JobState;
import dev.sluice.core.JobStore;
import dev.sluice.core.Kind;
import dev.sluice.core.NewJob;
import dev.sluice.core.NodeId;
import dev.sluice.core.Owner;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Progress;
import dev.sluice.core.StagePlan;
import dev.sluice.core.Waiting;
import dev.sluice.db.Database;
import dev.sluice.db.Times;
import dev.sluice.db.Transaction;
import dev.sluice.db.Unit;
import java.nio.charset.StandardCharsets;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

final class SqlJobStore implements JobStore {
    private static final String LIVE = "state IN ('pending', 'running', 'paused')";
    private static final String OVER = "state IN ('completed', 'failed', 'cancelled')";

    // Among a million jobs that ended, SQLite would look through all of them here, or all of an owner's, if the terms
    // were written more plainly: it takes an equality for better than any range, and an order for better than either.
    static final String RECENT = "SELECT id, created FROM jobs WHERE " + LIVE
            + " UNION ALL SELECT id, created FROM jobs WHERE ended >= :since AND state NOT IN ('pending', 'running', 'paused')";
    static final String RECENT_OF_OWNER = "SELECT id, created FROM jobs WHERE " + LIVE + " AND owner || '' = :owner"
            + " UNION ALL SELECT id, created FROM jobs WHERE ended >= :since AND state NOT IN ('pending', 'running', 'paused')"
            + " AND owner || '' = :owner";
    private static final String COME_TO = "SELECT COUNT(*) AS jobs,"
            + " CAST(COALESCE(SUM(COALESCE(total_bytes, bytes)), 0) AS BIGINT) AS bytes FROM jobs WHERE ";
    static final String OPEN_OF_OWNER = COME_TO + LIVE + " AND owner || '' = :owner";
    static final String BEGUN_BY_OWNER = COME_TO + "owner = :owner AND created >= :since";
    private static final String USE = "SELECT open.jobs, open.bytes, begun.jobs, begun.bytes FROM (" + OPEN_OF_OWNER
            + ") open, (" + BEGUN_BY_OWNER + ") begun";
    static final String HELD = "SELECT * FROM jobs WHERE " + LIVE + " AND node IN (<nodes>)";
    static final String RUNNABLE = """
            SELECT * FROM jobs
            WHERE waiting IN ('slot', 'retry') AND state NOT IN ('running', 'completed', 'failed', 'cancelled')
              AND +expires IS NULL AND node IS NULL AND (not_before IS NULL OR not_before <= :now)
              AND (rank, id) > (:rank, :id)
            ORDER BY rank, id LIMIT :limit
            """;
    static final String QUEUE = """
            SELECT id FROM jobs
            WHERE waiting IN ('slot', 'retry') AND state NOT IN ('running', 'completed', 'failed', 'cancelled')
              AND +expires IS NULL AND kind || '' = :kind
            ORDER BY rank, id LIMIT :limit
            """;
    static final String EXPIRED = """
            SELECT * FROM jobs WHERE state NOT IN ('running', 'completed', 'failed', 'cancelled') AND expires <= :now
            ORDER BY expires LIMIT :limit
            """;

    private static final Set<String> TIMES = Set.of("not_before", "expires", "started", "ended");
    private static final int PAGE = 1_000;
    private static final int SAMPLES = 300;

    private static final String BATCH = """
            SELECT b.*, c.* FROM batches b CROSS JOIN (
              SELECT COUNT(*) AS total,
                     COUNT(started) AS begun,
                     COALESCE(SUM(CASE WHEN state = 'completed' THEN 1 ELSE 0 END), 0) AS completed,
                     COALESCE(SUM(CASE WHEN state = 'failed' THEN 1 ELSE 0 END), 0) AS failed,
                     COALESCE(SUM(CASE WHEN state = 'cancelled' THEN 1 ELSE 0 END), 0) AS cancelled
              FROM jobs WHERE batch = :id
            ) c WHERE b.id = :id
            """;

    private final Database database;
    private final SqlEventLog events;
    private final Ids ids;
    private final Submissions submissions;

    SqlJobStore(Database database, SqlEventLog events, Ids ids, Set<Kind> clientDriven) {
        this.ids = ids;
        this.database = database;
        this.events = events;
        this.submissions = new Submissions(database, events, clientDriven);
    }

    @Override
    public Submitted submit(List<NewJob> jobs, @Nullable NewBatch batch, @Nullable IdempotencyKey key, Instant at) {
        return submissions.submit(jobs, batch, key, at);
    }

    // Changing

    @Override
    public Optional<Job> change(Change change) {
        Unit<Optional<Told>> unit = transaction -> change(transaction, change);
        // Whoever wants something stopped waits for no crowd of other changes.
        boolean stops = change.to() == JobState.CANCELLED || change.to() == JobState.PAUSED;
        Optional<Told> told = stops ? database.writeFirst(unit) : database.write(unit);
        return told.map(Told::committed);
    }

    private Optional<Told> change(Transaction transaction, Change change) {
        Handle handle = transaction.handle();
        if (change.losesToBatchCancel() && inCancelledBatch(handle, change.job())) {
            return Optional.empty();
        }
        var columns = new LinkedHashMap<String, String>();
        var values = new LinkedHashMap<String, @Nullable Object>();
        change.columns().forEach((column, value) -> {
            String name = column.name().toLowerCase(Locale.ROOT);
            columns.put(name, assigned(column, value));
            values.put(name, stored(column, value));
        });
        JobState to = change.to();
        if (to != null) {
            columns.put("state", ":state");
            values.put("state", Rows.word(to));
            if (to.ended()) {
                columns.put("waiting", "NULL");
            }
        }
        if (change.voidsFence()) {
            columns.put("fence", "fence + 1");
        }
        if (columns.isEmpty()) {
            columns.put("fence", "fence");
        }
        String sql = "UPDATE jobs SET "
                + columns.entrySet().stream()
                        .map(column -> column.getKey() + " = " + column.getValue())
                        .collect(Collectors.joining(", "))
                + " WHERE id = :id AND state IN ("
                + change.from().stream()
                        .map(state -> "'" + Rows.word(state) + "'")
                        .collect(Collectors.joining(", "))
                + ")" + (change.fence() == null ? "" : " AND fence = :fence") + " RETURNING *";
        Query update = handle.createQuery(sql).bind("id", change.job().value());
        values.forEach((name, value) -> bind(update, name, value));
        if (change.fence() != null) {
            update.bind("fence", change.fence());
        }
        Optional<Job> changed = update.map((row, context) -> Rows.job(row)).findOne();
        if (changed.isEmpty()) {
            return Optional.empty();
        }
        Job job = merged(handle, changed.get(), change.facts());
        for (DebtId debt : change.settled()) {
            handle.createUpdate("DELETE FROM debts WHERE id = :id")
                    .bind("id", debt.value())
                    .execute();
        }
        EventType event = change.event();
        if (event != null) {
            events.group(transaction).append(job, event, change.data(), change.at());
        }
        change.alsoCompleted().forEach(other -> completeToo(transaction, other, change.at()));
        return Optional.of(events.told(transaction, job));
    }

    /// Locks the job's batch, so that its cancel comes before or after.
    private static boolean inCancelledBatch(Handle handle, JobId job) {
        return handle.createQuery("UPDATE batches SET size = size WHERE id = (SELECT batch FROM jobs WHERE id = :id)"
                        + " RETURNING cancelled_at")
                .bind("id", job.value())
                .map((row, context) -> row.getString("cancelled_at") != null)
                .findOne()
                .orElse(false);
    }

    private void completeToo(Transaction transaction, JobId id, Instant at) {
        Handle handle = transaction.handle();
        handle.createQuery("UPDATE jobs SET state = 'completed', waiting = NULL, node = NULL, expires = NULL,"
                        + " fence = fence + 1, ended = :at WHERE id = :id AND " + LIVE + " RETURNING *")
                .bind("at", Times.micros(at))
                .bind("id", id.value())
                .map((row, context) -> Rows.job(row))
                .findOne()
                .ifPresent(job -> {
                    handle.createUpdate("UPDATE jobs SET stages = :stages WHERE id = :id")
                            .bind("stages", Json.text(job.stages().end(at)))
                            .bind("id", id.value())
                            .execute();
                    events.group(transaction).append(job, EventType.COMPLETED, Map.of("bytes", job.bytes()), at);
                });
    }

    private static Job merged(Handle handle, Job job, @Nullable Record facts) {
        if (facts == null) {
            return job;
        }
        String merged = Json.laidOver(job.facts().json(), facts);
        handle.createUpdate("UPDATE jobs SET facts = :facts WHERE id = :id")
                .bind("facts", merged)
                .bind("id", job.id().value())
                .execute();
        return Rows.job(job, new Rows.Late(merged, job.seq()));
    }

    private static String assigned(Change.Column column, @Nullable Object value) {
        String name = column.name().toLowerCase(Locale.ROOT);
        return switch (column) {
            case STARTED -> "COALESCE(started, :started)";
            case PERCENT ->
                Double.valueOf(0).equals(value)
                        ? ":percent"
                        : "CASE WHEN percent > :percent THEN percent ELSE :percent END";
            default -> ":" + name;
        };
    }

    private static @Nullable Object stored(Change.Column column, @Nullable Object value) {
        return switch (column) {
            case WAITING -> Rows.wordOrNull((Waiting) value);
            case STAGES -> Json.text(required(column, (StagePlan) value));
            case CHECKPOINT -> Json.textOrNull((Record) value);
            case BYTES, TOTAL_BYTES, PATIENCE_MILLIS, RANK -> required(column, (Long) value);
            case PERCENT -> required(column, (Double) value);
            case ATTEMPT -> required(column, (Integer) value);
            case NOT_BEFORE, EXPIRES, STARTED, ENDED -> Times.microsOrNull((Instant) value);
            case NODE -> value == null ? null : ((NodeId) value).value();
            case ERROR -> Json.textOrNull((Problem) value);
            case CANCELLED_BY -> Rows.wordOrNull((CancelSource) value);
            case RECEIPT -> Json.textOrNull((CancelReceipt) value);
        };
    }

    private static <T> T required(Change.Column column, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException(column + " cannot be null");
        }
        return value;
    }

    /// PostgreSQL wants to know the type of a null too.
    private static void bind(Query query, String name, @Nullable Object value) {
        switch (value) {
            case null -> query.bindNull(name, TIMES.contains(name) ? Types.BIGINT : Types.VARCHAR);
            case Long number -> query.bind(name, number);
            case Integer number -> query.bind(name, number);
            case Double number -> query.bind(name, number);
            default -> query.bind(name, value.toString());
        }
    }

    @Override
    public void seal(BatchId id) {
        database.write(
                transaction -> transaction.handle().execute("UPDATE batches SET sealed = 1 WHERE id = ?", id.value()));
    }

    @Override
    public void unseal(BatchId id) {
        database.write(transaction -> transaction
                .handle()
                .execute("UPDATE batches SET sealed = 0 WHERE id = ? AND cancelled_at IS NULL", id.value()));
    }

    @Override
    public void sealAbandoned(Instant before) {
        database.write(transaction -> transaction
                .handle()
                .createUpdate("""
                        UPDATE batches SET sealed = 1
                        WHERE sealed = 0 AND created < :before
                          AND NOT EXISTS (SELECT 1 FROM jobs
                            WHERE jobs.batch = batches.id AND (jobs.ended IS NULL OR jobs.ended >= :before))
                        """)
                .bind("before", Times.micros(before))
                .execute());
    }

    @Override
    public Optional<BatchCancelled> cancelBatch(BatchId id, CancelSource by, Instant at) {
        Optional<CancelledTogether> done = database.writeFirst(transaction -> cancelBatch(transaction, id, by, at));
        return done.map(all -> new BatchCancelled(
                all.batch(), all.jobs().stream().map(Told::committed).toList(), all.alreadyEnded()));
    }

    private record CancelledTogether(Batch batch, List<Told> jobs, int alreadyEnded) {}

    private Optional<CancelledTogether> cancelBatch(Transaction transaction, BatchId id, CancelSource by, Instant at) {
        Handle handle = transaction.handle();
        // Locks the batch: whoever joins comes before or sees it cancelled.
        boolean exists = handle.createUpdate("UPDATE batches SET size = size WHERE id = :id")
                        .bind("id", id.value())
                        .execute()
                == 1;
        if (!exists) {
            return Optional.empty();
        }
        List<Job> cancelled = new ArrayList<>(handle.createQuery("UPDATE jobs SET state = 'cancelled', waiting = NULL,"
                        + " fence = fence + 1, ended = :at, cancelled_by = :by WHERE batch = :batch AND " + LIVE
                        + " RETURNING *")
                .bind("at", Times.micros(at))
                .bind("by", Rows.word(CancelSource.BATCH_CANCEL))
                .bind("batch", id.value())
                .map((row, context) -> Rows.job(row))
                .list());
        Batch before = batch(handle, id).orElseThrow();
        int alreadyEnded = before.counts().total() - cancelled.size();
        // A batch that was over stays what it was.
        boolean over = before.sealed() && cancelled.isEmpty() && before.counts().total() > 0;
        if (!over) {
            handle.createUpdate("""
                            UPDATE batches SET cancelled_at = :at, cancelled_count = :count
                            WHERE id = :id AND cancelled_at IS NULL
                            """)
                    .bind("at", Times.micros(at))
                    .bind("count", cancelled.size())
                    .bind("id", id.value())
                    .execute();
        }
        Set<JobId> owing = owing(handle, id);
        EventGroup group = events.group(transaction);
        List<Told> told = cancelled.stream()
                .map(job -> new Told(
                        job,
                        group.append(
                                job,
                                EventType.CANCELLED,
                                CancelReceipt.atDecision(job.id(), at, 0, job.bytes(), cleanupOf(job, owing), by)
                                        .members(),
                                at)))
                .toList();
        return Optional.of(new CancelledTogether(batch(handle, id).orElseThrow(), told, alreadyEnded));
    }

    private static Set<JobId> owing(Handle handle, BatchId id) {
        return handle.createQuery(
                        "SELECT DISTINCT debts.job FROM debts JOIN jobs ON jobs.id = debts.job WHERE jobs.batch = :batch")
                .bind("batch", id.value())
                .map((row, context) -> new JobId(row.getString("job")))
                .set();
    }

    /// Whoever works on a job may be about to owe something.
    private static CancelReceipt.Cleanup cleanupOf(Job cancelled, Set<JobId> owing) {
        return cancelled.node() == null && !owing.contains(cancelled.id())
                ? CancelReceipt.Cleanup.DONE
                : CancelReceipt.Cleanup.OWED;
    }

    @Override
    public boolean remove(JobId id, @Nullable Leftover leftover, Instant at) {
        DebtId debt = ids.debt();
        return database.write(transaction -> {
            Handle handle = transaction.handle();
            Optional<Job> removed = handle.createQuery("DELETE FROM jobs WHERE id = :id AND " + OVER + " RETURNING *")
                    .bind("id", id.value())
                    .map((row, context) -> Rows.job(row))
                    .findOne();
            removed.ifPresent(job -> {
                handle.createUpdate("DELETE FROM histories WHERE job = :id")
                        .bind("id", id.value())
                        .execute();
                events.group(transaction).append(job, EventType.REMOVED, Map.of(), at);
                if (leftover != null) {
                    SqlDebtStore.insert(
                            transaction, debt, id, leftover.type(), Debt.When.NOW, Json.text(leftover.detail()), at);
                }
            });
            return removed.isPresent();
        });
    }

    @Override
    public boolean removeBatch(BatchId id) {
        return database.write(transaction ->
                transaction.handle().createUpdate("""
                        DELETE FROM batches WHERE id = :id AND sealed = 1
                        AND NOT EXISTS (SELECT 1 FROM jobs WHERE batch = :id)
                        """).bind("id", id.value()).execute() == 1);
    }

    // Reading

    @Override
    public Optional<Job> find(JobId id) {
        return database.read(handle -> one(handle, id.value()));
    }

    @Override
    public List<Job> find(List<JobId> ids) {
        if (ids.isEmpty()) {
            return List.of();
        }
        Map<JobId, Job> found = database.read(handle -> handle.createQuery("SELECT * FROM jobs WHERE id IN (<ids>)")
                .bindList("ids", ids.stream().map(JobId::value).toList())
                .map((row, context) -> Rows.job(row))
                .collect(Collectors.toMap(Job::id, Function.identity())));
        return ids.stream().map(found::get).filter(Objects::nonNull).toList();
    }

    static Optional<Job> one(Handle handle, String id) {
        return handle.createQuery("SELECT * FROM jobs WHERE id = :id")
                .bind("id", id)
                .map((row, context) -> Rows.job(row))
                .findOne();
    }

    @Override
    public Optional<Batch> batch(BatchId id) {
        return database.read(handle -> batch(handle, id));
    }

    private static Optional<Batch> batch(Handle handle, BatchId id) {
        return handle.createQuery(BATCH)
                .bind("id", id.value())
                .map((row, context) -> Rows.batch(row))
                .findOne();
    }

    @Override
    public List<Job> jobsOf(BatchId id) {
        return database.read(handle -> handle.createQuery("SELECT * FROM jobs WHERE batch = :batch ORDER BY place")
                .bind("batch", id.value())
                .map((row, context) -> Rows.job(row))
                .list());
    }

    @Override
    public Page list(JobQuery query) {
        Position after = query.after() == null ? null : Position.of(query.after());
        int limit = Math.clamp(query.limit(), 1, PAGE);
        String sql = "SELECT * FROM jobs WHERE 1 = 1"
                + (query.kind() == null ? "" : " AND kind = :kind")
                + (query.state() == null ? "" : " AND state = :state")
                + (query.batch() == null ? "" : " AND batch = :batch")
                + (query.owner() == null ? "" : " AND owner = :owner")
                + (query.text() == null ? "" : " AND sought LIKE :text ESCAPE '!'")
                + (after == null ? "" : " AND (created, id) < (:created, :id)")
                + " ORDER BY created DESC, id DESC LIMIT :limit";
        List<Job> found = database.read(handle -> {
            Query select = handle.createQuery(sql).bind("limit", limit + 1);
            if (query.kind() != null) {
                select.bind("kind", query.kind().value());
            }
            if (query.state() != null) {
                select.bind("state", Rows.word(query.state()));
            }
            if (query.batch() != null) {
                select.bind("batch", query.batch().value());
            }
            if (query.owner() != null) {
                select.bind("owner", query.owner().name());
            }
            if (query.text() != null) {
                select.bind("text", containing(query.text()));
            }
            if (after != null) {
                select.bind("created", after.created()).bind("id", after.id());
            }
            return select.map((row, context) -> Rows.job(row)).list();
        });
        boolean more = found.size() > limit;
        List<Job> page = more ? found.subList(0, limit) : found;
        return new Page(
                List.copyOf(page), more ? Position.behind(page.getLast()).word() : null);
    }

    @Override
    public BatchPage batches(@Nullable Owner owner, int limit, @Nullable String after) {
        Position from = after == null ? null : Position.of(after);
        int most = Math.clamp(limit, 1, PAGE);
        List<Batch> found = database.read(handle -> {
            Query select = handle.createQuery("SELECT id FROM batches WHERE TRUE"
                            + (owner == null ? "" : " AND owner = :owner")
                            + (from == null ? "" : " AND (created, id) < (:created, :id)")
                            + " ORDER BY created DESC, id DESC LIMIT :limit")
                    .bind("limit", most + 1);
            if (from != null) {
                select.bind("created", from.created()).bind("id", from.id());
            }
            if (owner != null) {
                select.bind("owner", owner.name());
            }
            return select.mapTo(String.class).list().stream()
                    .flatMap(id -> batch(handle, new BatchId(id)).stream())
                    .toList();
        });
        boolean more = found.size() > most;
        List<Batch> page = more ? found.subList(0, most) : found;
        return new BatchPage(
                List.copyOf(page), more ? Position.behind(page.getLast()).word() : null);
    }

    private static String containing(String text) {
        return "%" + text.toLowerCase(Locale.ROOT).replaceAll("[!%_]", "!$0") + "%";
    }

    /// Where a page ended.
    private record Position(long created, String id) {
        static final Comparator<Position> OLDEST_FIRST =
                Comparator.comparingLong(Position::created).thenComparing(Position::id);

        static Position behind(Job last) {
            return new Position(Times.micros(last.created()), last.id().value());
        }

        static Position behind(Batch last) {
            return new Position(Times.micros(last.created()), last.id().value());
        }

        static Position of(String word) {
            try {
                String text = new String(Base64.getUrlDecoder().decode(word), StandardCharsets.UTF_8);
                int colon = text.indexOf(':');
                return new Position(
                        Long.parseLong(text, 0, Math.max(colon, 0), 10), new JobId(text.substring(colon + 1)).value());
            } catch (IllegalArgumentException e) {
                throw new ProblemException(
                        ErrorCode.INVALID_REQUEST, "`after` is not the `next` of an earlier page: " + word, e);
            }
        }

        String word() {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString((created + ":" + id).getBytes(StandardCharsets.UTF_8));
        }
    }

    @Override
    public List<JobId> recent(@Nullable Owner owner, Instant since) {
        List<Position> found = database.read(handle -> handle.createQuery(owner == null ? RECENT : RECENT_OF_OWNER)
                .bind("owner", owner == null ? null : owner.name())
                .bind("since", Times.micros(since))
                .map((row, context) -> new Position(row.getLong("created"), row.getString("id")))
                .list());
        return found.stream()
                .sorted(Position.OLDEST_FIRST.reversed())
                .map(position -> new JobId(position.id()))
                .toList();
    }

    @Override
    public List<Job> heldBy(Set<NodeId> nodes) {
        if (nodes.isEmpty()) {
            return List.of();
        }
        return database.read(handle -> handle.createQuery(HELD)
                .bindList("nodes", nodes.stream().map(NodeId::value).toList())
                .map((row, context) -> Rows.job(row))
                .list());
    }

    @Override
    public List<Job> expired(Instant now, int limit) {
        return database.read(handle -> handle.createQuery(EXPIRED)
                .bind("now", Times.micros(now))
                .bind("limit", limit)
                .map((row, context) -> Rows.job(row))
                .list());
    }

    @Override
    public List<Job> runnable(Instant now, Turn after, int limit) {
        return database.read(handle -> handle.createQuery(RUNNABLE)
                .bind("now", Times.micros(now))
                .bind("rank", after.rank())
                .bind("id", after.id())
                .bind("limit", limit)
                .map((row, context) -> Rows.job(row))
                .list());
    }

    @Override
    public List<JobId> queue(Kind kind, int limit) {
        return database.read(handle -> handle.createQuery(QUEUE)
                .bind("kind", kind.value())
                .bind("limit", limit)
                .map((row, context) -> new JobId(row.getString("id")))
                .list());
    }

    @Override
    public List<Census> census() {
        return database.read(handle -> handle.createQuery(
                        "SELECT kind, state, COUNT(*) AS jobs FROM jobs GROUP BY kind, state ORDER BY kind, state")
                .map((row, context) -> new Census(
                        new Kind(row.getString("kind")),
                        Rows.constant(JobState.class, row.getString("state")),
                        row.getLong("jobs")))
                .list());
    }

    @Override
    public Use use(Owner owner, Instant since) {
        return database.read(handle -> handle.createQuery(USE)
                .bind("owner", owner.name())
                .bind("since", Times.micros(since))
                .map((row, context) -> new Use(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)))
                .one());
    }

    // Histories

    @Override
    public List<Progress.Sample> history(JobId id) {
        return database.read(handle -> handle.createQuery("SELECT samples FROM histories WHERE job = :job")
                        .bind("job", id.value())
                        .mapTo(String.class)
                        .findOne())
                .map(text -> Arrays.stream(Json.read(text, double[][].class))
                        .map(sample -> new Progress.Sample(
                                Times.instant((long) sample[0]), sample[1], (long) sample[2], sample[3]))
                        .toList())
                .orElse(List.of());
    }

    @Override
    public void saveHistory(JobId id, List<Progress.Sample> samples) {
        String text = Json.text(thinned(samples).stream()
                .map(sample -> List.of(Times.micros(sample.at()), sample.percent(), sample.bytes(), sample.rate()))
                .toList());
        database.write(transaction -> transaction
                .handle()
                .createUpdate("""
                        INSERT INTO histories (job, samples) SELECT id, CAST(:samples AS TEXT) FROM jobs WHERE id = :job
                        ON CONFLICT (job) DO UPDATE SET samples = excluded.samples
                        """)
                .bind("samples", text)
                .bind("job", id.value())
                .execute());
    }

    private static List<Progress.Sample> thinned(List<Progress.Sample> samples) {
        int count = samples.size();
        return count <= SAMPLES
                ? samples
                : IntStream.range(0, SAMPLES)
                        .mapToObj(i -> samples.get((int) ((long) i * (count - 1) / (SAMPLES - 1))))
                        .toList();
    }

    @Override
    public void sync() {
        database.sync();
    }
}
