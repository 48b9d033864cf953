package dev.sluice.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.cloud.CloudFaultsContract;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.StopToken;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Precondition;
import dev.sluice.storage.Resumed;
import dev.sluice.storage.UploadState;
import dev.sluice.testing.Call;
import dev.sluice.testing.Fault;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A service that fails, and a client that changes its mind, seen at the wire.
@NullMarked
class AzureFaultsTest extends CloudFaultsContract {
    private final ProxiedContainer container = new ProxiedContainer();

    AzureFaultsTest() {
        super(ProxiedContainer.SERVICE.endpoint(), ProxiedContainer.BLOCKS, ProxiedContainer.COMMIT);
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
    void aCancelWhileANameIsLookedForLeavesNothing() {
        cancelledWhile(ProxiedContainer.LISTS, Fault.holdAnswer());
    }

    @ParameterizedTest
    @CsvSource({
        "503, ServerBusy",
        "500, InternalError",
        "500, OperationTimedOut",
        "429, TooManyRequests",
        "400, Md5Mismatch"
    })
    void whatPassesIsTriedAgain(int status, String word) {
        passes(Fault.azureError(status, word), ProxiedContainer.LISTS);
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

    @Test
    void aListOfBlocksThatBreaksOffIsAskedForAgain() throws Exception {
        AzureStorage storage = storage();
        proxy.next(
                ProxiedContainer.LISTS,
                Fault.answer(200, Map.of("Content-Type", "application/xml"), "<?xml version=\"1.0\"?><Block"));
        try (ObjectUpload upload = begin(storage, "list.bin", 10)) {
            upload.write(ByteBuffer.wrap(bytes(10)));
            assertThat(commit(upload).key()).isEqualTo("list.bin");
        }
        assertThat(proxy.calls(ProxiedContainer.LISTS)).hasSize(2);
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
    void blocksThatNobodyNotedAreFoundByTheirIds() throws Exception {
        AzureStorage storage = storage();
        byte[] bytes = bytes(SIZE);
        ObjectUpload first = begin(storage, "unnoted.bin", SIZE);
        first.write(ByteBuffer.wrap(bytes, 0, 8 * MIB));
        UploadState state = saved.get();
        await().until(() -> held().contains("1 blocks of unnoted.bin"));
        AzureStorage next = storage();
        assertThat(next.kept(state)).isZero();
        try (ObjectUpload upload = resumed(next)) {
            assertThat(upload.durable()).isEqualTo(8L * MIB);
            upload.write(ByteBuffer.wrap(bytes, 8 * MIB, SIZE - 8 * MIB));
            assertThat(read(next, commit(upload))).isEqualTo(bytes);
        }
        first.close();
        next.discard(saved.get());
        assertThat(held()).containsExactly("unnoted.bin");
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
        container.theirs().blob("expired.bin").commitBlockList(List.of());
        container.theirs().blob("expired.bin").delete();
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
            container.theirs().blob("gone.bin").commitBlockList(List.of());
            container.theirs().blob("gone.bin").delete();
            assertThat(problem(ErrorCode.UPSTREAM_NOT_FOUND, () -> upload.commit(target, Precondition.ABSENT)))
                    .hasMessageContaining("InvalidBlockList")
                    .hasMessageContaining("send the file again");
        }
        storage.discard(saved.get());
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
        "413, RequestBodyTooLarge, TOO_LARGE, cut it",
        "409, BlobImmutableDueToPolicy, UPSTREAM_REFUSED, policy",
        "507, InsufficientStorage, QUOTA_EXCEEDED, make room in the account",
    })
    void whatDoesNotPassIsToldInTheServicesWords(int status, String word, ErrorCode code, String hint) {
        refusedAtThePut(Fault.azureError(status, word), code, word + ", on purpose", hint);
    }

    /// A limit that is reached in the middle of an upload: told in the service's words, with no secret that it quotes.
    @ParameterizedTest
    @CsvSource({
        "507, InsufficientStorage, QUOTA_EXCEEDED, make room in the account",
        "403, AccountIsDisabled, UPSTREAM_REFUSED, the account is disabled",
        "409, BlockCountExceedsLimit, TOO_LARGE, cut it",
        "413, RequestBodyTooLarge, TOO_LARGE, cut it",
    })
    void aBlockForWhichThereIsNoRoomIsToldAndNotRepeated(int status, String word, ErrorCode code, String hint) {
        String key = ProxiedContainer.SERVICE.key();
        Fault refusal = Fault.answer(status, Map.of("Content-Type", "application/xml"), """
                <?xml version="1.0" encoding="utf-8"?><Error><Code>%s</Code><Message>no room is left for who signs \
                with %s</Message></Error>""".formatted(word, key));
        assertThat(refusedAtEveryPart(refusal, code))
                .hasMessageContaining(status + " " + word + " (no room is left for who signs with ***)")
                .hasMessageContaining(hint)
                .hasMessageNotContaining("firewall")
                .hasMessageNotContaining(key);
    }

    /// What the account may take in a second is no end: it is tried again, and given up in the service's words.
    @Test
    void anAccountThatTakesNoMoreForNowIsGivenUpInItsWords() {
        Fault refusal = Fault.answer(503, Map.of("x-ms-error-code", "ServerBusy"), """
                <?xml version="1.0" encoding="utf-8"?><Error><Code>ServerBusy</Code>\
                <Message>Ingress is over the account limit.</Message></Error>""");
        assertThat(refusedAtEveryPart(refusal, ErrorCode.UPSTREAM_THROTTLED))
                .hasMessageContaining("503 ServerBusy (Ingress is over the account limit.)");
        assertThat(proxy.calls(ProxiedContainer.BLOCKS)).hasSizeGreaterThan(4);
    }
}
