package dev.sluice.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(20)
class StopTokenTest {
    private final StopToken token = new StopToken();

    @Test
    void aFreshTokenStopsNobody() {
        token.check();
        assertThat(token.stopped()).isFalse();
        assertThat(token.reason()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(StopReason.class)
    void aFiredTokenSaysWhyToWhoeverChecksIt(StopReason why) {
        assertThat(token.fire(why)).isTrue();
        assertThat(token.reason()).contains(why);
        assertThatThrownBy(token::check)
                .isInstanceOfSatisfying(
                        Stopped.class, stopped -> assertThat(stopped.reason()).isEqualTo(why));
    }

    @Test
    void whoSleepsWakesUpAsTheTokenFires() throws Exception {
        long began = System.nanoTime();
        token.sleep(Duration.ofMillis(30));
        assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(30_000_000);
        var sleeper = CompletableFuture.runAsync(() -> token.sleep(Duration.ofMinutes(1)));
        token.fire(StopReason.CANCELLED);
        assertThatThrownBy(() -> sleeper.get(5, TimeUnit.SECONDS)).hasCauseInstanceOf(Stopped.class);
    }

    @Test
    void whatIsHandedOnBelowCountsAboveAndAStopDoesNotGoDown() {
        var below = new StopToken(token);
        assertThat(token.lastHandedNanos()).isEmpty();
        long before = System.nanoTime();
        below.handed();
        assertThat(token.lastHandedNanos().orElseThrow() - before).isNotNegative();
        assertThat(below.lastHandedNanos()).isPresent();
        token.fire(StopReason.PAUSED);
        assertThat(below.stopped()).isFalse();
    }

    @Test
    void whoHandsBytesOnWaitsWhileItIsHeldAndGoesOnWhenNothingWasDecided() {
        var below = new StopToken(token);
        StopToken.Hold first = token.hold();
        StopToken.Hold second = token.hold();
        assertThat(below.held()).isTrue();
        var handed = CompletableFuture.runAsync(() -> {
            below.handing();
            below.handed();
        });
        var told = new AtomicInteger();
        below.whenDecided(told::incrementAndGet);
        first.close();
        first.close();
        assertThat(below.held()).isTrue();
        assertThat(told).hasValue(0);
        assertThat(handed).isNotDone();
        second.close();
        handed.join();
        assertThat(told).hasValue(1);
        assertThat(below.held()).isFalse();
        assertThat(token.lastHandedNanos()).isPresent();
        below.whenDecided(told::incrementAndGet);
        assertThat(told).hasValue(2);
    }

    @Test
    void sourcesAreLetGoOfEachTimeThatItIsHeld() throws InterruptedException {
        var cuts = new AtomicInteger();
        StopToken.Registration hung = token.onHold(cuts::incrementAndGet);
        StopToken.Hold hold = token.hold();
        assertThat(cuts).hasValue(1);
        var begun = new CountDownLatch(1);
        var opened = CompletableFuture.runAsync(() -> {
            begun.countDown();
            token.awaitDecision();
        });
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> opened.get(100, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        hold.close();
        opened.join();
        token.hold().close();
        assertThat(cuts).hasValue(2);
        hung.close();
        token.hold().close();
        assertThat(cuts).hasValue(2);
        token.fire(StopReason.CANCELLED);
        assertThatThrownBy(token::awaitDecision).isInstanceOf(Stopped.class);
    }

    @Test
    void whoWaitsStopsWhenThatIsDecided() {
        StopToken.Hold hold = token.hold();
        var handed = CompletableFuture.runAsync(token::handing);
        var told = new AtomicInteger();
        token.whenDecided(told::incrementAndGet);
        token.fire(StopReason.CANCELLED);
        assertThatThrownBy(() -> Outcome.of(handed)).isInstanceOf(Stopped.class);
        assertThat(told).hasValue(1);
        assertThat(token.held()).isFalse();
        hold.close();
        token.hold();
        assertThat(token.held()).isFalse();
        assertThat(token.lastHandedNanos()).isEmpty();
    }

    @Test
    void nothingIsLastWhileSomethingIsHandedOn() {
        token.handing();
        token.handed();
        assertThat(token.lastHandedNanos()).isPresent();
        token.handing();
        assertThat(token.lastHandedNanos()).isEmpty();
        token.handed();
        assertThat(token.lastHandedNanos()).isPresent();
    }

    @ParameterizedTest
    @EnumSource(StopReason.class)
    void theFirstReasonStandsUnlessItKeepsWhatThereIsAndACancelComes(StopReason first) {
        for (StopReason second : StopReason.values()) {
            var stop = new StopToken();
            var below = new StopToken(stop);
            var heard = new ArrayList<StopReason>();
            var lost = new ArrayList<StopReason>();
            stop.onStop(heard::add);
            stop.onLoss(lost::add);
            assertThat(stop.fire(first)).isTrue();
            assertThat(below.lost()).isEqualTo(!first.keeps());
            boolean follows = first.keeps() && second == StopReason.CANCELLED;
            assertThat(stop.fire(second)).isEqualTo(follows);
            assertThat(stop.reason()).contains(follows ? second : first);
            assertThat(heard).containsExactly(first);
            assertThat(lost)
                    .containsExactlyElementsOf(!first.keeps() ? List.of(first) : follows ? List.of(second) : List.of());
            assertThat(below.lost()).isEqualTo(!first.keeps() || follows);
            assertThat(below.stopped()).isFalse();
        }
    }

    @Test
    void whatIsPausedIsHeldAndLostOnlyWhenItIsCancelled() {
        token.fire(StopReason.PAUSED);
        var lost = new ArrayList<StopReason>();
        token.onLoss(lost::add);
        StopToken.Hold hold = token.hold();
        assertThat(token.held()).isTrue();
        assertThat(lost).isEmpty();
        token.fire(StopReason.CANCELLED);
        assertThat(token.held()).isFalse();
        assertThat(lost).containsExactly(StopReason.CANCELLED);
        hold.close();
    }

    @Test
    void everyCloserRunsOnce() {
        var runs = new AtomicInteger();
        var slow = new AtomicInteger();
        StopToken.Closer closer = why -> runs.incrementAndGet();
        token.onStop(closer);
        token.onStop(closer);
        token.onStopSlowly(why -> slow.incrementAndGet());
        token.fire(StopReason.CANCELLED);
        token.fire(StopReason.CANCELLED);
        assertThat(runs).hasValue(2);
        await().untilAsserted(() -> assertThat(slow).hasValue(1));
    }

    @Test
    void aCloserThatWasTakenDownDoesNotRun() {
        var runs = new AtomicInteger();
        StopToken.Closer closer = why -> runs.incrementAndGet();
        StopToken.Registration first = token.onStop(closer);
        token.onStop(closer);
        first.close();
        first.close();
        token.fire(StopReason.CANCELLED);
        assertThat(runs).hasValue(1);
    }

    @Test
    void aCloserHungOnAFiredTokenRunsAtOnce() {
        token.fire(StopReason.DRAINING);
        var heard = new ArrayList<StopReason>();
        token.onStop(heard::add).close();
        assertThat(heard).containsExactly(StopReason.DRAINING);
        var slow = new ConcurrentLinkedQueue<StopReason>();
        token.onStopSlowly(slow::add);
        await().untilAsserted(() -> assertThat(slow).containsExactly(StopReason.DRAINING));
    }

    @Test
    void aQuickCloserRunsOnTheFiringThread() {
        var threads = new ArrayList<Thread>();
        token.onStop(why -> threads.add(Thread.currentThread()));
        token.fire(StopReason.CANCELLED);
        assertThat(threads).containsExactly(Thread.currentThread());
    }

    @Test
    void slowClosersEachHaveAThreadOfTheirOwnAndDelayNobody() throws Exception {
        var hang = new CountDownLatch(1);
        var threads = Collections.synchronizedSet(new java.util.HashSet<Thread>());
        for (int i = 0; i < 3; i++) {
            token.onStopSlowly(why -> {
                threads.add(Thread.currentThread());
                awaitQuietly(hang);
            });
        }
        var quick = new AtomicInteger();
        token.onStop(why -> quick.incrementAndGet());
        long began = System.nanoTime();
        token.fire(StopReason.CANCELLED);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        assertThat(quick).hasValue(1);
        await().untilAsserted(() -> assertThat(threads).hasSize(3).doesNotContain(Thread.currentThread()));
        hang.countDown();
    }

    @Test
    void aCloserThatFailsHarmsNoOther() {
        var after = new AtomicInteger();
        token.onStop(why -> {
            throw new IllegalStateException("broken on purpose");
        });
        token.onStop(why -> after.incrementAndGet());
        assertThat(token.fire(StopReason.CANCELLED)).isTrue();
        assertThat(after).hasValue(1);
        token.onStop(why -> {
            throw new IllegalStateException("broken on purpose");
        });
    }

    @Test
    void aCloserMayUseTheTokenThatItHangsOn() {
        var inner = new AtomicInteger();
        token.onStop(why -> {
            token.onStop(again -> inner.incrementAndGet());
            assertThat(token.fire(StopReason.FENCED)).isFalse();
        });
        token.fire(StopReason.CANCELLED);
        assertThat(inner).hasValue(1);
    }

    @Test
    void whoeverHangsACloserWhileTheTokenFiresIsToldExactlyOnce() throws Exception {
        try (var pool = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < 500; round++) {
                var racing = new StopToken();
                var barrier = new CyclicBarrier(4);
                var told = new AtomicInteger();
                var fired = new AtomicInteger();
                List<java.util.concurrent.Callable<Void>> all = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    all.add(() -> {
                        barrier.await();
                        racing.onStop(why -> told.incrementAndGet());
                        return null;
                    });
                    all.add(() -> {
                        barrier.await();
                        fired.addAndGet(racing.fire(StopReason.CANCELLED) ? 1 : 0);
                        return null;
                    });
                }
                for (var done : pool.invokeAll(all)) {
                    done.get(10, TimeUnit.SECONDS);
                }
                assertThat(fired).hasValue(1);
                assertThat(told).hasValue(2);
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
