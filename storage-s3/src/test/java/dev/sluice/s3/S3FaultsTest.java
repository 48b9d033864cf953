package dev.sluice.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.cloud.Buffers;
import dev.sluice.cloud.CloudStorageContract;
import dev.sluice.cloud.PartLayout;
import dev.sluice.cloud.Transport;
import dev.sluice.core.Commit;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.ObjectContent;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectSpec;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Precondition;
import dev.sluice.storage.Resumed;
import dev.sluice.storage.UploadState;
import dev.sluice.testing.Call;
import dev.sluice.testing.Fault;
import dev.sluice.testing.FaultyProxy;
import dev.sluice.testing.TestingS3;
import dev.sluice.testing.TestingS3Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A service that fails, and a client that changes its mind, seen at the wire.
@NullMarked
class S3FaultsTest {
    private static final int MIB = 1 << 20;
    private static final int SIZE = 30 * MIB;

    /// What the kernel may hold of one call when it is cut, and the proxy still reads.
    private static final long BUFFERED = MIB;

    private static final Predicate<Call> COMPLETIONS = Call.matching("POST", "uploadId=");
    private static final Predicate<Call> PARTS = Call.matching("PUT", "partNumber=");

    private final TestingS3 service = TestingS3Proxy.shared();
    private final String bucket = service.newBucket();
    private final FaultyProxy proxy = FaultyProxy.before(service.endpoint());
    private final Transport transport = Transport.open(Duration.ofSeconds(2), Duration.ofSeconds(10));
    private final Buffers buffers = new Buffers(128L * MIB);
    private final StopToken stop = new StopToken();
    private final AtomicReference<UploadState> saved = new AtomicReference<>();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path data;

    @AfterEach
    void close() {
        assertThat(buffers.used()).isZero();
        proxy.close();
        transport.close();
    }

    private S3Storage storage() {
        return storage("secret-of-nobody");
    }

    private S3Storage storage(String wrongSecret) {
        boolean wrong = !wrongSecret.equals("secret-of-nobody");
        var settings = new S3Settings(
                "clips",
                bucket,
                proxy.endpoint(),
                service.region(),
                service.accessKey(),
                wrong ? wrongSecret : service.secretKey(),
                "",
                true);
        return storage(settings);
    }

    private S3Storage storage(S3Settings settings) {
        return new S3Storage(settings, CloudStorageContract.supplies(transport, buffers, data));
    }

