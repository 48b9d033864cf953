package dev.sluice.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.time.Duration;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@NullMarked
class BackOffTest {
    private final StopToken stop = new StopToken();

    private Duration waited(BackOff backOff, int attempt, @Nullable Duration asked) {
        long began = System.nanoTime();
        backOff.await(attempt, asked, stop);
        return Duration.ofNanos(System.nanoTime() - began);
    }

    @Test
    void aWaitDoublesUpToTheLongestAndIsNeverShorterThanHalfOfThat() {
        var backOff = new BackOff(Duration.ofMillis(20), Duration.ofMillis(80), 9);
        assertThat(waited(backOff, 1, null)).isGreaterThanOrEqualTo(Duration.ofMillis(10));
        assertThat(waited(backOff, 3, null)).isGreaterThanOrEqualTo(Duration.ofMillis(40));
        assertThat(waited(backOff, 60, null)).isBetween(Duration.ofMillis(40), Duration.ofSeconds(5));
    }

    /// Else all that a provider has refused at once would come back at once.
    @Test
    void noTwoWaitTheSame() {
        var backOff = new BackOff(Duration.ofMillis(40), Duration.ofMillis(40), 9);
        var waits = new TreeSet<Long>();
        for (int i = 0; i < 12; i++) {
            waits.add(waited(backOff, 1, null).toMillis());
        }
        assertThat(waits.last() - waits.first())
                .as("milliseconds between the shortest and the longest of %s", waits)
                .isGreaterThanOrEqualTo(5);
    }

    @Test
    void whatTheProviderAsksForIsWaitedForAlsoWhereItIsLonger() {
        var backOff = new BackOff(Duration.ofMillis(1), Duration.ofMillis(2), 9);
        assertThat(waited(backOff, 1, Duration.ofMillis(300))).isGreaterThanOrEqualTo(Duration.ofMillis(300));
    }

    @Test
    void aWaitEndsWhenTheTokenFires() {
        CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS).execute(() -> stop.fire(StopReason.CANCELLED));
        assertThatThrownBy(() -> BackOff.STANDARD.await(1, Duration.ofMinutes(3), stop))
                .isInstanceOf(Stopped.class);
    }
}
