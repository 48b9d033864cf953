package dev.sluice.fakes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultsTest {
    private final Faults faults = new Faults();

    @Test
    void aFaultSkipsHitsAndIsUsedUp() {
        faults.add(new Faults.Rule(new Fault.LoseAnswer(), Step.CHUNK, 1, 2));

        assertThat(faults.hitting(Step.CHUNK)).isEmpty();
        assertThat(faults.hitting(Step.QUERY)).isEmpty();
        assertThat(faults.hitting(Step.LAST_CHUNK)).hasSize(1);
        assertThat(faults.hitting(Step.CHUNK)).hasSize(1);
        assertThat(faults.hitting(Step.CHUNK)).isEmpty();
    }

    @Test
    void severalHitOneCall() {
        faults.next(Step.ANY, new Fault.LoseAnswer());
        faults.always(Step.LIST, new Fault.Pace(1));

        assertThat(faults.hitting(Step.LIST)).containsExactly(new Fault.LoseAnswer(), new Fault.Pace(1));
        assertThat(faults.hitting(Step.LIST)).containsExactly(new Fault.Pace(1));
    }

    @Test
    void rulesAreRead() {
        assertThat(Faults.Rule.parse("drop-at=300000@chunk+1*2"))
                .isEqualTo(new Faults.Rule(new Fault.DropAt(300_000), Step.CHUNK, 1, 2));
        assertThat(Faults.Rule.parse("daily-limit"))
                .isEqualTo(new Faults.Rule(new Fault.Refuse(Reason.DAILY_LIMIT), Step.ANY, 0, 1));
        assertThat(Faults.Rule.parse("late=20@token*always"))
                .isEqualTo(new Faults.Rule(new Fault.Late(Duration.ofMillis(20)), Step.TOKEN, 0, Integer.MAX_VALUE));
        for (String name : FaultNames.all()) {
            assertThat(FaultNames.fault(name, "404")).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nothing", "drop-at", "drop-at=x", "corrupt@nowhere", "corrupt*0", "pace=0"})
    void whatIsNoRuleIsRefused(String text) {
        assertThatThrownBy(() -> Faults.Rule.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
