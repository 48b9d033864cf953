package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@NullMarked
@Timeout(20)
class InterruptTest {
    /// What is told to the server then must not be hit by what was meant for the wait before it.
    @Test
    void isAnsweredOnlyOnceNobodyInterruptsAnyMore() throws Exception {
        var interrupt = Interrupt.onCtrlC();
        interrupt.arm();
        var closing = new CountDownLatch(1);
        var closed = new AtomicBoolean();
        interrupt.closes(() -> {
            closing.countDown();
            pause(Duration.ofMillis(300));
            closed.set(true);
        });
        var firing = CompletableFuture.runAsync(interrupt::fire);
        assertThatThrownBy(() -> Thread.sleep(10_000)).isInstanceOf(InterruptedException.class);

        interrupt.answered();

        assertThat(closed).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(closing.await(0, TimeUnit.SECONDS)).isTrue();
        firing.get(1, TimeUnit.SECONDS);
    }

    @Test
    void isAnsweredAtOnceWhereNobodyInterrupts() {
        Interrupt.onCtrlC().answered();
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
