package dev.sluice.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class StagePlanTest {
    private static final Instant T1 = Instant.parse("2026-11-01T10:00:00Z");
    private static final Instant T2 = T1.plusSeconds(1);
    private static final Instant T3 = T1.plusSeconds(2);
    private static final StagePlan PLAN = StagePlan.of(new Stage("transfer", 0, 90), new Stage("commit", 90, 100));

    @Test
    void noStageRunsBeforeTheFirstIsEntered() {
        assertThat(PLAN.current()).isEmpty();
        assertThat(PLAN.percent(0.5)).isZero();
    }

    @Test
    void enteringAStageEndsTheOneBefore() {
        StagePlan committing = PLAN.enter("transfer", T1).enter("commit", T2);
        assertThat(committing.stages())
                .containsExactly(new Stage("transfer", 0, 90, T1, T2), new Stage("commit", 90, 100, T2, null));
        assertThat(committing.current().orElseThrow().name()).isEqualTo("commit");
    }

    @Test
    void aStageThatIsEnteredAgainBeginsAnew() {
        StagePlan again = PLAN.enter("transfer", T1).enter("commit", T2).enter("transfer", T3);
        assertThat(again.stages())
                .containsExactly(new Stage("transfer", 0, 90, T3, null), new Stage("commit", 90, 100, T2, T3));
    }

    @Test
    void theEndOfTheJobEndsItsStage() {
        assertThat(PLAN.enter("commit", T1).end(T2).stages())
                .containsExactly(new Stage("transfer", 0, 90), new Stage("commit", 90, 100, T1, T2));
        assertThat(PLAN.end(T1)).isEqualTo(PLAN);
    }

    @Test
    void anUnknownStageIsRefused() {
        assertThatThrownBy(() -> PLAN.enter("parsing", T1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("parsing");
    }

    @Property
    void thePercentageStaysInTheRangeOfTheStage(@ForAll double fraction) {
        assertThat(PLAN.enter("transfer", T1).percent(fraction)).isBetween(0.0, 90.0);
        assertThat(PLAN.enter("commit", T1).percent(fraction)).isBetween(90.0, 100.0);
    }

    @Test
    void theFractionIsLaidIntoTheRange() {
        assertThat(PLAN.enter("transfer", T1).percent(0.5)).isEqualTo(45.0);
        assertThat(PLAN.enter("commit", T1).percent(0.5)).isEqualTo(95.0);
    }

    @Test
    void aStageMustFillARange() {
        assertThatThrownBy(() -> new Stage("x", 50, 40)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Stage("x", -1, 40)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Stage("x", 0, 101)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anotherPlanKeepsTheTimesOfWhatHasRun() {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        StagePlan before = StagePlan.of(new Stage("probe", 0, 5), new Stage("send", 5, 100))
                .enter("probe", now);
        StagePlan after = StagePlan.of(new Stage("probe", 0, 2), new Stage("fetch", 2, 100))
                .after(before);
        assertThat(after.stages()).containsExactly(new Stage("probe", 0, 2, now, null), new Stage("fetch", 2, 100));
    }
}
