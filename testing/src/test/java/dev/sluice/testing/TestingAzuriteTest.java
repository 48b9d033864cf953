package dev.sluice.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobRange;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.models.Block;
import com.azure.storage.blob.models.BlockListType;
import com.azure.storage.blob.options.BlockBlobStageBlockOptions;
import com.azure.storage.blob.specialized.BlockBlobClient;
import com.azure.storage.common.ContentValidationAlgorithm;
import com.azure.storage.common.policy.RequestRetryOptions;
import com.azure.storage.common.policy.RetryPolicyType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a storage will ask of Azure Blob storage, asked by Microsoft's own client through a [FaultyProxy].
class TestingAzuriteTest {
    private static final int MIB = 1 << 20;

    private final TestingAzurite peer = TestingAzurite.shared();
    private final String name = peer.newContainer();
    private final FaultyProxy proxy = FaultyProxy.before(peer.endpoint());
    private final BlobContainerClient container = container(proxy.endpoint());

    @AfterEach
    void close() {
        proxy.close();
    }

    private BlobContainerClient container(URI endpoint) {
        return new BlobServiceClientBuilder()
                .httpClient(new JdkHttpClientBuilder().build())
                .connectionString(peer.connectionString(endpoint))
                .retryOptions(new RequestRetryOptions(RetryPolicyType.FIXED, 1, (Integer) null, null, null, null))
                .buildClient()
                .getBlobContainerClient(name);
    }

    @Test
    void aBlobIsPutAndReadWholeAndInPart() {
        byte[] content = S3PeerContract.content(3 * MIB);
        var blob = container.getBlobClient("a/Zürich 1.pdf");
        blob.upload(BinaryData.fromBytes(content));
        assertThat(blob.downloadContent().toBytes()).isEqualTo(content);
        var part = new ByteArrayOutputStream();
        blob.downloadStreamWithResponse(part, new BlobRange(1_000_000, 10L), null, null, false, null, Context.NONE);
        assertThat(part.toByteArray()).isEqualTo(Arrays.copyOfRange(content, 1_000_000, 1_000_010));
    }

    @Test
    void blocksAreListedAndBecomeOneBlob() {
        byte[] content = S3PeerContract.content(2 * MIB);
        var blob = container.getBlobClient("big").getBlockBlobClient();
        List<String> ids = List.of(id(1), id(2));
        blob.stageBlock(ids.get(0), BinaryData.fromBytes(Arrays.copyOfRange(content, 0, MIB)));
        blob.stageBlock(ids.get(1), BinaryData.fromBytes(Arrays.copyOfRange(content, MIB, 2 * MIB)));
        var list = blob.listBlocks(BlockListType.UNCOMMITTED);
        assertThat(list.getUncommittedBlocks()).extracting(Block::getName).containsExactlyElementsOf(ids);
        assertThat(list.getUncommittedBlocks()).extracting(Block::getSizeLong).containsExactly((long) MIB, (long) MIB);
        blob.commitBlockList(ids);
        assertThat(blob.downloadContent().toBytes()).isEqualTo(content);
        assertThat(blob.listBlocks(BlockListType.UNCOMMITTED).getUncommittedBlocks())
                .isEmpty();
    }

    @Test
    void aWrongKeyIsRefused() {
        String wrong = peer.connectionString(proxy.endpoint()).replace(peer.key(), "d3Jvbmc=");
        var stranger = new BlobServiceClientBuilder()
                .httpClient(new JdkHttpClientBuilder().build())
                .connectionString(wrong)
                .buildClient()
                .getBlobContainerClient(name);
        assertThatThrownBy(stranger::getProperties)
                .isInstanceOfSatisfying(
                        BlobStorageException.class,
                        e -> assertThat(e.getStatusCode()).isEqualTo(403));
    }

    @Test
    void blocksThatWereNeverCommittedAreNoBlob() {
        var blob = staged(1);
        assertThat(blob.exists()).isFalse();
        assertThat(container.listBlobs()).isEmpty();
    }

    @Test
    void aCommitDiscardsTheBlocksThatItDoesNotName() {
        var blob = staged(1, 2);
        blob.commitBlockList(List.of(id(2)));
        assertThat(blob.listBlocks(BlockListType.ALL).getUncommittedBlocks()).isEmpty();
    }

