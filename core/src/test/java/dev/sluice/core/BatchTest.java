package dev.sluice.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BatchTest {
    private static final Instant NOW = Instant.parse("2026-11-01T10:00:00Z");

    @Test
    void aBatchIsPendingUntilOneOfItsJobsBegins() {
        assertThat(state(true, 2, 0, 0, 0, 0)).isEqualTo(Batch.State.PENDING);
        assertThat(state(true, 2, 1, 0, 0, 0)).isEqualTo(Batch.State.PROCESSING);
    }

    @Test
    void aBatchThatIsNotSealedGoesOnAlthoughAllItsJobsHaveEnded() {
        assertThat(state(false, 2, 2, 2, 0, 0)).isEqualTo(Batch.State.PROCESSING);
        assertThat(state(true, 2, 2, 2, 0, 0)).isEqualTo(Batch.State.COMPLETED);
    }

    @Test
    void aBatchFailsWithOneOfItsJobsOnceAllHaveEnded() {
        assertThat(state(true, 3, 2, 1, 1, 0)).isEqualTo(Batch.State.PROCESSING);
        assertThat(state(true, 3, 3, 1, 1, 1)).isEqualTo(Batch.State.FAILED);
    }

    @Test
    void aBatchCompletesAlthoughSomeOfItsJobsWereCancelled() {
        assertThat(state(true, 2, 1, 1, 0, 1)).isEqualTo(Batch.State.COMPLETED);
    }

    @Test
    void aBatchIsCancelledByItsOwnCancelOrByThatOfEachJob() {
        assertThat(batch(true, NOW, new Batch.Counts(2, 2, 1, 0, 1)).state()).isEqualTo(Batch.State.CANCELLED);
        assertThat(state(true, 2, 0, 0, 0, 2)).isEqualTo(Batch.State.CANCELLED);
        assertThat(state(false, 0, 0, 0, 0, 0)).isEqualTo(Batch.State.PENDING);
    }

    private static Batch.State state(boolean sealed, int total, int begun, int completed, int failed, int cancelled) {
        return batch(sealed, null, new Batch.Counts(total, begun, completed, failed, cancelled))
                .state();
    }

    private static Batch batch(boolean sealed, @Nullable Instant cancelledAt, Batch.Counts counts) {
        return new Batch(new BatchId("b"), Owner.LOCAL, new Kind("upload"), sealed, NOW, cancelledAt, 0, counts);
    }
}
