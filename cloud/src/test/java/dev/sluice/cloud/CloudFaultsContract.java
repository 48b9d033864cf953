package dev.sluice.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Precondition;
import dev.sluice.storage.Resumed;
import dev.sluice.storage.Storage;
import dev.sluice.testing.Call;
import dev.sluice.testing.Fault;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What every storage that sends parts of their own does where its service fails, or its client changes its mind.
@NullMarked
public abstract class CloudFaultsContract extends BehindAProxy {
    /// What the kernel may hold of one call when it is cut, and the proxy still reads.
    private static final long BUFFERED = MIB;

    private final Predicate<Call> parts;
    private final Predicate<Call> commits;

    /// @param parts calls that carry a part
    /// @param commits calls that make an object of parts
    protected CloudFaultsContract(URI service, Predicate<Call> parts, Predicate<Call> commits) {
        super(service);
        this.parts = parts;
        this.commits = commits;
    }

    // ------------------------------------------------------------ cancels

    /// Cancels while `phase` hangs, then pays the debts.
    protected final void cancelledWhile(Predicate<Call> phase, Fault hanging) {
        Storage storage = storage();
        proxy.next(phase, hanging);
        ObjectUpload upload = begin(storage, "cancelled.bin", SIZE);
        var working = CompletableFuture.runAsync(
                () -> {
                    upload.write(ByteBuffer.wrap(bytes(SIZE)));
                    committed(upload);
                },
                storage.executor());
        Call hangs = proxy.await(call ->
                phase.test(call) && (call.bodyBytes() > 0 || !call.method().equals("PUT")));
        if (parts.test(hangs)) {
            // All that can fly: what begins afterwards has begun after the decision.
            proxy.await(4, parts);
        }
        stop.fire(StopReason.CANCELLED);
        Instant decided = Instant.now();
        List<Call> before = proxy.calls();
        assertThatThrownBy(() -> working.get(5, TimeUnit.SECONDS)).hasRootCauseInstanceOf(Stopped.class);
        upload.close();
        assertThat(proxy.calls(parts)).allMatch(call -> call.bodyBytesSince(before) <= BUFFERED);
        assertThat(proxy.calls(call -> call.firstByte().isAfter(decided.plusMillis(2))))
                .as("calls after the decision")
                .isEmpty();
        proxy.release();
        storage.takeBack(saved.get(), new ObjectRef("cancelled.bin", SIZE));
        storage.discard(saved.get());
        nothingIsHeld();
        storage.close();
    }

    @Test
    public void aCancelInTheMiddleOfAPartLeavesNothing() {
        cancelledWhile(parts, Fault.stallAt(3 * MIB));
    }

    @Test
    public void aCancelWhileAPartIsAnsweredLeavesNothing() {
        cancelledWhile(parts, Fault.holdAnswer());
    }

    @Test
    public void aCancelDuringTheCommitLeavesNothing() {
        cancelledWhile(commits, Fault.holdAnswer());
    }

    @Test
    public void aCancelDuringASinglePutLeavesNothing() {
        Storage storage = storage();
        Predicate<Call> put = Call.matching("PUT", "small.bin");
        proxy.next(put, Fault.holdAnswer());
        ObjectUpload upload = begin(storage, "small.bin", 1000);
        upload.write(ByteBuffer.wrap(bytes(1000)));
        var working = CompletableFuture.supplyAsync(() -> committed(upload), storage.executor());
        proxy.await(call -> put.test(call) && call.bodyBytes() == 1000);
        stop.fire(StopReason.CANCELLED);
        assertThatThrownBy(() -> working.get(5, TimeUnit.SECONDS)).hasRootCauseInstanceOf(Stopped.class);
        upload.close();
        proxy.release();
        storage.takeBack(saved.get(), new ObjectRef("small.bin", 1000));
        storage.discard(saved.get());
        nothingIsHeld();
        assertThat(proxy.calls(put))
                .as("puts, of which none began after the cancel")
                .hasSize(1);
        storage.close();
    }

