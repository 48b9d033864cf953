package dev.sluice.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.cloud.Buffers;
import dev.sluice.cloud.CloudFaultsContract;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.StopReason;
import dev.sluice.core.Stopped;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Precondition;
import dev.sluice.storage.Storage;
import dev.sluice.storage.UploadState;
import dev.sluice.testing.Call;
import dev.sluice.testing.Fault;
import dev.sluice.testing.TestingS3;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A service that fails, and a client that changes its mind, seen at the wire.
@NullMarked
class S3FaultsTest extends CloudFaultsContract {
    private static final Predicate<Call> BEGINS = Call.matching("POST", "uploads");

    private final ProxiedBucket bucket = new ProxiedBucket();

    S3FaultsTest() {
        super(ProxiedBucket.SERVICE.endpoint(), ProxiedBucket.PARTS, ProxiedBucket.COMPLETIONS);
    }

    @Override
    protected S3Storage storage() {
        return new S3Storage(bucket.settings(proxy), supplies());
    }

    @Override
    protected Set<String> held() {
        return bucket.held();
    }

    @Test
    void aCancelWhileTheUploadIsBegunLeavesNothing() {
        cancelledWhile(BEGINS, Fault.holdAnswer());
    }

    @ParameterizedTest
    @CsvSource({"503, SlowDown", "500, InternalError", "503, ServiceUnavailable"})
    void whatPassesIsTriedAgain(int status, String word) {
        passes(Fault.s3Error(status, word), BEGINS);
    }

