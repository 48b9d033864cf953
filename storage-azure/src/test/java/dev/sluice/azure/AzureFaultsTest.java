package dev.sluice.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.models.BlobHttpHeaders;
import com.azure.storage.blob.models.BlockListType;
import com.azure.storage.blob.sas.BlobContainerSasPermission;
import com.azure.storage.blob.sas.BlobServiceSasSignatureValues;
import com.azure.storage.blob.specialized.BlobLeaseClientBuilder;
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
import dev.sluice.testing.TestingAzurite;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
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
class AzureFaultsTest {
    private static final int MIB = 1 << 20;
    private static final int SIZE = 30 * MIB;
    /// What the kernel may hold of one call when it is cut, and the proxy still reads.
    private static final long BUFFERED = MIB;
    private static final Predicate<Call> BLOCKS = Call.matching("PUT", "comp=block&");
    private static final Predicate<Call> COMMIT = Call.matching("PUT", "comp=blocklist");
    private static final Predicate<Call> LISTS = Call.matching("GET", "comp=blocklist");

    private final TestingAzurite service = TestingAzurite.shared();
    private final String container = service.newContainer();
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

    private AzureStorage storage() {
        return storage(AzureStorageTest.settings(service, proxy.endpoint(), container, ""));
    }

    private AzureStorage storage(AzureSettings settings) {
        return new AzureStorage(settings, CloudStorageContract.supplies(transport, buffers, data));
    }

