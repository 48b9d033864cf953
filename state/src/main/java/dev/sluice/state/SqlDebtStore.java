package dev.sluice.state;

import dev.sluice.core.CancelReceipt;
import dev.sluice.core.Debt;
import dev.sluice.core.DebtId;
import dev.sluice.core.DebtStore;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Event;
import dev.sluice.core.EventType;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.NodeId;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.Stopped;
import dev.sluice.db.Database;
import dev.sluice.db.Times;
import dev.sluice.db.Transaction;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

final class SqlDebtStore implements DebtStore {
    private final Database database;
    private final SqlEventLog events;
    private final Ids ids;

    SqlDebtStore(Database database, SqlEventLog events, Ids ids) {
        this.database = database;
        this.events = events;
        this.ids = ids;
    }

    @Override
    public Debt owe(JobId job, long fence, String type, Debt.When when, Record detail, Instant at) {
        DebtId id = ids.debt();
        String text = Json.text(detail);
        return database.write(transaction -> {
            requireHeld(transaction, job, fence);
            return insert(transaction, id, job, type, when, text, at);
        });
    }

    static Debt insert(
            Transaction transaction, DebtId id, JobId job, String type, Debt.When when, String detail, Instant at) {
        return transaction
                .handle()
                .createQuery("""
                        INSERT INTO debts (id, job, number, type, due, detail, created, attempts, not_before)
                        VALUES (:id, :job, (SELECT COALESCE(MAX(number), 0) + 1 FROM debts WHERE job = :job),
                          :type, :due, :detail, :at, 0, :at)
                        RETURNING *
                        """)
                .bind("id", id.value())
                .bind("job", job.value())
                .bind("type", type)
                .bind("due", Rows.word(when))
                .bind("detail", detail)
                .bind("at", Times.micros(at))
                .map((row, context) -> Rows.debt(row))
                .one();
    }

    /// The job, whose row no other transaction changes before this one is over.
    private static Optional<Job> locked(Transaction transaction, JobId job) {
        return transaction
                .handle()
                .createQuery("SELECT * FROM jobs WHERE id = :id" + transaction.lockingRows())
                .bind("id", job.value())
                .map((row, context) -> Rows.job(row))
                .findOne();
    }

    @Override
    public Debt amend(Debt debt, long fence, Debt.When when, Record detail) {
        String text = Json.text(detail);
        Optional<Debt> amended = database.write(transaction -> {
            requireHeld(transaction, debt.job(), fence);
            return transaction
                    .handle()
                    .createQuery("UPDATE debts SET due = :due, detail = :detail WHERE id = :id RETURNING *")
                    .bind("due", Rows.word(when))
                    .bind("detail", text)
                    .bind("id", debt.id().value())
                    .map((row, context) -> Rows.debt(row))
                    .findOne();
        });
        return amended.orElseThrow(
                () -> new ProblemException(ErrorCode.NOT_FOUND, "there is no debt " + debt.id() + " any more"));
    }

    private static void requireHeld(Transaction transaction, JobId job, long fence) {
        if (locked(transaction, job).filter(found -> found.fence() == fence).isEmpty()) {
            throw new Stopped(StopReason.FENCED);
        }
    }

    @Override
    public Taking take(Debt debt, NodeId payer) {
        return database.write(transaction -> {
            Handle handle = transaction.handle();
            boolean due = locked(transaction, debt.job())
                    .map(job -> mayBeTakenBack(job, payer))
                    .orElse(true);
            if (due
                    && handle.createUpdate("""
                                    UPDATE debts SET payer = :payer WHERE id = :id
                                      AND (payer IS NULL OR payer = :payer
                                        OR NOT EXISTS (SELECT 1 FROM nodes WHERE nodes.id = debts.payer))
                                    """)
                                    .bind("payer", payer.value())
                                    .bind("id", debt.id().value())
                                    .execute()
                            == 1) {
                return Taking.GIVEN;
            }
            return of(handle, debt.job()).stream().anyMatch(one -> one.id().equals(debt.id()))
                    ? Taking.REFUSED
                    : Taking.GONE;
        });
    }

    private static boolean mayBeTakenBack(Job job, NodeId payer) {
        return job.state() != JobState.COMPLETED
                && (job.state().ended() || job.node() == null || job.node().equals(payer));
    }

