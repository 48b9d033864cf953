package dev.sluice.core;

import java.time.Instant;
import java.util.Set;

/// The nodes that share one database, each with a lease.
public interface NodeStore {
    /// Enters a node that holds the lock of `folder`.
    ///
    /// @return nodes that held the same folder before: they are dead
    Set<NodeId> join(NodeId node, String folder, Instant now);

    /// @return false where the node's lease had run out and others may have its jobs
    boolean renew(NodeId node, Instant now);

    /// Nodes whose last renewal was before `deadline`.
    Set<NodeId> lapsed(Instant deadline);

    /// Takes nodes out, once their jobs are taken over.
    void remove(Set<NodeId> nodes);
}
