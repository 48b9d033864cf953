package dev.sluice.state;

import dev.sluice.core.BatchId;
import dev.sluice.core.Event;
import dev.sluice.core.EventType;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.Kind;
import dev.sluice.core.Owner;
import dev.sluice.db.Times;
import dev.sluice.db.Transaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The events of one transaction. They get their numbers at its very end, from a row that from then on no other
/// transaction can have before this one has committed: so numbers appear in their order, without gaps, on
/// PostgreSQL with several nodes too.
final class EventGroup implements Transaction.Ending {
    private final SqlEventLog log;
    private final List<Pending> pending = new ArrayList<>();
    private final Map<JobId, Pending> newest = new LinkedHashMap<>();
    private List<Event> committed = List.of();

    EventGroup(SqlEventLog log) {
        this.log = log;
    }

    /// An event whose number is not known before the end of its transaction.
    static final class Pending {
        private final Instant at;
        private final JobId job;
        private final @Nullable BatchId batch;
        private final Owner owner;
        private final Kind kind;
        private final EventType type;
        private final String data;
        private long seq;

        private Pending(Job job, EventType type, String data, Instant at) {
            this.at = at;
            this.job = job.id();
            this.batch = job.batch();
            this.owner = job.owner();
            this.kind = job.kind();
            this.type = type;
            this.data = data;
        }

        /// Known to whoever was told of the commit.
        long seq() {
            return seq;
        }

        private Event event() {
            return new Event(seq, Times.instant(Times.micros(at)), job, batch, owner, kind, type, Json.document(data));
        }
    }

    /// Tells what happened to `job`, as it now is.
    Pending append(Job job, EventType type, Map<String, ? extends @Nullable Object> members, Instant at) {
        var data = new LinkedHashMap<String, @Nullable Object>(members);
        data.put("state", Rows.word(job.state()));
        if (job.waiting() != null) {
            data.put("waiting", Rows.word(job.waiting()));
        }
        var event = new Pending(job, type, Json.text(data), at);
        pending.add(event);
        newest.put(event.job, event);
        return event;
    }

    /// What the group has told last of a job, if anything.
    @Nullable
    Pending newest(JobId job) {
        return newest.get(job);
    }

    @Override
    public void beforeCommit(Handle handle) {
        if (pending.isEmpty()) {
            return;
        }
        long seq = handle.createQuery("UPDATE event_log SET last = last + :more WHERE id = 1 RETURNING last")
                        .bind("more", pending.size())
                        .mapTo(Long.class)
                        .one()
                - pending.size();
        List<Event> others = log.missed(handle, seq);
        try (var insert = handle.prepareBatch("""
                INSERT INTO events (seq, at, job, batch, owner, kind, type, data)
                VALUES (:seq, :at, :job, :batch, :owner, :kind, :type, :data)
                """)) {
            for (Pending event : pending) {
                event.seq = ++seq;
                insert.bind("seq", event.seq)
                        .bind("at", Times.micros(event.at))
                        .bind("job", event.job.value())
                        .bind("batch", event.batch == null ? null : event.batch.value())
                        .bind("owner", event.owner.name())
                        .bind("kind", event.kind.value())
                        .bind("type", event.type.word())
                        .bind("data", event.data)
                        .add();
            }
            insert.execute();
        }
        try (var number = handle.prepareBatch("UPDATE jobs SET seq = :seq WHERE id = :id")) {
            newest.forEach((job, event) ->
                    number.bind("seq", event.seq).bind("id", job.value()).add());
            number.execute();
        }
        committed = new ArrayList<>(others);
        pending.forEach(event -> committed.add(event.event()));
    }

    @Override
    public void afterCommit() {
        if (!committed.isEmpty()) {
            log.publish(committed);
        }
    }
}
