package dev.sluice.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.models.BlobHttpHeaders;
import com.azure.storage.blob.models.BlockListType;
import com.azure.storage.blob.specialized.BlobLeaseClientBuilder;
import dev.sluice.cloud.BehindAProxy;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.StopReason;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.testing.Call;
import dev.sluice.testing.Fault;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is left in a container is taken away, and nothing of somebody else's with it.
@NullMarked
class AzureLeftoversTest extends BehindAProxy {
    private final ProxiedContainer container = new ProxiedContainer();

    AzureLeftoversTest() {
        super(ProxiedContainer.SERVICE.endpoint());
    }

    @Override
    protected AzureStorage storage() {
        return new AzureStorage(container.settings(proxy), supplies());
    }

    @Override
    protected Set<String> held() {
        return container.theirs().held();
    }

    @Test
    void aBlockThatLandsAfterTheCleanUpBeganIsDrivenOutToo() throws Exception {
        AzureStorage storage = storage();
        ObjectUpload upload = begin(storage, "late.bin", SIZE);
        upload.write(ByteBuffer.wrap(bytes(SIZE)));
        upload.keep();
        stop.fire(StopReason.CANCELLED);
        upload.close();
        String landed = container
                .theirs()
                .blob("late.bin")
                .listBlocks(BlockListType.UNCOMMITTED)
                .getUncommittedBlocks()
                .getFirst()
                .getName();
        var paying = CompletableFuture.runAsync(() -> storage.discard(saved.get()), storage.executor());
        await().until(() -> held().isEmpty());
        container.theirs().blob("late.bin").stageBlock(landed, BinaryData.fromBytes(new byte[100]));
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
        assertThat(held()).containsExactly("crashed.bin");
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

    /// A week after the last one the service lists no block any more: nothing is left to pay.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void blocksThatHaveExpiredAreOwedNoMore(boolean besideABlob) {
        AzureStorage storage = storage();
        try (ObjectUpload upload = begin(storage, "expired.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            upload.keep();
        }
        if (besideABlob) {
            container.theirs().put("expired.bin", bytes(77));
            problem(ErrorCode.UPSTREAM_REFUSED, () -> storage.discard(saved.get()));
        }
        proxy.forget();
        proxy.next(
                100,
                ProxiedContainer.LISTS,
                besideABlob ? Fault.answer(200, Map.of(), """
                        <?xml version="1.0" encoding="utf-8"?><BlockList><CommittedBlocks /><UncommittedBlocks />\
                        </BlockList>""") : Fault.azureError(404, "BlobNotFound"));
        storage.discard(saved.get());
        assertThat(proxy.calls()).extracting(Call::method).containsOnly("HEAD", "GET");
        if (besideABlob) {
            assertThat(container.theirs().blob("expired.bin").downloadContent().toBytes())
                    .isEqualTo(bytes(77));
        }
        assertThat(data.resolve("tails").toFile().list()).isEmpty();
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
            container.theirs().put("shared.bin", foreign);
            problem(ErrorCode.CONFLICT, upload::target);
        }
        assertThat(problem(ErrorCode.UPSTREAM_REFUSED, () -> storage.discard(saved.get())))
                .hasMessageContaining("within a week");
        assertThat(container.theirs().blob("shared.bin").downloadContent().toBytes())
                .isEqualTo(foreign);
        container.theirs().blob("shared.bin").commitBlockList(List.of(), true);
        storage.discard(saved.get());
        assertThat(held()).containsExactly("shared.bin");
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
        proxy.next(ProxiedContainer.COMMIT, Fault.holdAnswer());
        var paying = CompletableFuture.runAsync(() -> storage.discard(saved.get()), storage.executor());
        proxy.await(ProxiedContainer.COMMIT);
        await().until(() -> held().contains("raced.bin"));
        container.theirs().put("raced.bin", foreign);
        proxy.release();
        paying.get(5, TimeUnit.SECONDS);
        assertThat(container.theirs().blob("raced.bin").downloadContent().toBytes())
                .isEqualTo(foreign);
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
        container.theirs().blob("tagged.bin").setHttpHeaders(new BlobHttpHeaders().setContentType("text/plain"));
        proxy.release();
        paying.get(5, TimeUnit.SECONDS);
        nothingIsHeld();
        storage.close();
    }

    @Test
    void aNameUnderWhichSomebodyHasBlocksIsNotTaken() throws Exception {
        AzureStorage storage = storage();
        String id = Base64.getEncoder().encodeToString("their-own".getBytes(StandardCharsets.US_ASCII));
        container.theirs().blob("busy.bin").stageBlock(id, BinaryData.fromBytes(new byte[10]));
        for (int size : new int[] {10, SIZE}) {
            try (ObjectUpload upload = begin(storage, "busy.bin", size)) {
                upload.write(ByteBuffer.wrap(bytes(size)));
                assertThat(commit(upload).key()).isNotEqualTo("busy.bin");
            }
            storage.discard(saved.get());
        }
        assertThat(held()).containsExactly("1 blocks of busy.bin", "busy (2).bin", "busy (3).bin");
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
                .blobClient(container.theirs().blob("leased.bin"))
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
}