    private ObjectUpload begin(AzureStorage storage, String name, long size) {
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

    private byte[] read(AzureStorage storage, ObjectRef ref) {
        ByteBuffer all = ByteBuffer.allocate((int) ref.size());
        try (ObjectContent content = storage.read(ref, new ByteRange(0, ref.size()), new StopToken())) {
            while (content.read(all) >= 0) {}
        }
        return all.array();
    }

    private TestingContainer theirs() {
        return TestingContainer.of(service, container);
    }

    private void nothingIsHeld() {
        assertThat(theirs().held()).isEmpty();
        assertThat(data.resolve("tails").toFile().list()).isEmpty();
    }

    private static ProblemException problem(ErrorCode code, ThrowingCallable call) {
        var problem = catchThrowableOfType(ProblemException.class, call);
        assertThat(problem).as("a problem %s", code).isNotNull();
        assertThat(problem.code()).as(problem.getMessage()).isEqualTo(code);
        return problem;
    }

    // ------------------------------------------------------------ cancels

    /// Cancels while `phase` hangs, then pays the debts.
    private void cancelledWhile(Predicate<Call> phase, Fault hanging) throws Exception {
        AzureStorage storage = storage();
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
        proxy.await(call ->
                phase.test(call) && (call.bodyBytes() > 0 || call.method().equals("GET")));
        if (phase.equals(BLOCKS)) {
            // All that can fly: what begins afterwards has begun after the decision.
            proxy.await(4, BLOCKS);
        }
        stop.fire(StopReason.CANCELLED);
        Instant decided = Instant.now();
        List<Call> before = proxy.calls();
        assertThatThrownBy(() -> working.get(5, TimeUnit.SECONDS)).hasRootCauseInstanceOf(Stopped.class);
        upload.close();
        assertThat(proxy.calls(BLOCKS)).allMatch(call -> call.bodyBytesSince(before) <= BUFFERED);
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
    void aCancelWhileANameIsLookedForLeavesNothing() throws Exception {
        cancelledWhile(LISTS, Fault.holdAnswer());
    }

    @Test
    void aCancelInTheMiddleOfABlockLeavesNothing() throws Exception {
        cancelledWhile(BLOCKS, Fault.stallAt(3 * MIB));
    }

    @Test
    void aCancelWhileABlockIsAnsweredLeavesNothing() throws Exception {
        cancelledWhile(BLOCKS, Fault.holdAnswer());
    }

    @Test
    void aCancelDuringTheCommitLeavesNothing() throws Exception {
        cancelledWhile(COMMIT, Fault.holdAnswer());
    }

    @Test
    void aCancelDuringASinglePutLeavesNothing() throws Exception {
        AzureStorage storage = storage();
        Predicate<Call> put = Call.matching("PUT", "small.bin");
        proxy.next(put, Fault.holdAnswer());
        ObjectUpload upload = begin(storage, "small.bin", 1000);
        upload.write(ByteBuffer.wrap(bytes(1000)));
        var working = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return commit(upload);
                    } catch (Commit.TargetTaken e) {
                        throw new AssertionError(e);
                    }
                },
                storage.executor());
        proxy.await(call -> put.test(call) && call.bodyBytes() == 1000);
        stop.fire(StopReason.CANCELLED);
        assertThatThrownBy(() -> working.get(5, TimeUnit.SECONDS)).hasRootCauseInstanceOf(Stopped.class);
        upload.close();
        proxy.release();
        storage.takeBack(saved.get(), new ObjectRef("small.bin", 1000));
        storage.discard(saved.get());
        nothingIsHeld();
        storage.close();
    }

    @Test
    void afterACancelNoByteIsHandedOnAnyMore() throws Exception {
        AzureStorage storage = storage();
        for (int i = 0; i < 20; i++) {
            proxy.forget();
            proxy.limitEach(20L * MIB);
            var cancelled = new StopToken();
            UploadState intent = storage.intend(new ObjectSpec("c-" + i, "c" + i, SIZE, "a/b"));
            saved.set(intent);
            ObjectUpload upload = storage.begin(intent, saved::set, cancelled);
            var working =
                    CompletableFuture.runAsync(() -> upload.write(ByteBuffer.wrap(bytes(SIZE))), storage.executor());
            proxy.await(call -> BLOCKS.test(call) && call.bodyBytes() > MIB);
            cancelled.fire(StopReason.CANCELLED);
            List<Call> before = proxy.calls();
            // Where all blocks were in the air already there was nothing to stop in it.
            working.handle((done, stopped) -> stopped).get(5, TimeUnit.SECONDS);
            upload.close();
            proxy.await(1, call -> BLOCKS.test(call) && call.over());
            assertThat(proxy.calls(BLOCKS)).allMatch(call -> call.bodyBytesSince(before) <= BUFFERED);
            storage.discard(saved.get());
        }
        nothingIsHeld();
        storage.close();
    }

    @Test
    void aBlockThatLandsAfterTheCleanUpBeganIsDrivenOutToo() throws Exception {
        AzureStorage storage = storage();
        ObjectUpload upload = begin(storage, "late.bin", SIZE);
        upload.write(ByteBuffer.wrap(bytes(SIZE)));
        upload.keep();
        stop.fire(StopReason.CANCELLED);
        upload.close();
        String landed = theirs().blob("late.bin")
                .listBlocks(BlockListType.UNCOMMITTED)
                .getUncommittedBlocks()
                .getFirst()
                .getName();
        var paying = CompletableFuture.runAsync(() -> storage.discard(saved.get()), storage.executor());
        await().until(() -> theirs().held().isEmpty());
        theirs().blob("late.bin").stageBlock(landed, BinaryData.fromBytes(new byte[100]));
        paying.get(5, TimeUnit.SECONDS);
        nothingIsHeld();
        storage.close();
    }

    // ------------------------------------------------------------ what passes

    @ParameterizedTest
    @CsvSource({
        "503, ServerBusy",
        "500, InternalError",
        "500, OperationTimedOut",
        "429, TooManyRequests",
        "400, Md5Mismatch"
    })
    void whatPassesIsTriedAgain(int status, String word) throws Exception {
        AzureStorage storage = storage();
        proxy.next(LISTS, Fault.azureError(status, word));
        proxy.next(2, BLOCKS, Fault.azureError(status, word));
        proxy.next(BLOCKS, Fault.dropAt(MIB));
        proxy.next(BLOCKS, Fault.loseAnswer());
        proxy.next(COMMIT, Fault.azureError(status, word));
        try (ObjectUpload upload = begin(storage, "again.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            ObjectRef ref = commit(upload);
            proxy.next(Call.matching("GET", "again.bin"), Fault.azureError(status, word));
            assertThat(read(storage, ref)).isEqualTo(bytes(SIZE));
        }
        storage.discard(saved.get());
        assertThat(theirs().held()).containsExactly("again.bin");
        storage.close();
    }

    @Test
    void theServiceSaysHowLongToWait() throws Exception {
        AzureStorage storage = storage();
        Map<Map<String, String>, Duration> asked = Map.of(
                Map.of("x-ms-retry-after-ms", "400"), Duration.ofMillis(400),
                Map.of("Retry-After", "1"), Duration.ofSeconds(1));
        asked.forEach((headers, wait) -> {
            proxy.forget();
            proxy.next(Call.matching("HEAD", "a.bin"), Fault.answer(503, headers, ""));
            storage.delete(new ObjectRef("a.bin", 1));
            List<Call> calls = proxy.calls(Call.matching("HEAD", "a.bin"));
            assertThat(Duration.between(
                            calls.get(0).ended().orElseThrow(), calls.get(1).firstByte()))
                    .isGreaterThanOrEqualTo(wait.minusMillis(1));
        });
        storage.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, SIZE})
    void aCommitWhoseAnswerIsLostMakesNoTwin(int size) throws Exception {
        AzureStorage storage = storage();
        try (ObjectUpload upload = begin(storage, "once.bin", size)) {
            upload.write(ByteBuffer.wrap(bytes(size)));
            upload.keep();
            ObjectRef target = upload.target();
            proxy.next(size < MIB ? Call.matching("PUT", "once.bin") : COMMIT, Fault.loseAnswer());
            ObjectRef ref = upload.commit(target, Precondition.ABSENT);
            assertThat(ref.key()).isEqualTo("once.bin");
            assertThat(read(storage, ref)).isEqualTo(bytes(size));
        }
        storage.discard(saved.get());
        assertThat(theirs().held()).containsExactly("once.bin");
        storage.close();
    }

    @Test
    void aCommitThatNeverGotThroughIsRepeated() throws Exception {
        AzureStorage storage = storage();
        try (ObjectUpload upload = begin(storage, "truncated.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            proxy.next(2, COMMIT, Fault.dropAt(100));
            ObjectRef ref = commit(upload);
            assertThat(read(storage, ref)).isEqualTo(bytes(SIZE));
        }
        storage.discard(saved.get());
        assertThat(theirs().held()).containsExactly("truncated.bin");
        storage.close();
    }

    @Test
    void aListOfBlocksThatBreaksOffIsAskedForAgain() throws Exception {
        AzureStorage storage = storage();
        proxy.next(
                LISTS, Fault.answer(200, Map.of("Content-Type", "application/xml"), "<?xml version=\"1.0\"?><Block"));
        try (ObjectUpload upload = begin(storage, "list.bin", 10)) {
            upload.write(ByteBuffer.wrap(bytes(10)));
            assertThat(commit(upload).key()).isEqualTo("list.bin");
        }
        assertThat(proxy.calls(LISTS)).hasSize(2);
        storage.close();
    }

    // ------------------------------------------------------------ what is verified

    @Test
    void everyBodyGoesWithItsMd5() throws Exception {
        AzureStorage storage = storage();
        for (int size : new int[] {0, 10, SIZE}) {
            try (ObjectUpload upload = begin(storage, "md5-" + size, size)) {
                upload.write(ByteBuffer.wrap(bytes(size)));
                commit(upload);
            }
        }
        assertThat(proxy.calls(call -> call.method().equals("PUT")))
                .hasSize(7)
                .allMatch(call -> call.headers().containsKey("Content-MD5"));
        storage.close();
    }

    @Test
    void anObjectOfOtherBlocksIsDeletedAndFailsItsJob() {
        AzureStorage storage = storage();
        try (ObjectUpload upload = begin(storage, "other.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            upload.keep();
            ObjectRef target = upload.target();
            proxy.next(Call.matching("GET", "blocklisttype=committed"), Fault.answer(200, Map.of(), """
                    <?xml version="1.0" encoding="utf-8"?><BlockList><CommittedBlocks><Block><Name>AAAA</Name>\
                    <Size>31457280</Size></Block></CommittedBlocks></BlockList>"""));
            assertThat(problem(ErrorCode.CHECKSUM_MISMATCH, () -> upload.commit(target, Precondition.ABSENT)))
                    .hasMessageContaining("blocks that are not those that were sent");
        }
        storage.discard(saved.get());
        nothingIsHeld();
        storage.close();
    }

    @Test
    void anObjectThatIsTooShortIsDeletedAndFailsItsJob() {
        AzureStorage storage = storage();
        try (ObjectUpload upload = begin(storage, "short.bin", 1000)) {
            upload.write(ByteBuffer.wrap(bytes(1000)));
            ObjectRef target = upload.target();
            UploadState state = upload.state();
            proxy.next(
                    Call.matching("HEAD", "short.bin"),
                    Fault.answer(200, Map.of("x-ms-meta-sluice_upload", state.id(), "ETag", "\"0x1\""), ""));
            assertThat(problem(ErrorCode.CHECKSUM_MISMATCH, () -> upload.commit(target, Precondition.ABSENT)))
                    .hasMessageContaining("0 bytes in the place of 1000");
        }
        // The proxy made up the tag: what stands there was spared.
        storage.takeBack(saved.get(), new ObjectRef("short.bin", 1000));
        nothingIsHeld();
        storage.close();
    }

    // ------------------------------------------------------------ going on

    @Test
    void aPauseKeepsWhatIsThereAndNothingIsSentTwiceButForAPart() throws Exception {
        AzureStorage storage = storage();
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
        assertThat(proxy.calls(COMMIT)).isEmpty();
        AzureStorage next = storage();
        try (ObjectUpload upload = resumed(next, state)) {
            assertThat(upload.durable()).isEqualTo(kept);
            upload.write(ByteBuffer.wrap(bytes, (int) kept, SIZE - (int) kept));
            assertThat(read(next, commit(upload))).isEqualTo(bytes);
        }
        long sent = proxy.calls(BLOCKS).stream().mapToLong(Call::bodyBytes).sum();
        assertThat(sent).isLessThanOrEqualTo(SIZE + PartLayout.STANDARD);
        next.discard(saved.get());
        next.close();
        storage.close();
    }

    private ObjectUpload resumed(AzureStorage by, UploadState state) {
        if (by.resume(state, saved::set, new StopToken()) instanceof Resumed.Open open) {
            return open.upload();
        }
        throw new AssertionError("the upload is not open any more");
    }

    @Test
    void blocksThatNobodyNotedAreFoundByTheirIds() throws Exception {
        AzureStorage storage = storage();
        byte[] bytes = bytes(SIZE);
        ObjectUpload first = begin(storage, "unnoted.bin", SIZE);
        first.write(ByteBuffer.wrap(bytes, 0, 8 * MIB));
        UploadState state = saved.get();
        await().until(() -> theirs().held().contains("1 blocks of unnoted.bin"));
        AzureStorage next = storage();
        assertThat(next.kept(state)).isZero();
        try (ObjectUpload upload = resumed(next, state)) {
            assertThat(upload.durable()).isEqualTo(8L * MIB);
            upload.write(ByteBuffer.wrap(bytes, 8 * MIB, SIZE - 8 * MIB));
            assertThat(read(next, commit(upload))).isEqualTo(bytes);
        }
        first.close();
        next.discard(saved.get());
        assertThat(theirs().held()).containsExactly("unnoted.bin");
        storage.close();
        next.close();
    }

    @Test
    void whereTheBlocksHaveGoneTheUploadIsGone() {
        AzureStorage storage = storage();
        try (ObjectUpload upload = begin(storage, "expired.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            upload.keep();
        }
        theirs().blob("expired.bin").commitBlockList(List.of());
        theirs().blob("expired.bin").delete();
        assertThat(storage.resume(saved.get(), saved::set, new StopToken())).isEqualTo(new Resumed.Gone());
        nothingIsHeld();
        storage.close();
    }

    @Test
    void aCommitWhoseBlocksHaveGoneSaysSo() {
        AzureStorage storage = storage();
        try (ObjectUpload upload = begin(storage, "gone.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            upload.keep();
            ObjectRef target = upload.target();
            theirs().blob("gone.bin").commitBlockList(List.of());
            theirs().blob("gone.bin").delete();
            assertThat(problem(ErrorCode.UPSTREAM_NOT_FOUND, () -> upload.commit(target, Precondition.ABSENT)))
                    .hasMessageContaining("InvalidBlockList")
                    .hasMessageContaining("send the file again");
        }
        storage.discard(saved.get());
        nothingIsHeld();
        storage.close();
    }

    // ------------------------------------------------------------ somebody else

    @Test
    void blocksBesideSomebodyElsesBlobAreOwedUntilTheyGo() {
        AzureStorage storage = storage();
        byte[] foreign = bytes(77);
        try (ObjectUpload upload = begin(storage, "shared.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            upload.keep();
            theirs().put("shared.bin", foreign);
            problem(ErrorCode.CONFLICT, upload::target);
        }
        assertThat(problem(ErrorCode.UPSTREAM_REFUSED, () -> storage.discard(saved.get())))
                .hasMessageContaining("within a week");
        assertThat(theirs().blob("shared.bin").downloadContent().toBytes()).isEqualTo(foreign);
        theirs().blob("shared.bin").commitBlockList(List.of(), true);
        storage.discard(saved.get());
        assertThat(theirs().held()).containsExactly("shared.bin");
        storage.close();
    }

    @Test
    void whatComesUnderTheNameWhileItIsCleanedUpIsSpared() throws Exception {
        AzureStorage storage = storage();
        byte[] foreign = bytes(77);
        try (ObjectUpload upload = begin(storage, "raced.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            upload.keep();
        }
        Predicate<Call> delete = Call.matching("DELETE", "raced.bin");
        proxy.next(delete, Fault.stallAt(0));
        proxy.next(COMMIT, Fault.holdAnswer());
        var paying = CompletableFuture.runAsync(() -> storage.discard(saved.get()), storage.executor());
        proxy.await(COMMIT);
        await().until(() -> theirs().held().contains("raced.bin"));
        theirs().put("raced.bin", foreign);
        proxy.release();
        paying.get(5, TimeUnit.SECONDS);
        assertThat(theirs().blob("raced.bin").downloadContent().toBytes()).isEqualTo(foreign);
        storage.close();
    }

    @Test
    void anObjectOfOursThatWasWrittenToIsTakenBackAllTheSame() throws Exception {
        AzureStorage storage = storage();
        ObjectRef ref;
        try (ObjectUpload upload = begin(storage, "tagged.bin", 10)) {
            upload.write(ByteBuffer.wrap(bytes(10)));
            ref = commit(upload);
        }
        Predicate<Call> looks = Call.matching("HEAD", "tagged.bin");
        proxy.forget();
        proxy.next(looks, Fault.holdAnswer());
        var paying = CompletableFuture.runAsync(() -> storage.takeBack(saved.get(), ref), storage.executor());
        proxy.await(looks);
        theirs().blob("tagged.bin").setHttpHeaders(new BlobHttpHeaders().setContentType("text/plain"));
        proxy.release();
        paying.get(5, TimeUnit.SECONDS);
        nothingIsHeld();
        storage.close();
    }

    @Test
    void anEmptyBlobThatACrashLeftBehindIsDeleted() {
        AzureStorage storage = storage();
        try (ObjectUpload upload = begin(storage, "crashed.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            upload.keep();
        }
        proxy.next(20, Call.matching("DELETE", "crashed.bin"), Fault.dropAt(0));
        problem(ErrorCode.UPSTREAM_UNAVAILABLE, () -> storage.discard(saved.get()));
        assertThat(theirs().held()).containsExactly("crashed.bin");
        proxy.forget();
        AzureStorage next = storage();
        next.discard(saved.get());
        nothingIsHeld();
        storage.close();
        next.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "DELETE", "GET", "HEAD"})
    void aCleanUpWhoseAnswerIsLostIsFinished(String lost) {
        AzureStorage storage = storage();
        try (ObjectUpload upload = begin(storage, "lost.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            upload.keep();
        }
        proxy.next(Call.matching(lost, "lost.bin"), Fault.loseAnswer());
        storage.discard(saved.get());
        nothingIsHeld();
        storage.close();
    }

    @Test
    void aNameUnderWhichSomebodyHasBlocksIsNotTaken() throws Exception {
        AzureStorage storage = storage();
        String id = Base64.getEncoder().encodeToString("their-own".getBytes(StandardCharsets.US_ASCII));
        theirs().blob("busy.bin").stageBlock(id, BinaryData.fromBytes(new byte[10]));
        for (int size : new int[] {10, SIZE}) {
            try (ObjectUpload upload = begin(storage, "busy.bin", size)) {
                upload.write(ByteBuffer.wrap(bytes(size)));
                assertThat(commit(upload).key()).isNotEqualTo("busy.bin");
            }
            storage.discard(saved.get());
        }
        assertThat(theirs().held()).containsExactly("1 blocks of busy.bin", "busy (2).bin", "busy (3).bin");
        storage.close();
    }

    @Test
    void aLeaseIsRespectedAndNamed() throws Exception {
        AzureStorage storage = storage();
        ObjectRef ref;
        try (ObjectUpload upload = begin(storage, "leased.bin", 10)) {
            upload.write(ByteBuffer.wrap(bytes(10)));
            ref = commit(upload);
        }
        var lease = new BlobLeaseClientBuilder()
                .blobClient(theirs().blob("leased.bin"))
                .buildClient();
        lease.acquireLease(60);
        assertThat(problem(ErrorCode.UPSTREAM_REFUSED, () -> storage.delete(ref)))
                .hasMessageContaining("LeaseIdMissing")
                .hasMessageContaining("released or broken");
        assertThat(read(storage, ref)).isEqualTo(bytes(10));
        lease.releaseLease();
        storage.delete(ref);
        nothingIsHeld();
        storage.close();
    }

    // ------------------------------------------------------------ what does not pass

    @ParameterizedTest
    @CsvSource({
        "403, AuthorizationFailure, UPSTREAM_REFUSED, 'read, write and delete'",
        "403, AuthorizationPermissionMismatch, UPSTREAM_REFUSED, 'read, write and delete'",
        "403, AuthenticationFailed, UPSTREAM_REFUSED, account-key",
        "404, ContainerNotFound, UPSTREAM_NOT_FOUND, make the container",
        "400, InvalidResourceName, INVALID_REQUEST, rename the file",
        "413, RequestBodyTooLarge, TOO_LARGE, RequestBodyTooLarge",
        "409, BlobImmutableDueToPolicy, UPSTREAM_REFUSED, policy",
        "507, InsufficientStorage, QUOTA_EXCEEDED, InsufficientStorage",
    })
    void whatDoesNotPassIsToldInTheServicesWords(int status, String word, ErrorCode code, String hint) {
        AzureStorage storage = storage();
        try (ObjectUpload upload = begin(storage, "refused.bin", 10)) {
            upload.write(ByteBuffer.wrap(bytes(10)));
            ObjectRef target = upload.target();
            proxy.next(Call.matching("PUT", "refused.bin"), Fault.azureError(status, word));
            assertThat(problem(code, () -> upload.commit(target, Precondition.ABSENT)))
                    .hasMessageContaining(word + ", on purpose")
                    .hasMessageContaining("clips")
                    .hasMessageContaining(hint);
        }
        assertThat(proxy.calls(Call.matching("PUT", "refused.bin"))).hasSize(1);
        nothingIsHeld();
        storage.close();
    }

    @ParameterizedTest
    @CsvSource({"-60, behind", "60, ahead of"})
    void aClockThatIsWrongIsNamed(int minutes, String said) {
        AzureStorage storage = storage();
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                OffsetDateTime.now(ZoneOffset.UTC).minusMinutes(minutes));
        proxy.next(
                Call.matching("HEAD", "late.bin"),
                Fault.answer(403, Map.of("Date", date, "x-ms-error-code", "AuthenticationFailed"), ""));
        assertThat(problem(ErrorCode.UPSTREAM_REFUSED, () -> storage.delete(new ObjectRef("late.bin", 1))))
                .hasMessageContaining("set this machine's clock")
                .hasMessageContaining(said);
        storage.close();
    }

    @Test
    void aWrongKeyIsRefusedAndNotRepeated() {
        String wrong = Base64.getEncoder().encodeToString("another-key-of-nobody".getBytes(StandardCharsets.US_ASCII));
        AzureStorage storage =
                storage(new AzureSettings("clips", container, proxy.endpoint(), service.account(), wrong, null, ""));
        try (ObjectUpload upload = begin(storage, "refused.bin", 10)) {
            upload.write(ByteBuffer.wrap(bytes(10)));
            assertThat(problem(
                            ErrorCode.UPSTREAM_REFUSED,
                            () -> upload.commit(new ObjectRef("refused.bin", 10), Precondition.ABSENT)))
                    .hasMessageContaining("403")
                    .hasMessageNotContaining(wrong);
        }
        assertThat(proxy.calls()).hasSize(1);
        storage.close();
    }

    @Test
    void whatTheServiceQuotesOfASignatureIsNotTold() {
        AzureStorage storage = storage();
        String signature = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ=";
        proxy.next(Call.matching("GET", "secret.bin"), Fault.answer(403, Map.of(), """
                <?xml version="1.0" encoding="utf-8"?><Error><Code>AuthenticationFailed</Code>\
                <Message>Server failed to authenticate the request.
                RequestId:1
                Time:now</Message><AuthenticationErrorDetail>The MAC signature found in the HTTP request '%s' is not \
                the same as any computed signature. Server used following string to sign: 'GET
                PRIVATE'.</AuthenticationErrorDetail></Error>""".formatted(signature)));
        assertThat(problem(
                        ErrorCode.UPSTREAM_REFUSED,
                        () -> storage.read(new ObjectRef("secret.bin", 1), new ByteRange(0, 1), stop)))
                .hasMessageContaining("Server failed to authenticate the request., RequestId:1, Time:now")
                .hasMessageContaining("The MAC signature")
                .hasMessageNotContaining(signature)
                .hasMessageNotContaining("PRIVATE");
        storage.close();
    }

    /// What is left of a signature that is cut off looks like none.
    @Test
    void whatTheServiceQuotesIsCutOffBehindItsSecrets() {
        AzureStorage storage = storage();
        String signature = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ=";
        proxy.next(
                Call.matching("GET", "secret.bin"),
                Fault.answer(
                        403,
                        Map.of(),
                        "<Error><Code>AuthenticationFailed</Code><Message>" + "word ".repeat(96) + signature
                                + " word".repeat(96) + "</Message></Error>"));
        assertThat(problem(
                        ErrorCode.UPSTREAM_REFUSED,
                        () -> storage.read(new ObjectRef("secret.bin", 1), new ByteRange(0, 1), stop)))
                .hasMessageContaining("word ***")
                .hasMessageContaining("…")
                .hasMessageNotContaining(signature.substring(0, 8));
        storage.close();
    }

    @Test
    void aContainerThatIsNotThereIsNamed() {
        AzureStorage storage = storage(AzureStorageTest.settings(service, proxy.endpoint(), "none-of-that-name", ""));
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> storage.delete(new ObjectRef("a.bin", 1)),
                () -> storage.read(new ObjectRef("a.bin", 1), new ByteRange(0, 1), stop),
                () -> {
                    try (ObjectUpload upload = begin(storage, "a.bin", 10)) {
                        upload.write(ByteBuffer.wrap(bytes(10)));
                        commit(upload);
                    }
                })) {
            assertThat(problem(ErrorCode.UPSTREAM_NOT_FOUND, call))
                    .hasMessageContaining("ContainerNotFound")
                    .hasMessageContaining("none-of-that-name");
        }
        storage.close();
    }

    @Test
    void aServiceThatIsAwayIsUnavailableAndAWaitForItCanBeStopped() {
        AzureStorage storage = storage();
        proxy.away();
        problem(ErrorCode.UPSTREAM_UNAVAILABLE, () -> storage.delete(new ObjectRef("a", 1)));
        stop.fire(StopReason.PAUSED);
        assertThatThrownBy(() -> storage.read(new ObjectRef("a", 1), new ByteRange(0, 1), stop))
                .isInstanceOf(Stopped.class);
        proxy.back();
        storage.close();
    }

    // ------------------------------------------------------------ a token in the place of a key

    @Test
    void aTokenOfASharedAccessSignatureIsEnoughAndIsNeverTold() throws Exception {
        String token = theirs().token(new BlobServiceSasSignatureValues(
                OffsetDateTime.now(ZoneOffset.UTC).plusHours(1), BlobContainerSasPermission.parse("rwd")));
        AzureStorage storage =
                storage(new AzureSettings("clips", container, proxy.endpoint(), null, null, "?" + token, "by/token"));
        for (int size : new int[] {10, SIZE}) {
            try (ObjectUpload upload = begin(storage, "t" + size, size)) {
                upload.write(ByteBuffer.wrap(bytes(size)));
                ObjectRef ref = commit(upload);
                assertThat(read(storage, ref)).isEqualTo(bytes(size));
                storage.delete(ref);
            }
            storage.discard(saved.get());
        }
        ObjectUpload cancelled = begin(storage, "cancelled", SIZE);
        cancelled.write(ByteBuffer.wrap(bytes(SIZE)));
        cancelled.keep();
        cancelled.close();
        storage.discard(saved.get());
        nothingIsHeld();
        proxy.away();
        assertThat(problem(ErrorCode.UPSTREAM_UNAVAILABLE, () -> storage.delete(new ObjectRef("a", 1))))
                .hasMessageNotContaining("sig=");
        proxy.back();
        storage.close();
    }
}
