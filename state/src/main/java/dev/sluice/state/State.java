package dev.sluice.state;

import dev.sluice.core.DebtStore;
import dev.sluice.core.EventLog;
import dev.sluice.core.Ids;
import dev.sluice.core.Insight;
import dev.sluice.core.JobStore;
import dev.sluice.core.Kind;
import dev.sluice.core.NodeStore;
import dev.sluice.core.Owner;
import dev.sluice.db.Database;
import dev.sluice.db.Schema;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The state of the house in one database. Safe for use by many threads.
public final class State implements AutoCloseable {
    static final Schema SCHEMA = new Schema("state", 4);

    private final Database database;
    private final SqlEventLog events;
    private final JobStore jobs;
    private final DebtStore debts;
    private final NodeStore nodes;
    private final SqlInsight insight;

    /// @param clientDriven kinds whose jobs wait for a client from the start
    /// @param eventAge how long events are held at most
    /// @param eventCount how many are held at most
    /// @param lease how long a node counts as alive after a renewal
    public record Settings(Set<Kind> clientDriven, Duration eventAge, long eventCount, Duration lease) {
        public Settings {
            clientDriven = Set.copyOf(clientDriven);
        }

        public static Settings defaults() {
            return new Settings(Set.of(new Kind("upload")), Duration.ofDays(7), 1_000_000, Duration.ofSeconds(15));
        }
    }

    private State(Database database, Clock clock, Ids ids, Settings settings) {
        this.database = database;
        events = new SqlEventLog(database, clock, ids, settings);
        jobs = new SqlJobStore(database, events, ids, settings.clientDriven());
        debts = new SqlDebtStore(database, events, ids);
        nodes = new SqlNodeStore(database, settings.lease());
        insight = new SqlInsight(database, clock);
    }

    /// Brings the tables up to date and opens them. The database is closed with the state.
    public static State open(Database database, Clock clock, Ids ids, Settings settings) {
        database.migrate(SCHEMA);
        return new State(database, clock, ids, settings);
    }

    public JobStore jobs() {
        return jobs;
    }

    public EventLog events() {
        return events;
    }

    public DebtStore debts() {
        return debts;
    }

    public NodeStore nodes() {
        return nodes;
    }

    /// What the jobs tell together that ended since then.
    ///
    /// @param owner whose jobs count; null: all
    public Insight insight(Instant since, @Nullable Owner owner) {
        return insight.since(since, owner);
    }

    @Override
    public void close() {
        database.close();
    }
}
