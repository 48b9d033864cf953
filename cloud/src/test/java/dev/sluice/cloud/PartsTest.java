package dev.sluice.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import dev.sluice.secrets.Vault;
import dev.sluice.storage.ObjectSpec;
import dev.sluice.storage.UploadState;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Memory for two parts, and more senders than that.
@NullMarked
@Timeout(30)
class PartsTest {
    private static final int PART = 1 << 20;
    private static final byte[] CONTENT = content(3 * PART + 1000);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final Buffers.Share memory = new Buffers(4L * PART).share();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Transport transport = Transport.open(Duration.ofSeconds(1), Duration.ofSeconds(1));
    private final StopToken stop = new StopToken();
    private final List<Parts> open = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private Supplies supplies;

    /// Takes whatever is sent.
    private static final class Provider implements Parts.Carrier {
        final ConcurrentSkipListMap<Integer, byte[]> parts = new ConcurrentSkipListMap<>();

        @Override
        public void open() {}

        @Override
        public String send(Parts.Part part, StopToken cut) {
            var bytes = ByteBuffer.allocate((int) part.length());
            part.memory().from(0).forEach(bytes::put);
            var digest = new CRC32();
            digest.update(bytes.array());
            assertThat(part.crc32()).isEqualTo(digest.getValue());
            parts.put(part.number(), bytes.array());
            return "part " + part.number();
        }

        @Override
        public void landed(List<Parts.Landed> landed, Parts.Progress all) {}

        byte[] all() {
            var all = ByteBuffer.allocate(
                    parts.values().stream().mapToInt(part -> part.length).sum());
            parts.values().forEach(all::put);
            return all.array();
        }
    }

    private static byte[] content(int size) {
        var bytes = new byte[size];
        new Random(7).nextBytes(bytes);
        return bytes;
    }

    private static long crc32(byte[] bytes) {
        var digest = new CRC32();
        digest.update(bytes);
        return digest.getValue();
    }

    @BeforeEach
    void prepare() {
        Vault vault = Vault.in(folder.resolve("key"));
        supplies = new Supplies(
                transport, memory, KeptTails.in(folder, vault), vault, Clock.systemUTC(), BackOff.STANDARD);
    }

    @AfterEach
    void close() {
        open.forEach(Parts::close);
        assertThat(memory.wanted()).isFalse();
        threads.close();
        transport.close();
    }

    private Parts parts(String id, Provider provider) {
        return parts(id, Parts.Kept.NOTHING, provider, stop);
    }

    private Parts parts(String id, Parts.Kept kept, Provider provider, StopToken token) {
        var upload = new UploadState(id, id, CONTENT.length, "text/plain", "");
        var layout = new PartLayout(PART, CONTENT.length, 100, memory.most());
        var parts = new Parts(supplies, threads, new Parts.Plan(upload, layout, 4, false), kept, provider, token);
        open.add(parts);
        return parts;
    }

    /// Writes in pieces as a slow sender's come.
    private static void write(Parts parts, int from, int to, int piece) {
        for (int at = from; at < to; at += piece) {
            parts.write(ByteBuffer.wrap(CONTENT, at, Math.min(piece, to - at)));
        }
    }

    private static void finish(Parts parts, Provider provider, int from) {
        write(parts, from, CONTENT.length, 50_000);
        Parts.Progress all = parts.landAll();
        assertThat(all.bytes()).isEqualTo(CONTENT.length);
        assertThat(all.crc32()).isEqualTo(crc32(CONTENT));
        assertThat(provider.all()).isEqualTo(CONTENT);
    }

    @Test
    void aSlowSenderGoesOnWhileOthersHoldAllMemory() {
        Memory one = memory.takeToSend(PART, stop);
        Memory other = memory.takeToSend(PART, stop);
        var provider = new Provider();
        Parts slow = parts("slow", provider);
        write(slow, 0, 700_000, 1_600);
        assertThat(slow.accepted()).isEqualTo(700_000);
        assertThat(provider.parts).isEmpty();
        one.release();
        other.release();
        finish(slow, provider, 700_000);
    }

    @Test
    void whatWasSetAsideIsKeptAndGoneOnFrom() {
        Memory one = memory.takeToSend(PART, stop);
        Memory other = memory.takeToSend(PART, stop);
        var provider = new Provider();
        Parts slow = parts("slow", provider);
        write(slow, 0, 300_007, 7_001);
        assertThat(slow.keep()).isEqualTo(300_007);
        assertThat(slow.durable()).isEqualTo(300_007);
        assertThat(slow.crc32()).hasValue(crc32(Arrays.copyOf(CONTENT, 300_007)));
        slow.close();
        one.release();
        other.release();
        UploadState upload = supplies.sealed(new ObjectSpec("slow", "slow", CONTENT.length, "text/plain"), "a session");
        finish(parts("slow", supplies.kept(upload, 0, 0, 0), provider, stop), provider, 300_007);
    }

    @Test
    void aFullPartThatWasSetAsideWaitsForMemoryAndFlies() throws Exception {
        Memory one = memory.takeToSend(PART, stop);
        Memory other = memory.takeToSend(PART, stop);
        var provider = new Provider();
        Parts slow = parts("slow", provider);
        write(slow, 0, PART - 1, 100_000);
        CompletableFuture<Void> last = CompletableFuture.runAsync(() -> write(slow, PART - 1, PART, 1), threads);
        while (!memory.wanted()) {
            Thread.onSpinWait();
        }
        assertThat(last).isNotDone();
        other.release();
        last.get(5, TimeUnit.SECONDS);
        one.release();
        finish(slow, provider, PART);
    }

    @Test
    void aSilentSenderKeepsNobodyFromSending() {
        Parts silent = parts("silent", new Provider());
        write(silent, 0, 10, 10);
        var provider = new Provider();
        Parts other = parts("other", provider);
        finish(other, provider, 0);
    }

    @Test
    void aSlowSenderGivesWayAfterItsTurn() throws Exception {
        var provider = new Provider();
        Parts slow = parts("slow", provider);
        write(slow, 0, 10, 10);
        CompletableFuture<Memory> waiting =
                CompletableFuture.supplyAsync(() -> memory.takeToSend(2L * PART, stop), threads);
        int at = 10;
        while (!waiting.isDone()) {
            write(slow, at, at + 1, 1);
            at++;
            LockSupport.parkNanos(1_000_000);
        }
        waiting.get(5, TimeUnit.SECONDS).release();
        finish(slow, provider, at);
    }

    @Test
    void aStopEndsTheWaitOfAFullPart() {
        Memory one = memory.takeToSend(PART, stop);
        Memory other = memory.takeToSend(PART, stop);
        var token = new StopToken();
        Parts slow = parts("slow", Parts.Kept.NOTHING, new Provider(), token);
        write(slow, 0, PART - 1, 100_000);
        CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS).execute(() -> token.fire(StopReason.CANCELLED));
        assertThatThrownBy(() -> write(slow, PART - 1, PART, 1)).isInstanceOf(Stopped.class);
        one.release();
        other.release();
    }
}
