package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.Job;
import dev.sluice.core.NodeId;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What leases promise on either database, and what outlasts a process.
abstract class NodeContract extends StateContract {
    NodeContract(Ground ground) {
        super(ground);
    }

    @Test
    void aNodeLearnsWhoHeldItsFolderBefore() {
        NodeId first = ids.node();
        NodeId second = ids.node();
        NodeId elsewhere = ids.node();
        assertThat(state.nodes().join(first, "/a", NOW)).isEmpty();
        assertThat(state.nodes().join(elsewhere, "/b", NOW)).isEmpty();
        assertThat(state.nodes().join(second, "/a", NOW)).containsExactly(first);
        state.nodes().remove(Set.of(first));
        state.nodes().remove(Set.of());
        assertThat(state.nodes().renew(first, NOW)).isFalse();
        assertThat(state.nodes().join(second, "/a", NOW)).isEmpty();
    }

    @Test
    void aLeaseIsRenewedUntilItRanOut() {
        NodeId node = ids.node();
        state.nodes().join(node, "/a", NOW);
        assertThat(state.nodes().renew(node, NOW.plusSeconds(15))).isTrue();
        assertThat(state.nodes().lapsed(NOW.plusSeconds(15))).isEmpty();
        assertThat(state.nodes().lapsed(NOW.plusSeconds(16))).containsExactly(node);
        assertThat(state.nodes().renew(node, NOW.plusSeconds(31))).isFalse();
    }

    @Test
    void everythingIsThereAfterAnotherOpening() {
        Job job = running();
        state.jobs().sync();
        state.close();
        state = open(SETTINGS);
        assertThat(state.jobs().find(job.id())).contains(job);
    }
}
