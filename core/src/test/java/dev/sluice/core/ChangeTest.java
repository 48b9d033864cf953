package dev.sluice.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ChangeTest {
    private static final Instant NOW = Instant.parse("2026-11-01T10:00:00Z");
    private static final JobId JOB = new JobId("job-1");

    @Property
    void aChangeGoesOnlyTheWaysThatStatesHave(@ForAll JobState from, @ForAll JobState to) {
        Change change = Change.of(JOB, NOW, from);
        if (from == to || from.next().contains(to)) {
            assertThat(change.to(to).to()).isEqualTo(to);
        } else {
            assertThatThrownBy(() -> change.to(to))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(from + " to " + to);
        }
    }

    @Test
    void aChangeFromSeveralStatesMustBeAWayFromEach() {
        assertThatThrownBy(() ->
                        Change.of(JOB, NOW, JobState.RUNNING, JobState.PENDING).to(JobState.COMPLETED))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PENDING to COMPLETED");
    }

    @Test
    void aChangeSaysAllThatItDoes() {
        var facts = new Progress.Sample(NOW, 1, 2, 3);
        var debt = new DebtId("debt-1");
        Change change = Change.of(JOB, NOW, JobState.PENDING, JobState.RUNNING)
                .heldBy(7)
                .to(JobState.CANCELLED)
                .voidFence()
                .set(Change.Column.BYTES, 5L)
                .set(Change.Column.NODE, null)
                .facts(facts)
                .tell(EventType.CANCELLED, Map.of("by", "cli"))
                .settle(debt);
        assertThat(change.job()).isEqualTo(JOB);
        assertThat(change.at()).isEqualTo(NOW);
        assertThat(change.from()).isEqualTo(Set.of(JobState.PENDING, JobState.RUNNING));
        assertThat(change.fence()).isEqualTo(7);
        assertThat(change.voidsFence()).isTrue();
        assertThat(change.columns()).containsEntry(Change.Column.BYTES, 5L).containsEntry(Change.Column.NODE, null);
        assertThat(change.facts()).isEqualTo(facts);
        assertThat(change.event()).isEqualTo(EventType.CANCELLED);
        assertThat(change.data()).containsEntry("by", "cli");
        assertThat(change.settled()).containsExactly(debt);
    }
}