    /// As from a service that is putting the parts together already, for a completion that was cut off.
    @Test
    void aCompletionThatFindsItsPartsInUseIsTriedAgain() {
        S3Storage storage = storage();
        proxy.next(ProxiedBucket.COMPLETIONS, Fault.s3Error(400, "InvalidPart"));
        try (ObjectUpload upload = begin(storage, "in-use.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            assertThat(read(storage, committed(upload))).isEqualTo(bytes(SIZE));
        }
        storage.close();
    }

    @Test
    void anUploadWhoseIdWasNeverLearntIsFoundByItsKey() {
        S3Storage storage = storage();
        proxy.next(20, BEGINS, Fault.loseAnswer());
        try (ObjectUpload upload = begin(storage, "lost.bin", SIZE)) {
            problem(ErrorCode.UPSTREAM_UNAVAILABLE, () -> upload.write(ByteBuffer.wrap(bytes(SIZE))));
        }
        assertThat(held()).isNotEmpty();
        proxy.forget();
        storage.discard(saved.get());
        nothingIsHeld();
        storage.close();
    }

    @Test
    void theWaitThatTheServiceAsksForIsKept() throws Exception {
        S3Storage storage = storage();
        proxy.next(
                1,
                BEGINS,
                Fault.answer(
                        503,
                        Map.of("Retry-After", "1"),
                        "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"));
        long began = System.nanoTime();
        try (ObjectUpload upload = begin(storage, "slow.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            storage.delete(commit(upload));
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        nothingIsHeld();
        storage.close();
    }

    @Test
    void ofAnUploadThatWasBegunTwiceSinceAnAnswerWasLostOneStays() throws Exception {
        S3Storage storage = storage();
        byte[] bytes = bytes(SIZE);
        proxy.next(1, BEGINS, Fault.loseAnswer());
        try (ObjectUpload upload = begin(storage, "twice.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes));
            assertThat(proxy.calls(BEGINS)).hasSize(2);
            ObjectRef ref = commit(upload);
            assertThat(read(storage, ref)).isEqualTo(bytes);
            storage.delete(ref);
        }
        nothingIsHeld();
        storage.close();
    }

    @Test
    void whatIsKeptHereOutlivesAnUploadWhoseIdWasNeverLearnt() throws Exception {
        S3Storage storage = storage();
        byte[] bytes = bytes(SIZE);
        try (ObjectUpload upload = begin(storage, "kept.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes, 0, MIB));
            upload.keep();
        }
        proxy.next(20, BEGINS, Fault.loseAnswer());
        try (ObjectUpload upload = resumed(storage)) {
            problem(
                    ErrorCode.UPSTREAM_UNAVAILABLE,
                    () -> upload.write(ByteBuffer.wrap(bytes, MIB, bytes.length - MIB)));
        }
        assertThat(held()).isNotEmpty();
        proxy.forget();
        try (ObjectUpload upload = resumed(storage)) {
            assertThat(upload.durable()).isEqualTo(MIB);
            upload.write(ByteBuffer.wrap(bytes, MIB, bytes.length - MIB));
            assertThat(read(storage, commit(upload))).isEqualTo(bytes);
        }
        assertThat(held()).containsExactly("kept.bin");
        storage.close();
    }

    /// What was to be begun, and was not before the process died.
    private UploadState neverBegun(Storage storage) {
        proxy.next(20, BEGINS, Fault.s3Error(503, "SlowDown"));
        try (ObjectUpload upload = begin(storage, "same.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE), 0, MIB));
            upload.keep();
            problem(ErrorCode.UPSTREAM_THROTTLED, () -> upload.write(ByteBuffer.wrap(bytes(SIZE), MIB, SIZE - MIB)));
        }
        proxy.forget();
        return saved.get();
    }

    private void discardedWhileAnotherGoesOn(Storage storage, UploadState first) throws Exception {
        try (ObjectUpload other = begin(storage, "same.bin", SIZE)) {
            other.write(ByteBuffer.wrap(bytes(SIZE)));
            storage.discard(first);
            ObjectRef ref = commit(other);
            assertThat(read(storage, ref)).isEqualTo(bytes(SIZE));
            storage.delete(ref);
        }
        nothingIsHeld();
        storage.close();
    }

    @Test
    void afterARestartAnUploadThatWasNeverBegunKeepsItsName() throws Exception {
        S3Storage dead = storage();
        UploadState first = neverBegun(dead);
        dead.close();
        S3Storage storage = storage();
        storage.recall(first);
        discardedWhileAnotherGoesOn(storage, first);
    }

    @Test
    void whoseNameWasGivenAwayAbortsNothingUnderIt() throws Exception {
        S3Storage storage = storage();
        neverBegun(storage);
        resumed(storage).close();
        discardedWhileAnotherGoesOn(storage, saved.get());
    }

    @Test
    void aBeginThatIsObeyedAfterTheCancelLeavesNothing() throws Exception {
        S3Storage storage = storage();
        proxy.next(1, BEGINS, Fault.stallAt(0));
        ObjectUpload upload = begin(storage, "late.bin", SIZE);
        var working = CompletableFuture.runAsync(() -> upload.write(ByteBuffer.wrap(bytes(SIZE))), storage.executor());
        proxy.await(BEGINS);
        stop.fire(StopReason.CANCELLED);
        assertThatThrownBy(() -> working.get(5, TimeUnit.SECONDS)).hasRootCauseInstanceOf(Stopped.class);
        upload.close();
        var cleaning = CompletableFuture.runAsync(() -> storage.discard(saved.get()), storage.executor());
        proxy.await(call -> call.method().equals("GET"));
        proxy.release();
        cleaning.get(5, TimeUnit.SECONDS);
        nothingIsHeld();
        storage.close();
    }

    @Test
    void anAbortWhoseAnswerIsLostIsRepeated() throws Exception {
        S3Storage storage = storage();
        proxy.next(ProxiedBucket.PARTS, Fault.loseAnswer());
        try (ObjectUpload upload = begin(storage, "aborted.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            upload.keep();
        }
        proxy.forget();
        // The service is told of the abort only when its first answer is lost.
        proxy.next(call -> call.method().equals("DELETE"), Fault.loseAnswer());
        storage.discard(saved.get());
        nothingIsHeld();
        assertThat(List.copyOf(proxy.calls(call -> call.method().equals("DELETE"))))
                .hasSizeGreaterThanOrEqualTo(2);
        storage.close();
    }

    @Test
    void whoSendsSlowlyDoesNotKeepTheMemoryFromOthers() throws Exception {
        var scarce = new Buffers(16L * MIB);
        S3Storage storage = new S3Storage(bucket.settings(proxy), supplies(scarce));
        byte[] bytes = bytes(8 * MIB);
        var others = new CompletableFuture<Void>();
        try (ObjectUpload slow = begin(storage, "slow.bin", bytes.length);
                ObjectUpload quick = begin(storage, "quick.bin", bytes.length)) {
            slow.write(ByteBuffer.wrap(bytes, 0, MIB));
            var quickly = CompletableFuture.runAsync(
                    () -> {
                        quick.write(ByteBuffer.wrap(bytes));
                        committed(quick);
                        others.complete(null);
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
        assertThat(held()).containsExactly("quick.bin", "slow.bin");
        storage.close();
    }

    // ------------------------------------------------------------ what does not pass

    @ParameterizedTest
    @CsvSource({
        "403, AccessDenied, UPSTREAM_REFUSED, 'read, write, list and delete'",
        "403, RequestTimeTooSkewed, UPSTREAM_REFUSED, set this machine's clock",
        "403, InvalidAccessKeyId, UPSTREAM_REFUSED, correct access-key",
        "404, NoSuchBucket, UPSTREAM_NOT_FOUND, make the bucket",
        "400, EntityTooLarge, TOO_LARGE, cut it",
        "400, KeyTooLongError, INVALID_REQUEST, shorten the file's name",
        "403, QuotaExceeded, QUOTA_EXCEEDED, make room there",
    })
    void whatDoesNotPassIsToldInTheServicesWords(int status, String word, ErrorCode code, String hint) {
        refusedAtThePut(Fault.s3Error(status, word), code, word + ", on purpose", hint);
    }

    /// A quota that ends in the middle of an upload: told in the service's words, with no secret that it quotes.
    @ParameterizedTest
    @CsvSource({
        "403, QuotaExceeded, QUOTA_EXCEEDED, make room there",
        "507, XMinioStorageFull, QUOTA_EXCEEDED, make room there",
        "400, XMinioAdminBucketQuotaExceeded, QUOTA_EXCEEDED, make room there",
        "507, InsufficientStorage, QUOTA_EXCEEDED, make room there",
        "400, EntityTooLarge, TOO_LARGE, cut it",
    })
    void aPartForWhichThereIsNoRoomIsToldAndNotRepeated(int status, String word, ErrorCode code, String hint) {
        TestingS3 service = ProxiedBucket.SERVICE;
        Fault refusal = Fault.answer(status, Map.of("Content-Type", "application/xml"), """
                <?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code>\
                <Message>no room is left for %s, who signs with %s</Message></Error>""".formatted(
                        word, service.accessKey(), service.secretKey()));
        assertThat(refusedAtEveryPart(refusal, code))
                .hasMessageContaining(status + " " + word + " (no room is left for ***, who signs with ***)")
                .hasMessageContaining(hint)
                .hasMessageNotContaining("rights")
                .hasMessageNotContaining(service.secretKey())
                .hasMessageNotContaining(service.accessKey());
    }

    @Test
    void aWrongSecretIsRefusedAndNotRepeated() {
        S3Storage storage = new S3Storage(bucket.settings(proxy, "another-secret"), supplies());
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
    void aSecretAsShortAsAPieceOfAWordLeavesWordsWhole() {
        S3Storage storage = new S3Storage(bucket.settings(proxy, "re"), supplies());
        try (ObjectUpload upload = begin(storage, "refused.bin", 10)) {
            upload.write(ByteBuffer.wrap(bytes(10)));
            assertThat(problem(
                            ErrorCode.UPSTREAM_REFUSED,
                            () -> upload.commit(new ObjectRef("refused.bin", 10), Precondition.ABSENT)))
                    .hasMessageContaining("correct secret-key");
        }
        storage.close();
    }
}