    private ObjectUpload begin(S3Storage storage, String name, long size) {
        UploadState intent =
                storage.intend(new ObjectSpec("u-" + System.nanoTime(), name, size, "application/octet-stream"));
        saved.set(intent);
        return storage.begin(intent, saved::set, stop);
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private static ObjectRef commit(ObjectUpload upload) throws Commit.TargetTaken {
        return upload.commit(upload.target(), Precondition.ABSENT);
    }

    private byte[] read(S3Storage storage, ObjectRef ref) {
        ByteBuffer all = ByteBuffer.allocate((int) ref.size());
        try (ObjectContent content = storage.read(ref, new ByteRange(0, ref.size()), new StopToken())) {
            while (content.read(all) >= 0) {}
        }
        return all.array();
    }

    private void nothingIsHeld() {
        assertThat(TestingBucket.of(service, bucket).held()).isEmpty();
        assertThat(data.resolve("tails").toFile().list()).isEmpty();
    }

    private static ProblemException problem(ErrorCode code, ThrowingCallable call) {
        var problem = catchThrowableOfType(ProblemException.class, call);
        assertThat(problem).as("a problem %s", code).isNotNull();
        assertThat(problem.code()).as(problem.getMessage()).isEqualTo(code);
        return problem;
    }

    /// Cancels while `phase` hangs, then pays the debt.
    private void cancelledWhile(Predicate<Call> phase, Fault hanging, boolean inCommit) throws Exception {
        S3Storage storage = storage();
        proxy.next(phase, hanging);
        ObjectUpload upload = begin(storage, "cancelled.bin", SIZE);
        var working = CompletableFuture.runAsync(
                () -> {
                    upload.write(ByteBuffer.wrap(bytes(SIZE)));
                    try {
                        commit(upload);
                    } catch (Commit.TargetTaken e) {
                        throw new AssertionError(e);
                    }
                },
                storage.executor());
        proxy.await(call -> phase.test(call)
                && (inCommit || call.bodyBytes() > 0 || call.method().equals("POST")));
        if (!inCommit) {
            // All that can fly: what begins afterwards has begun after the decision.
            proxy.await(4, PARTS);
        }
        stop.fire(StopReason.CANCELLED);
        Instant decided = Instant.now();
        List<Call> before = proxy.calls();
        assertThatThrownBy(() -> working.get(5, TimeUnit.SECONDS)).hasRootCauseInstanceOf(Stopped.class);
        upload.close();
        assertThat(proxy.calls(PARTS)).allMatch(call -> call.bodyBytesSince(before) <= BUFFERED);
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
    void aCancelWhileTheUploadIsBegunLeavesNothing() throws Exception {
        cancelledWhile(Call.matching("POST", "uploads"), Fault.holdAnswer(), true);
    }

    @Test
    void aCancelInTheMiddleOfAPartLeavesNothing() throws Exception {
        cancelledWhile(PARTS, Fault.stallAt(3 * MIB), false);
    }

    @Test
    void aCancelWhileAPartIsAnsweredLeavesNothing() throws Exception {
        cancelledWhile(Call.matching("PUT", "partNumber=2"), Fault.holdAnswer(), false);
    }

    @Test
    void aCancelDuringTheCompletionLeavesNothing() throws Exception {
        cancelledWhile(Call.matching("POST", "uploadId="), Fault.holdAnswer(), true);
    }

    @Test
    void afterACancelNoByteIsHandedOnAnyMore() throws Exception {
        S3Storage storage = storage();
        for (int i = 0; i < 20; i++) {
            proxy.forget();
            proxy.limitEach(20L * MIB);
            var cancelled = new StopToken();
            UploadState intent = storage.intend(new ObjectSpec("c-" + i, "c" + i, SIZE, "a/b"));
            saved.set(intent);
            ObjectUpload upload = storage.begin(intent, saved::set, cancelled);
            var working =
                    CompletableFuture.runAsync(() -> upload.write(ByteBuffer.wrap(bytes(SIZE))), storage.executor());
            proxy.await(call -> PARTS.test(call) && call.bodyBytes() > MIB);
            cancelled.fire(StopReason.CANCELLED);
            List<Call> before = proxy.calls();
            // Where all parts were in the air already there was nothing to stop in it.
            working.handle((done, stopped) -> stopped).get(5, TimeUnit.SECONDS);
            upload.close();
            proxy.await(1, call -> PARTS.test(call) && call.over());
            assertThat(proxy.calls(PARTS)).allMatch(call -> call.bodyBytesSince(before) <= BUFFERED);
            storage.discard(saved.get());
        }
        nothingIsHeld();
        storage.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SlowDown", "InternalError", "ServiceUnavailable"})
    void whatPassesIsTriedAgain(String word) throws Exception {
        S3Storage storage = storage();
        int status = word.equals("InternalError") ? 500 : 503;
        proxy.next(Call.matching("POST", "uploads"), Fault.s3Error(status, word));
        proxy.next(2, PARTS, Fault.s3Error(status, word));
        proxy.next(PARTS, Fault.dropAt(MIB));
        proxy.next(PARTS, Fault.loseAnswer());
        proxy.next(Call.matching("POST", "uploadId="), Fault.s3Error(status, word));
        try (ObjectUpload upload = begin(storage, "again.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            ObjectRef ref = commit(upload);
            assertThat(read(storage, ref)).isEqualTo(bytes(SIZE));
        }
        storage.discard(saved.get());
        assertThat(TestingBucket.of(service, bucket).held()).containsExactly("again.bin");
        storage.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, SIZE})
    void aCommitWhoseAnswerIsLostMakesNoTwin(int size) throws Exception {
        S3Storage storage = storage();
        try (ObjectUpload upload = begin(storage, "once.bin", size)) {
            upload.write(ByteBuffer.wrap(bytes(size)));
            upload.keep();
            ObjectRef target = upload.target();
            proxy.next(
                    call -> call.method().equals(size < MIB ? "PUT" : "POST")
                            && call.target().contains("once.bin"),
                    Fault.loseAnswer());
            ObjectRef ref = upload.commit(target, Precondition.ABSENT);
            assertThat(ref.key()).isEqualTo("once.bin");
            assertThat(read(storage, ref)).isEqualTo(bytes(size));
        }
        storage.discard(saved.get());
        assertThat(TestingBucket.of(service, bucket).held()).containsExactly("once.bin");
        storage.close();
    }

    @Test
    void anObjectThatTheServiceHasCutShortDoesNotStay() throws Exception {
        S3Storage storage = storage();
        try (ObjectUpload upload = begin(storage, "short.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            ObjectRef target = upload.target();
            proxy.next(
                    call -> call.method().equals("HEAD")
                            && !proxy.calls(COMPLETIONS).isEmpty(),
                    Fault.answer(
                            200,
                            Map.of(
                                    "ETag",
                                    "\"cut\"",
                                    "x-amz-meta-sluice-upload",
                                    upload.state().id()),
                            "short"));
            assertThat(problem(ErrorCode.CHECKSUM_MISMATCH, () -> upload.commit(target, Precondition.ABSENT)))
                    .hasMessageContaining("with 5 bytes")
                    .hasMessageContaining("deleted");
        }
        storage.discard(saved.get());
        nothingIsHeld();
        storage.close();
    }

    @Test
    void anUploadWhoseIdWasNeverLearntIsFoundByItsKey() {
        S3Storage storage = storage();
        proxy.next(20, Call.matching("POST", "uploads"), Fault.loseAnswer());
        try (ObjectUpload upload = begin(storage, "lost.bin", SIZE)) {
            problem(ErrorCode.UPSTREAM_UNAVAILABLE, () -> upload.write(ByteBuffer.wrap(bytes(SIZE))));
        }
        assertThat(TestingBucket.of(service, bucket).held()).isNotEmpty();
        proxy.forget();
        storage.discard(saved.get());
        nothingIsHeld();
        storage.close();
    }

    @Test
    void aPauseKeepsWhatIsThereAndNothingIsSentTwiceButForAPart() throws Exception {
        S3Storage storage = storage();
        byte[] bytes = bytes(SIZE);
        UploadState state;
        long kept;
        try (ObjectUpload upload = begin(storage, "paused.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes, 0, 20 * MIB));
            stop.fire(StopReason.PAUSED);
            kept = upload.keep();
            state = saved.get();
        }
        assertThat(kept).isEqualTo(20L * MIB);
        assertThat(proxy.calls(call -> call.method().equals("DELETE"))).isEmpty();
        S3Storage next = storage();
        if (next.resume(state, saved::set, new StopToken()) instanceof Resumed.Open open) {
            try (ObjectUpload upload = open.upload()) {
                assertThat(upload.durable()).isEqualTo(kept);
                upload.write(ByteBuffer.wrap(bytes, (int) kept, SIZE - (int) kept));
                assertThat(read(next, commit(upload))).isEqualTo(bytes);
            }
        } else {
            throw new AssertionError("a pause lost the upload");
        }
        long sent = proxy.calls(PARTS).stream().mapToLong(Call::bodyBytes).sum();
        assertThat(sent).isLessThanOrEqualTo(SIZE + PartLayout.STANDARD);
        next.discard(saved.get());
        next.close();
        storage.close();
    }

    @ParameterizedTest
    @CsvSource({
        "403, AccessDenied, UPSTREAM_REFUSED",
        "403, RequestTimeTooSkewed, UPSTREAM_REFUSED",
        "403, InvalidAccessKeyId, UPSTREAM_REFUSED",
        "404, NoSuchBucket, UPSTREAM_NOT_FOUND",
        "400, EntityTooLarge, TOO_LARGE",
        "400, KeyTooLongError, INVALID_REQUEST",
    })
    void whatDoesNotPassIsToldInTheServicesWords(int status, String word, ErrorCode code) {
        S3Storage storage = storage();
        try (ObjectUpload upload = begin(storage, "refused.bin", 10)) {
            upload.write(ByteBuffer.wrap(bytes(10)));
            ObjectRef target = upload.target();
            proxy.next(Call.matching("PUT", "refused.bin"), Fault.s3Error(status, word));
            assertThat(problem(code, () -> upload.commit(target, Precondition.ABSENT)))
                    .hasMessageContaining(word)
                    .hasMessageContaining("clips");
        }
        nothingIsHeld();
        storage.close();
    }

    @Test
    void aWrongSecretIsRefusedAndNotRepeated() {
        S3Storage storage = storage("another-secret");
        try (ObjectUpload upload = begin(storage, "refused.bin", 10)) {
            upload.write(ByteBuffer.wrap(bytes(10)));
            assertThat(problem(
                            ErrorCode.UPSTREAM_REFUSED,
                            () -> upload.commit(new ObjectRef("refused.bin", 10), Precondition.ABSENT)))
                    .hasMessageContaining("SignatureDoesNotMatch")
                    .hasMessageNotContaining("another-secret");
        }
        storage.close();
    }

    @Test
    void aServiceThatIsAwayIsUnavailableAndAWaitForItCanBeStopped() {
        S3Storage storage = storage();
        proxy.away();
        problem(ErrorCode.UPSTREAM_UNAVAILABLE, () -> storage.delete(new ObjectRef("a", 1)));
        stop.fire(StopReason.PAUSED);
        assertThatThrownBy(() -> storage.read(new ObjectRef("a", 1), new ByteRange(0, 1), stop))
                .isInstanceOf(Stopped.class);
        proxy.back();
        storage.close();
    }

    @Test
    void whoSendsSlowlyDoesNotKeepTheMemoryFromOthers() throws Exception {
        var scarce = new Buffers(16L * MIB);
        S3Storage storage = new S3Storage(
                new S3Settings(
                        "clips",
                        bucket,
                        proxy.endpoint(),
                        service.region(),
                        service.accessKey(),
                        service.secretKey(),
                        "",
                        true),
                CloudStorageContract.supplies(transport, scarce, data));
        byte[] bytes = bytes(8 * MIB);
        var others = new CompletableFuture<Void>();
        try (ObjectUpload slow = begin(storage, "slow.bin", bytes.length);
                ObjectUpload quick = begin(storage, "quick.bin", bytes.length)) {
            slow.write(ByteBuffer.wrap(bytes, 0, MIB));
            var quickly = CompletableFuture.runAsync(
                    () -> {
                        quick.write(ByteBuffer.wrap(bytes));
                        try {
                            commit(quick);
                        } catch (Commit.TargetTaken e) {
                            throw new AssertionError(e);
                        } finally {
                            others.complete(null);
                        }
                    },
                    storage.executor());
            int at = MIB;
            for (; !others.isDone() && at < 7 * MIB; at += 64 << 10) {
                slow.write(ByteBuffer.wrap(bytes, at, 64 << 10));
                others.copy().completeOnTimeout(null, 50, TimeUnit.MILLISECONDS).join();
            }
            quickly.get(10, TimeUnit.SECONDS);
            assertThat(at).isLessThan(7 * MIB);
            slow.write(ByteBuffer.wrap(bytes, at, bytes.length - at));
            assertThat(read(storage, commit(slow))).isEqualTo(bytes);
            storage.discard(slow.state());
        }
        assertThat(scarce.used()).isZero();
        assertThat(TestingBucket.of(service, bucket).held()).containsExactly("quick.bin", "slow.bin");
        storage.close();
    }

    @Test
    void anAbortThatRacesAPartIsRepeatedUntilNothingIsListed() throws Exception {
        S3Storage storage = storage();
        proxy.next(PARTS, Fault.loseAnswer());
        try (ObjectUpload upload = begin(storage, "raced.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            upload.keep();
        }
        proxy.forget();
        // The service is told of the abort only when its first answer is lost.
        proxy.next(call -> call.method().equals("DELETE"), Fault.loseAnswer());
        storage.discard(saved.get());
        nothingIsHeld();
        assertThat(List.copyOf(proxy.calls(call -> call.method().equals("DELETE"))))
                .isNotEmpty();
        storage.close();
    }
}
