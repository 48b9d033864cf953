package dev.sluice.core;

import static dev.sluice.core.JobState.CANCELLED;
import static dev.sluice.core.JobState.COMPLETED;
import static dev.sluice.core.JobState.FAILED;
import static dev.sluice.core.JobState.PAUSED;
import static dev.sluice.core.JobState.PENDING;
import static dev.sluice.core.JobState.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class JobStateTest {
    @Test
    void theWaysBetweenStatesAreThoseOfTheDesign() {
        assertThat(PENDING.next()).containsExactlyInAnyOrder(RUNNING, PAUSED, CANCELLED, FAILED);
        assertThat(RUNNING.next()).containsExactlyInAnyOrder(PENDING, PAUSED, COMPLETED, FAILED, CANCELLED);
        assertThat(PAUSED.next()).containsExactlyInAnyOrder(PENDING, CANCELLED, FAILED);
        assertThat(FAILED.next()).containsExactly(PENDING);
    }

    @Test
    void noWayLeadsOutOfCompletedAndCancelled() {
        assertThat(COMPLETED.next()).isEmpty();
        assertThat(CANCELLED.next()).isEmpty();
    }

    @Test
    void everyStateThatHasNotEndedCanBeCancelled() {
        assertThat(Arrays.stream(JobState.values()).filter(state -> !state.ended()))
                .containsExactlyInAnyOrder(PENDING, RUNNING, PAUSED)
                .allSatisfy(state -> assertThat(state.next()).contains(CANCELLED));
    }

    @Test
    void onlyARunningJobCanComplete() {
        assertThat(Arrays.stream(JobState.values()).filter(state -> state.next().contains(COMPLETED)))
                .containsExactly(RUNNING);
    }
}