    @Test
    public void afterACancelNoByteIsHandedOnAnyMore() throws Exception {
        Storage storage = storage();
        for (int i = 0; i < 20; i++) {
            proxy.forget();
            proxy.limitEach(20L * MIB);
            var cancelled = new StopToken();
            ObjectUpload upload = begin(storage, "c" + i, SIZE, cancelled);
            var working =
                    CompletableFuture.runAsync(() -> upload.write(ByteBuffer.wrap(bytes(SIZE))), storage.executor());
            proxy.await(call -> parts.test(call) && call.bodyBytes() > MIB);
            cancelled.fire(StopReason.CANCELLED);
            List<Call> before = proxy.calls();
            // Where all parts were in the air already there was nothing to stop in it.
            working.handle((done, stopped) -> stopped).get(5, TimeUnit.SECONDS);
            upload.close();
            proxy.await(1, call -> parts.test(call) && call.over());
            assertThat(proxy.calls(parts)).allMatch(call -> call.bodyBytesSince(before) <= BUFFERED);
            storage.discard(saved.get());
        }
        nothingIsHeld();
        storage.close();
    }

    // ------------------------------------------------------------ pauses

    /// So many bytes have been taken when it is paused: none, some of the first part, that part, some of a later one,
    /// all of them.
    @ParameterizedTest
    @ValueSource(ints = {0, 3 * MIB, 8 * MIB, 20 * MIB, SIZE})
    public void aPauseKeepsWhatIsThereAndNothingIsSentTwice(int taken) {
        Storage storage = storage();
        byte[] bytes = bytes(SIZE);
        try (ObjectUpload upload = begin(storage, "paused.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes, 0, taken));
            stop.fire(StopReason.PAUSED);
            assertThat(upload.keep()).isEqualTo(taken);
        }
        assertThat(proxy.calls(call -> call.method().equals("DELETE"))).isEmpty();
        assertThat(proxy.calls(commits)).isEmpty();
        Storage next = storage();
        assertThat(next.kept(saved.get())).isEqualTo(taken);
        try (ObjectUpload upload = taken == 0 ? afresh(next) : resumed(next)) {
            assertThat(upload.durable()).isEqualTo(taken);
            upload.write(ByteBuffer.wrap(bytes, taken, SIZE - taken));
            assertThat(read(next, committed(upload))).isEqualTo(bytes);
        }
        assertThat(sent()).isEqualTo(SIZE);
        next.discard(saved.get());
        assertThat(held()).containsExactly("paused.bin");
        next.close();
        storage.close();
    }

    /// Of what has no byte nothing is there to go on with.
    private ObjectUpload afresh(Storage by) {
        assertThat(by.resume(saved.get(), saved::set, new StopToken())).isEqualTo(new Resumed.Gone());
        return begin(by, "paused.bin", SIZE, new StopToken());
    }

    private long sent() {
        return proxy.calls(parts).stream().mapToLong(Call::bodyBytes).sum();
    }

    /// What flies may land.
    @Test
    public void aPauseInTheMiddleOfAPartLetsItLand() throws Exception {
        Storage storage = storage();
        byte[] bytes = bytes(SIZE);
        proxy.next(4, parts, Fault.stallAt(3 * MIB));
        try (ObjectUpload upload = begin(storage, "flying.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes, 0, 20 * MIB));
            proxy.await(2, call -> parts.test(call) && call.bodyBytes() == 3 * MIB);
            stop.fire(StopReason.PAUSED);
            var keeping = CompletableFuture.supplyAsync(upload::keep, storage.executor());
            proxy.release();
            assertThat(keeping.get(5, TimeUnit.SECONDS)).isEqualTo(20L * MIB);
        }
        assertThat(proxy.calls(call -> call.method().equals("DELETE")))
                .as("nothing is aborted")
                .isEmpty();
        Storage next = storage();
        try (ObjectUpload upload = resumed(next)) {
            assertThat(upload.durable()).isEqualTo(20L * MIB);
            proxy.forget();
            upload.write(ByteBuffer.wrap(bytes, 20 * MIB, 10 * MIB));
            assertThat(read(next, committed(upload))).isEqualTo(bytes);
        }
        assertThat(sent()).as("after the pause").isEqualTo(14L * MIB);
        next.discard(saved.get());
        assertThat(held()).containsExactly("flying.bin");
        next.close();
        storage.close();
    }

    @Test
    public void aCancelAfterAPauseCutsOffWhatStillFlies() throws Exception {
        Storage storage = storage();
        proxy.next(4, parts, Fault.stallAt(3 * MIB));
        try (ObjectUpload upload = begin(storage, "flying.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE), 0, 20 * MIB));
            proxy.await(2, call -> parts.test(call) && call.bodyBytes() == 3 * MIB);
            stop.fire(StopReason.PAUSED);
            var keeping = CompletableFuture.supplyAsync(upload::keep, storage.executor());
            stop.fire(StopReason.CANCELLED);
            assertThat(keeping.get(1, TimeUnit.SECONDS)).isZero();
        }
        int begun = proxy.calls(parts).size();
        assertThat(proxy.calls(call -> parts.test(call) && call.status().isPresent()))
                .isEmpty();
        proxy.release();
        storage.discard(saved.get());
        nothingIsHeld();
        assertThat(proxy.calls(parts))
                .as("parts, of which none began after the cancel")
                .hasSize(begun);
        storage.close();
    }

    /// The last byte has been sent; whether the object was made is not known to who is paused.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    public void aPauseDuringTheCommitLosesNothingAndSendsNothingTwice(boolean made) throws Exception {
        Storage storage = storage();
        byte[] bytes = bytes(SIZE);
        proxy.next(commits, made ? Fault.holdAnswer() : Fault.stallAt(0));
        ObjectUpload upload = begin(storage, "paused.bin", SIZE);
        upload.write(ByteBuffer.wrap(bytes));
        var working = CompletableFuture.supplyAsync(() -> committed(upload), storage.executor());
        proxy.await(call -> commits.test(call) && (call.status().isPresent() || !made));
        stop.fire(StopReason.PAUSED);
        assertThatThrownBy(() -> working.get(5, TimeUnit.SECONDS)).hasRootCauseInstanceOf(Stopped.class);
        upload.keep();
        upload.close();
        proxy.release();
        Storage next = storage();
        ObjectRef ref = switch (next.resume(saved.get(), saved::set, new StopToken())) {
            case Resumed.AlreadyCommitted known -> known.ref();
            case Resumed.Open open -> {
                assertThat(made).as("made").isFalse();
                try (ObjectUpload again = open.upload()) {
                    assertThat(again.durable()).isEqualTo(SIZE);
                    yield committed(again);
                }
            }
            case Resumed.Gone gone -> throw new AssertionError("a pause lost the upload");
        };
        assertThat(ref.key()).isEqualTo("paused.bin");
        assertThat(read(next, ref)).isEqualTo(bytes);
        assertThat(sent()).isEqualTo(SIZE);
        next.discard(saved.get());
        assertThat(held()).containsExactly("paused.bin");
        next.close();
        storage.close();
    }

    // ------------------------------------------------------------ what passes

    /// An upload whose calls meet this refusal, and lost connections, ends whole.
    ///
    /// @param begins calls that are made before any part is sent
    protected final void passes(Fault refusal, Predicate<Call> begins) {
        Storage storage = storage();
        proxy.next(begins, refusal);
        proxy.next(2, parts, refusal);
        proxy.next(parts, Fault.dropAt(MIB));
        proxy.next(parts, Fault.loseAnswer());
        proxy.next(commits, refusal);
        try (ObjectUpload upload = begin(storage, "again.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            ObjectRef ref = committed(upload);
            proxy.next(Call.matching("GET", "again.bin"), refusal);
            assertThat(read(storage, ref)).isEqualTo(bytes(SIZE));
        }
        storage.discard(saved.get());
        assertThat(held()).containsExactly("again.bin");
        storage.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, SIZE})
    public void aCommitWhoseAnswerIsLostMakesNoTwin(int size) throws Exception {
        Storage storage = storage();
        try (ObjectUpload upload = begin(storage, "once.bin", size)) {
            upload.write(ByteBuffer.wrap(bytes(size)));
            upload.keep();
            ObjectRef target = upload.target();
            proxy.next(size < MIB ? Call.matching("PUT", "once.bin") : commits, Fault.loseAnswer());
            ObjectRef ref = upload.commit(target, Precondition.ABSENT);
            assertThat(ref.key()).isEqualTo("once.bin");
            assertThat(read(storage, ref)).isEqualTo(bytes(size));
        }
        storage.discard(saved.get());
        assertThat(held()).containsExactly("once.bin");
        storage.close();
    }

    @Test
    public void aCommitThatNeverGotThroughIsRepeated() {
        Storage storage = storage();
        try (ObjectUpload upload = begin(storage, "truncated.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            proxy.next(2, commits, Fault.dropAt(100));
            assertThat(read(storage, committed(upload))).isEqualTo(bytes(SIZE));
        }
        assertThat(proxy.calls(commits)).hasSize(3);
        storage.discard(saved.get());
        assertThat(held()).containsExactly("truncated.bin");
        storage.close();
    }

    // ------------------------------------------------------------ what does not pass

    /// A single put that is refused like this is told in these words, made once, and leaves nothing.
    protected final void refusedAtThePut(Fault refusal, ErrorCode code, String... said) {
        Storage storage = storage();
        Predicate<Call> put = Call.matching("PUT", "refused.bin");
        try (ObjectUpload upload = begin(storage, "refused.bin", 10)) {
            upload.write(ByteBuffer.wrap(bytes(10)));
            ObjectRef target = upload.target();
            proxy.next(put, refusal);
            assertThat(problem(code, () -> upload.commit(target, Precondition.ABSENT)))
                    .hasMessageContaining("storage \"clips\"")
                    .hasMessageContainingAll(said);
        }
        assertThat(proxy.calls(put)).hasSize(1);
        nothingIsHeld();
        storage.close();
    }

    /// Parts that are all refused like this are told once of, each sent once, and what was begun leaves nothing.
    protected final ProblemException refusedAtEveryPart(Fault refusal, ErrorCode code) {
        Storage storage = storage();
        proxy.next(100, parts, refusal);
        ProblemException told;
        try (ObjectUpload upload = begin(storage, "full.bin", SIZE)) {
            told = problem(code, () -> {
                upload.write(ByteBuffer.wrap(bytes(SIZE)));
                commit(upload);
            });
        }
        if (!code.retryable()) {
            assertThat(proxy.calls(parts)).extracting(Call::target).doesNotHaveDuplicates();
        }
        storage.discard(saved.get());
        nothingIsHeld();
        storage.close();
        return told;
    }

    @Test
    public void aServiceThatIsAwayIsUnavailableAndAWaitForItCanBeStopped() {
        Storage storage = storage();
        proxy.away();
        assertThat(problem(ErrorCode.UPSTREAM_UNAVAILABLE, () -> storage.delete(new ObjectRef("a", 1))))
                .hasMessageContaining("storage \"clips\"")
                .hasMessageContaining("at " + proxy.endpoint() + ": no answer (")
                .hasMessageContaining("see whether the endpoint is right and can be reached");
        stop.fire(StopReason.PAUSED);
        assertThatThrownBy(() -> storage.read(new ObjectRef("a", 1), new ByteRange(0, 1), stop))
                .isInstanceOf(Stopped.class);
        proxy.back();
        storage.close();
    }
}
