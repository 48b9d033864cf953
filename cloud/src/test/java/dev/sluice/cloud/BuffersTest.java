package dev.sluice.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class BuffersTest {
    private static final int MIB = 1 << 20;

    private final Buffers buffers = new Buffers(16L * MIB);
    private final StopToken stop = new StopToken();

    @Test
    void noStorageGetsMoreThanHalf() {
        Buffers.Share one = buffers.share();
        Buffers.Share other = buffers.share();
        assertThat(one.most()).isEqualTo(8L * MIB);
        Memory first = one.take(8L * MIB, stop);
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
        Memory held = share.take(8L * MIB, stop);
        var first = CompletableFuture.supplyAsync(() -> share.take(8L * MIB, stop));
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
        Memory held = share.take(8L * MIB, stop);
        CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS).execute(() -> stop.fire(StopReason.CANCELLED));
        assertThatThrownBy(() -> share.take(MIB, stop)).isInstanceOf(Stopped.class);
        assertThat(share.wanted()).isFalse();
        held.release();
        assertThat(buffers.used()).isZero();
    }

    @Test
    void memoryGivesBackWhatWasPutIntoIt() {
        Memory memory = buffers.share().take(MIB, stop);
        var bytes = new byte[700_001];
        new java.util.Random(1).nextBytes(bytes);
        for (int at = 0; at < bytes.length; at += 1009) {
            memory.add(ByteBuffer.wrap(bytes, at, Math.min(1009, bytes.length - at)));
        }
        var read = ByteBuffer.allocate(bytes.length - 300_000);
        memory.from(300_000).forEach(read::put);
        assertThat(read.array()).isEqualTo(java.util.Arrays.copyOfRange(bytes, 300_000, bytes.length));
        assertThat(memory.size()).isEqualTo(bytes.length);
        memory.release();
    }
}
