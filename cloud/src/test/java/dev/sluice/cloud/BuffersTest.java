package dev.sluice.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class BuffersTest {
    private static final int MIB = 1 << 20;
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Buffers buffers = new Buffers(16L * MIB);
    private final StopToken stop = new StopToken();

    @Test
    void noStorageGetsMoreThanHalf() {
        Buffers.Share one = buffers.share();
        Buffers.Share other = buffers.share();
        assertThat(one.most()).isEqualTo(8L * MIB);
        Memory first = one.takeToSend(8L * MIB, stop);
        assertThat(one.tryTake(1)).isEmpty();
        Memory second = other.tryTake(8L * MIB).orElseThrow();
        assertThat(buffers.used()).isEqualTo(16L * MIB);
        first.release();
        first.release();
        second.release();
        assertThat(buffers.used()).isZero();
    }

    @Test
    void whoWaitsIsServedInTurnAndNobodyOvertakes() throws Exception {
        Buffers.Share share = buffers.share();
        Memory held = share.takeToSend(8L * MIB, stop);
        var first = CompletableFuture.supplyAsync(() -> share.takeToSend(8L * MIB, stop));
        while (!share.wanted()) {
            Thread.onSpinWait();
        }
        assertThat(share.tryTake(1)).isEmpty();
        held.release();
        Memory next = first.get(5, TimeUnit.SECONDS);
        assertThat(share.wanted()).isFalse();
        next.release();
    }

    @Test
    void aWaitEndsWhenTheTokenFires() {
        Buffers.Share share = buffers.share();
        Memory held = share.takeToSend(8L * MIB, stop);
        CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS).execute(() -> stop.fire(StopReason.CANCELLED));
        assertThatThrownBy(() -> share.takeToSend(MIB, stop)).isInstanceOf(Stopped.class);
        assertThat(share.wanted()).isFalse();
        held.release();
        assertThat(buffers.used()).isZero();
    }

    @Test
    void aQuarterIsForPartsThatAreFull() throws Exception {
        Buffers.Share share = buffers.share();
        List<Memory> gathering = Stream.generate(() -> share.tryTake(2L * MIB).orElseThrow())
                .limit(3)
                .toList();
        assertThat(share.tryTake(MIB)).isEmpty();
        assertThat(share.take(MIB, SHORT, stop)).isEmpty();
        Memory full = share.takeToSend(2L * MIB, stop);
        gathering.getFirst().flies();
        assertThat(share.tryTake(MIB)).as("while the half is used up").isEmpty();
        full.release();
        Memory more = share.tryTake(2L * MIB).orElseThrow();
        gathering.forEach(Memory::release);
        more.release();
        assertThat(buffers.used()).isZero();
    }

    @Test
    void aPartThatIsFullComesBeforeThoseThatBegin() throws Exception {
        Buffers.Share share = buffers.share();
        Memory held = share.takeToSend(8L * MIB, stop);
        var beginning = CompletableFuture.supplyAsync(() -> share.take(8L * MIB, LONG, stop));
        while (!share.wanted()) {
            Thread.onSpinWait();
        }
        var full = CompletableFuture.supplyAsync(() -> share.takeToSend(8L * MIB, stop));
        assertThat(share.take(MIB, SHORT, stop)).as("behind the others").isEmpty();
        held.release();
        Memory first = full.get(5, TimeUnit.SECONDS);
        assertThat(beginning).isNotDone();
        first.release();
        beginning.get(5, TimeUnit.SECONDS).orElseThrow().release();
    }

    @Test
    void aWaitEndsWhenItsPatienceDoes() {
        Buffers.Share share = buffers.share();
        Memory held = share.takeToSend(8L * MIB, stop);
        assertThat(share.take(MIB, SHORT, stop)).isEmpty();
        assertThat(share.wanted()).isFalse();
        held.release();
        share.take(MIB, SHORT, stop).orElseThrow().release();
        assertThat(buffers.used()).isZero();
    }

    @Test
    void whoWaitsForTheHalfOfOneStorageStandsInTheWayOfNoOther() throws Exception {
        Buffers.Share slow = buffers.share();
        Buffers.Share other = buffers.share();
        Memory held = slow.takeToSend(8L * MIB, stop);
        var waiting = CompletableFuture.supplyAsync(() -> slow.takeToSend(MIB, stop));
        while (!slow.wanted()) {
            Thread.onSpinWait();
        }
        assertThat(other.wanted()).isFalse();
        other.tryTake(MIB).orElseThrow().release();
        held.release();
        waiting.get(5, TimeUnit.SECONDS).release();
    }

    @Test
    void whoWaitsForWhatAnotherStorageHasGoesBeforeIt() throws Exception {
        Buffers.Share one = buffers.share();
        Buffers.Share two = buffers.share();
        Buffers.Share three = buffers.share();
        Memory first = one.takeToSend(8L * MIB, stop);
        Memory second = two.takeToSend(7L * MIB, stop);
        var waiting = CompletableFuture.supplyAsync(() -> three.takeToSend(2L * MIB, stop));
        while (!three.wanted()) {
            Thread.onSpinWait();
        }
        assertThat(two.wanted()).isTrue();
        assertThat(two.tryTake(MIB)).isEmpty();
        second.release();
        waiting.get(5, TimeUnit.SECONDS).release();
        first.release();
    }

    @Test
    void memoryGivesBackWhatWasPutIntoIt() {
        Memory memory = buffers.share().takeToSend(MIB, stop);
        var bytes = new byte[700_001];
        new Random(1).nextBytes(bytes);
        for (int at = 0; at < bytes.length; at += 1009) {
            memory.add(ByteBuffer.wrap(bytes, at, Math.min(1009, bytes.length - at)));
        }
        var read = ByteBuffer.allocate(bytes.length - 300_000);
        memory.from(300_000).forEach(read::put);
        assertThat(read.array()).isEqualTo(Arrays.copyOfRange(bytes, 300_000, bytes.length));
        assertThat(memory.size()).isEqualTo(bytes.length);
        memory.release();
    }
}
