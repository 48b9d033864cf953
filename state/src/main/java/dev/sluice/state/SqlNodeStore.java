package dev.sluice.state;

import dev.sluice.core.NodeId;
import dev.sluice.core.NodeStore;
import dev.sluice.db.Database;
import dev.sluice.db.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;

final class SqlNodeStore implements NodeStore {
    private final Database database;
    private final Duration lease;

    SqlNodeStore(Database database, Duration lease) {
        this.database = database;
        this.lease = lease;
    }

    @Override
    public Set<NodeId> join(NodeId node, String folder, Instant now) {
        return database.write(transaction -> {
            transaction
                    .handle()
                    .createUpdate("""
                            INSERT INTO nodes (id, folder, renewed) VALUES (:id, :folder, :now)
                            ON CONFLICT (id) DO UPDATE SET folder = excluded.folder, renewed = excluded.renewed
                            """)
                    .bind("id", node.value())
                    .bind("folder", folder)
                    .bind("now", Times.micros(now))
                    .execute();
            return transaction
                    .handle()
                    .createQuery("SELECT id FROM nodes WHERE folder = :folder AND id <> :id")
                    .bind("folder", folder)
                    .bind("id", node.value())
                    .map((row, context) -> new NodeId(row.getString("id")))
                    .collect(Collectors.toUnmodifiableSet());
        });
    }

    /// A lease that ran out stays out, even where nobody has taken the node's jobs yet: somebody may be about
    /// to.
    @Override
    public boolean renew(NodeId node, Instant now) {
        return database.writeFirst(transaction -> transaction
                        .handle()
                        .createUpdate("UPDATE nodes SET renewed = :now WHERE id = :id AND renewed >= :oldest")
                        .bind("now", Times.micros(now))
                        .bind("id", node.value())
                        .bind("oldest", Times.micros(now.minus(lease)))
                        .execute()
                == 1);
    }

    @Override
    public Set<NodeId> lapsed(Instant deadline) {
        return database.read(handle -> handle.createQuery("SELECT id FROM nodes WHERE renewed < :deadline")
                .bind("deadline", Times.micros(deadline))
                .map((row, context) -> new NodeId(row.getString("id")))
                .collect(Collectors.toUnmodifiableSet()));
    }

    @Override
    public void remove(Set<NodeId> nodes) {
        if (!nodes.isEmpty()) {
            database.write(transaction -> transaction
                    .handle()
                    .createUpdate("DELETE FROM nodes WHERE id IN (<nodes>)")
                    .bindList("nodes", nodes.stream().map(NodeId::value).toList())
                    .execute());
        }
    }
}