    @Test
    void aSinglePutLeavesTheBlocksThatTheServiceDiscards() {
        var blob = staged(1);
        container.getBlobClient("big").upload(BinaryData.fromBytes(new byte[1]), true);
        assertThat(blob.listBlocks(BlockListType.ALL).getUncommittedBlocks()).hasSize(1);
    }

    @Test
    void blocksAloneCountAsABlobWhereNoneMayExist() {
        staged(1);
        assertThatThrownBy(() -> container.getBlobClient("big").upload(BinaryData.fromBytes(new byte[1]), false))
                .isInstanceOfSatisfying(
                        BlobStorageException.class,
                        e -> assertThat(e.getErrorCode()).isEqualTo(BlobErrorCode.BLOB_ALREADY_EXISTS));
    }

    @Test
    void blocksAloneCanBeDeleted() {
        var blob = staged(1);
        blob.delete();
        assertThatThrownBy(() -> blob.listBlocks(BlockListType.ALL))
                .isInstanceOfSatisfying(
                        BlobStorageException.class,
                        e -> assertThat(e.getStatusCode()).isEqualTo(404));
    }

    @Test
    void aBlockWithAWrongMd5IsRefused() {
        var blob = container.getBlobClient("big").getBlockBlobClient();
        var block =
                new BlockBlobStageBlockOptions(id(1), BinaryData.fromBytes(new byte[1000])).setContentMd5(new byte[16]);
        assertThatThrownBy(() -> blob.stageBlockWithResponse(block, null, Context.NONE))
                .isInstanceOfSatisfying(
                        BlobStorageException.class,
                        e -> assertThat(e.getStatusCode()).isEqualTo(400));
    }

    @Test
    void aCrc64IsNotUnderstood() {
        var blob = container.getBlobClient("big").getBlockBlobClient();
        var block = new BlockBlobStageBlockOptions(id(1), BinaryData.fromBytes(new byte[1000]))
                .setContentValidationAlgorithm(ContentValidationAlgorithm.CRC64);
        assertThatThrownBy(() -> blob.stageBlockWithResponse(block, null, Context.NONE))
                .isInstanceOfSatisfying(
                        BlobStorageException.class,
                        e -> assertThat(e.getStatusCode()).isEqualTo(500));
    }

    @Test
    void anErrorOfTheProxyIsReadAsOneOfTheService() {
        proxy.next(Call.matching("PUT", "comp=block"), Fault.azureError(503, "ServerBusy"));
        assertThatThrownBy(() -> staged(1)).isInstanceOfSatisfying(BlobStorageException.class, e -> {
            assertThat(e.getStatusCode()).isEqualTo(503);
            assertThat(e.getErrorCode()).isEqualTo(BlobErrorCode.SERVER_BUSY);
        });
    }

    @Test
    void aBlockWhoseAnswerWasLostIsThereAndADroppedOneIsNot() {
        byte[] content = S3PeerContract.content(MIB);
        var blob = container.getBlobClient("big").getBlockBlobClient();
        proxy.next(Call.matching("PUT", "comp=block"), Fault.loseAnswer());
        proxy.next(Call.matching("PUT", "comp=block"), Fault.dropAt(MIB / 2));
        for (int number = 1; number <= 2; number++) {
            int block = number;
            assertThatThrownBy(() -> blob.stageBlock(id(block), BinaryData.fromBytes(content)))
                    .hasRootCauseInstanceOf(IOException.class);
        }
        assertThat(blob.listBlocks(BlockListType.UNCOMMITTED).getUncommittedBlocks())
                .extracting(Block::getName)
                .containsExactly(id(1));
    }

    private BlockBlobClient staged(int... numbers) {
        var blob = container.getBlobClient("big").getBlockBlobClient();
        for (int number : numbers) {
            blob.stageBlock(id(number), BinaryData.fromBytes(new byte[1000]));
        }
        return blob;
    }

    private static String id(int number) {
        return Base64.getEncoder().encodeToString("%06d".formatted(number).getBytes(US_ASCII));
    }
}
