package dev.sluice.accounts;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.JobId;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.db.Database;
import dev.sluice.db.Times;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Links to stored files that their owners have made, until they expire or are revoked. Safe for use by many threads.
public final class Links {
    private static final Duration LONGEST = Duration.ofDays(365);
    /// Before the id of a job and the microsecond it was made in: the link that its status shows.
    private static final String STATUS = "status ";
    private static final Duration KEPT = Duration.ofDays(30);

    private final Database database;
    private final Clock clock;

    /// @param id names it, and grants nothing
    /// @param jobCreated tells the job from others that have its id once it is removed
    public record Link(
            String id,
            JobId job,
            Instant jobCreated,
            Owner owner,
            Instant created,
            Instant expires,
            @Nullable Instant revoked) {}

    Links(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// @throws ProblemException `invalid_request` where it would not expire, or too late
    public Link make(JobId job, Instant jobCreated, Owner owner, Duration age) {
        if (age.isNegative() || age.isZero() || age.compareTo(LONGEST) > 0) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "a link expires after 1 second to " + LONGEST.toDays() + " days",
                    Map.of("field", "expires_in"));
        }
        Instant now = clock.instant();
        var link = new Link(Secrets.id(), job, jobCreated, owner, now, now.plus(age), null);
        database.write(transaction -> transaction
                .handle()
                .createUpdate("INSERT INTO links (id, job, job_created, owner, created, expires)"
                        + " VALUES (:id, :job, :jobCreated, :owner, :created, :expires)")
                .bind("id", link.id())
                .bind("job", job.value())
                .bind("jobCreated", Times.micros(jobCreated))
                .bind("owner", owner.name())
                .bind("created", Times.micros(link.created()))
                .bind("expires", Times.micros(link.expires()))
                .execute());
        return link;
    }

    public Optional<Link> find(String id) {
        return database.read(handle -> handle.createQuery("SELECT * FROM links WHERE id = :id")
                .bind("id", id)
                .map((row, context) -> link(row))
                .findOne());
    }

    private static Link link(java.sql.ResultSet row) throws java.sql.SQLException {
        return new Link(
                row.getString("id"),
                new JobId(row.getString("job")),
                Times.instant(row, "job_created"),
                new Owner(row.getString("owner")),
                Times.instant(row, "created"),
                Times.instant(row, "expires"),
                Times.instantOrNull(row, "revoked"));
    }

    /// Those that work, newest first.
    ///
    /// @param owner null: everybody's
    public List<Link> list(@Nullable Owner owner, int limit) {
        return database.read(handle -> handle.createQuery("SELECT * FROM links WHERE revoked IS NULL"
                        + " AND expires > :now AND (CAST(:owner AS TEXT) IS NULL OR owner = :owner)"
                        + " ORDER BY created DESC, id LIMIT :limit")
                .bind("now", Times.micros(clock.instant()))
                .bind("owner", owner == null ? null : owner.name())
                .bind("limit", limit)
                .map((row, context) -> link(row))
                .list());
    }

    /// @return false where it was revoked already
    public boolean revoke(String id) {
        return database.write(transaction -> transaction
                        .handle()
                        .createUpdate("UPDATE links SET revoked = :now WHERE id = :id AND revoked IS NULL")
                        .bind("now", Times.micros(clock.instant()))
                        .bind("id", id)
                        .execute())
                > 0;
    }

    /// Revokes all links to what a job has stored, also those that its status shows, whoever has made them.
    public void revokeAll(JobId job, Instant jobCreated, Owner owner) {
        Instant now = clock.instant();
        database.write(transaction -> {
            Handle handle = transaction.handle();
            handle.createUpdate("UPDATE links SET revoked = :now WHERE job = :job AND revoked IS NULL")
                    .bind("now", Times.micros(now))
                    .bind("job", job.value())
                    .execute();
            return handle.createUpdate("INSERT INTO links (id, job, job_created, owner, created, expires, revoked)"
                            + " VALUES (:id, :job, :jobCreated, :owner, :now, :expires, :now) ON CONFLICT DO NOTHING")
                    .bind("id", status(job, jobCreated))
                    .bind("job", job.value())
                    .bind("jobCreated", Times.micros(jobCreated))
                    .bind("owner", owner.name())
                    .bind("now", Times.micros(now))
                    .bind("expires", Times.micros(now.plus(LONGEST)))
                    .execute();
        });
    }

    /// Whether a link does not work any more, or never was.
    ///
    /// @param id null: of the one that the job's status shows
    public boolean isRevoked(@Nullable String id, JobId job, Instant jobCreated) {
        Optional<Link> found = find(id == null ? status(job, jobCreated) : id);
        return id == null
                ? found.isPresent()
                : found.filter(link -> link.revoked() == null
                                && link.job().equals(job)
                                && Times.micros(link.jobCreated()) == Times.micros(jobCreated))
                        .isEmpty();
    }

    private static String status(JobId job, Instant created) {
        return STATUS + job + " " + Times.micros(created);
    }

    void trim(Handle handle) {
        handle.createUpdate("DELETE FROM links WHERE expires < :before")
                .bind("before", Times.micros(clock.instant().minus(KEPT)))
                .execute();
    }
}