    @Override
    public void strike(DebtId debt, Instant at) {
        database.write(transaction -> {
            strike(transaction, debt, at);
            return debt;
        });
    }

    private void strike(Transaction transaction, DebtId debt, Instant at) {
        Handle handle = transaction.handle();
        Optional<JobId> owing = handle.createQuery("SELECT job FROM debts WHERE id = :id")
                .bind("id", debt.value())
                .map((row, context) -> new JobId(row.getString("job")))
                .findOne();
        if (owing.isEmpty()) {
            return;
        }
        Optional<Job> job = locked(transaction, owing.get());
        boolean struck = handle.createUpdate("DELETE FROM debts WHERE id = :id")
                        .bind("id", debt.value())
                        .execute()
                == 1;
        boolean free = of(handle, owing.get()).isEmpty();
        job.filter(one -> struck && free)
                .filter(one -> one.state() == JobState.CANCELLED || one.state() == JobState.FAILED)
                .ifPresent(one -> events.group(transaction).append(one, EventType.CLEANED, Map.of(), at));
    }

    @Override
    public void tellCleaned(JobId job, Instant at) {
        if (!database.read(handle -> isToBeToldCleaned(handle, job))) {
            return;
        }
        database.write(transaction -> {
            Optional<Job> cancelled = locked(transaction, job);
            cancelled
                    .filter(one -> isToBeToldCleaned(transaction.handle(), one.id()))
                    .ifPresent(one -> events.group(transaction).append(one, EventType.CLEANED, Map.of(), at));
            return cancelled;
        });
    }

    /// Whether the last that was told of it is a receipt by which something is left, and nothing is.
    private static boolean isToBeToldCleaned(Handle handle, JobId job) {
        return of(handle, job).isEmpty()
                && handle.createQuery("""
                                SELECT * FROM events WHERE job = :job AND type IN ('cancelled', 'cleaned')
                                ORDER BY seq DESC LIMIT 1
                                """)
                        .bind("job", job.value())
                        .map((row, context) -> Rows.event(row))
                        .filter(last -> last.type() == EventType.CANCELLED && saysOwed(last))
                        .findOne()
                        .isPresent();
    }

    private static boolean saysOwed(Event cancelled) {
        return cancelled.data().members().get("receipt") instanceof Map<?, ?> receipt
                && CancelReceipt.Cleanup.OWED.word().equals(receipt.get("cleanup"));
    }

    @Override
    public void postpone(DebtId debt, Instant notBefore) {
        database.write(transaction -> transaction
                .handle()
                .createUpdate("UPDATE debts SET attempts = attempts + 1, not_before = :notBefore, payer = NULL"
                        + " WHERE id = :id")
                .bind("notBefore", Times.micros(notBefore))
                .bind("id", debt.value())
                .execute());
    }

    @Override
    public List<Debt> of(JobId job) {
        return database.read(handle -> of(handle, job));
    }

    private static List<Debt> of(Handle handle, JobId job) {
        return handle.createQuery("SELECT * FROM debts WHERE job = :job ORDER BY number DESC")
                .bind("job", job.value())
                .map((row, context) -> Rows.debt(row))
                .list();
    }

    @Override
    public List<JobId> debtors(Instant now, int limit) {
        return database.read(handle -> handle.createQuery("""
                        SELECT d.job FROM debts d LEFT JOIN jobs j ON j.id = d.job
                        WHERE d.not_before <= :now
                          AND (d.due = 'now' OR j.id IS NULL OR j.state IN ('completed', 'failed', 'cancelled')
                            OR (d.due = 'unless_completed' AND j.node IS NULL))
                        GROUP BY d.job ORDER BY MIN(d.not_before), d.job LIMIT :limit
                        """)
                .bind("now", Times.micros(now))
                .bind("limit", limit)
                .map((row, context) -> new JobId(row.getString("job")))
                .list());
    }

    @Override
    public List<Debt> page(@Nullable DebtId after, int limit) {
        return database.read(
                handle -> handle.createQuery("SELECT * FROM debts WHERE id > :after ORDER BY id LIMIT :limit")
                        .bind("after", after == null ? "" : after.value())
                        .bind("limit", limit)
                        .map((row, context) -> Rows.debt(row))
                        .list());
    }

    @Override
    public long count() {
        return database.read(handle -> handle.createQuery("SELECT COUNT(*) FROM debts")
                .mapTo(Long.class)
                .one());
    }
}
