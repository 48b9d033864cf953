package dev.sluice.azure;

import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobListDetails;
import com.azure.storage.blob.models.Block;
import com.azure.storage.blob.models.BlockListType;
import com.azure.storage.blob.models.ListBlobsOptions;
import com.azure.storage.blob.sas.BlobServiceSasSignatureValues;
import com.azure.storage.blob.specialized.BlockBlobClient;
import dev.sluice.testing.TestingAzurite;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;

/// What a container holds by the service's own account, asked by Microsoft's client past the storage and every proxy.
@NullMarked
final class TestingContainer {
    private final BlobContainerClient client;

    private TestingContainer(BlobContainerClient client) {
        this.client = client;
    }

    static TestingContainer of(TestingAzurite service, String name) {
        return new TestingContainer(new BlobServiceClientBuilder()
                .httpClient(new JdkHttpClientBuilder().build())
                .connectionString(service.connectionString(service.endpoint()))
                .buildClient()
                .getBlobContainerClient(name));
    }

    BlockBlobClient blob(String key) {
        return client.getBlobClient(key).getBlockBlobClient();
    }

    /// Signs a token for the container.
    String token(BlobServiceSasSignatureValues values) {
        return client.generateSas(values);
    }

    /// Puts an object of somebody else's, in the place of what stands there.
    void put(String key, byte[] bytes) {
        client.getBlobClient(key).upload(BinaryData.fromBytes(bytes), true);
    }

    /// Keys of objects, and `N blocks of KEY` for what is not committed.
    Set<String> held() {
        var held = new TreeSet<String>();
        var all = new ListBlobsOptions().setDetails(new BlobListDetails().setRetrieveUncommittedBlobs(true));
        for (BlobItem blob : client.listBlobs(all, null)) {
            String key = blob.getName();
            if (blob(key).exists()) {
                held.add(key);
            }
            List<Block> blocks = blob(key)
                    .listBlocksWithResponse(BlockListType.UNCOMMITTED, null, null, Context.NONE)
                    .getValue()
                    .getUncommittedBlocks();
            if (!blocks.isEmpty()) {
                held.add(blocks.size() + " blocks of " + key);
            }
        }
        return held;
    }
}
