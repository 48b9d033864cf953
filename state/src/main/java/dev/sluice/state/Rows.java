package dev.sluice.state;

import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.CancelReceipt;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Debt;
import dev.sluice.core.DebtId;
import dev.sluice.core.Event;
import dev.sluice.core.EventType;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.Kind;
import dev.sluice.core.NodeId;
import dev.sluice.core.Owner;
import dev.sluice.core.Problem;
import dev.sluice.core.StagePlan;
import dev.sluice.core.Waiting;
import dev.sluice.db.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Rows as the records that they hold, and back.
final class Rows {
    private Rows() {}

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    static @Nullable String wordOrNull(@Nullable Enum<?> constant) {
        return constant == null ? null : word(constant);
    }

    static <E extends Enum<E>> E constant(Class<E> type, String word) {
        return Enum.valueOf(type, word.toUpperCase(Locale.ROOT));
    }

    static Job job(ResultSet row) throws SQLException {
        String batch = row.getString("batch");
        String waiting = row.getString("waiting");
        String checkpoint = row.getString("checkpoint");
        String node = row.getString("node");
        String error = row.getString("error");
        String cancelledBy = row.getString("cancelled_by");
        String receipt = row.getString("receipt");
        return new Job(
                new JobId(row.getString("id")),
                new Kind(row.getString("kind")),
                row.getString("name"),
                new Owner(row.getString("owner")),
                batch == null ? null : new BatchId(batch),
                constant(JobState.class, row.getString("state")),
                waiting == null ? null : constant(Waiting.class, waiting),
                Json.read(row.getString("stages"), StagePlan.class),
                Json.document(row.getString("spec")),
                Json.document(row.getString("facts")),
                checkpoint == null ? null : Json.document(checkpoint),
                row.getLong("bytes"),
                number(row, "total_bytes"),
                row.getDouble("percent"),
                row.getInt("attempt"),
                Times.instantOrNull(row, "not_before"),
                node == null ? null : new NodeId(node),
                row.getLong("fence"),
                row.getLong("patience_millis"),
                Times.instantOrNull(row, "expires"),
                error == null ? null : Json.read(error, Problem.class),
                cancelledBy == null ? null : constant(CancelSource.class, cancelledBy),
                receipt == null ? null : Json.read(receipt, CancelReceipt.class),
                row.getLong("rank"),
                Times.instant(row, "created"),
                Times.instantOrNull(row, "started"),
                Times.instantOrNull(row, "ended"),
                row.getLong("seq"));
    }

    static Job job(Job job, Late with) {
        return new Job(
                job.id(),
                job.kind(),
                job.name(),
                job.owner(),
                job.batch(),
                job.state(),
                job.waiting(),
                job.stages(),
                job.spec(),
                with.facts() == null ? job.facts() : Json.document(with.facts()),
                job.checkpoint(),
                job.bytes(),
                job.totalBytes(),
                job.percent(),
                job.attempt(),
                job.notBefore(),
                job.node(),
                job.fence(),
                job.patienceMillis(),
                job.expires(),
                job.error(),
                job.cancelledBy(),
                job.receipt(),
                job.rank(),
                job.created(),
                job.started(),
                job.ended(),
                with.seq());
    }

    /// What is known of a job only after its row was read: merged facts, the number of its event.
    record Late(@Nullable String facts, long seq) {}

    static Batch batch(ResultSet row) throws SQLException {
        return new Batch(
                new BatchId(row.getString("id")),
                new Owner(row.getString("owner")),
                new Kind(row.getString("kind")),
                row.getInt("sealed") != 0,
                Times.instant(row, "created"),
                Times.instantOrNull(row, "cancelled_at"),
                row.getInt("cancelled_count"),
                new Batch.Counts(
                        row.getInt("total"),
                        row.getInt("begun"),
                        row.getInt("completed"),
                        row.getInt("failed"),
                        row.getInt("cancelled")));
    }

    static Event event(ResultSet row) throws SQLException {
        String batch = row.getString("batch");
        return new Event(
                row.getLong("seq"),
                Times.instant(row, "at"),
                new JobId(row.getString("job")),
                batch == null ? null : new BatchId(batch),
                new Owner(row.getString("owner")),
                new Kind(row.getString("kind")),
                constant(EventType.class, row.getString("type")),
                Json.document(row.getString("data")));
    }

    static Debt debt(ResultSet row) throws SQLException {
        return new Debt(
                new DebtId(row.getString("id")),
                new JobId(row.getString("job")),
                row.getString("type"),
                constant(Debt.When.class, row.getString("due")),
                Json.document(row.getString("detail")),
                Times.instant(row, "created"),
                row.getInt("attempts"),
                Times.instant(row, "not_before"));
    }

    private static @Nullable Long number(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : (Long) value;
    }
}
