package dev.sluice.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class OutcomeTest {
    @Test
    void whatCameOfTheWorkIsGiven() {
        assertThat(Outcome.of(CompletableFuture.supplyAsync(() -> 7))).isEqualTo(7);
    }

    @Test
    void whatTheWorkHasThrownIsThrownAsItWas() {
        for (Throwable thrown : new Throwable[] {new Stopped(StopReason.PAUSED), new AssertionError("no")}) {
            CompletableFuture<String> failed = CompletableFuture.failedFuture(thrown);
            assertThatThrownBy(() -> Outcome.of(failed)).isSameAs(thrown);
            assertThatThrownBy(() -> Outcome.of(failed.thenApply(String::length)))
                    .isSameAs(thrown);
        }
    }

    @Test
    void whatMayNotBeThrownIsWrapped() {
        var thrown = new IOException("no");
        assertThatThrownBy(() -> Outcome.of(CompletableFuture.failedFuture(thrown)))
                .isInstanceOf(CompletionException.class)
                .hasCause(thrown);
    }
}
