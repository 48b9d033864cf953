package dev.sluice.house;

import static java.util.stream.Collectors.toCollection;

import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.util.Context;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobListDetails;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.models.BlockListType;
import com.azure.storage.blob.models.ListBlobsOptions;
import dev.sluice.testing.Call;
import dev.sluice.testing.FaultyProxy;
import dev.sluice.testing.TestingAzurite;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// A container of Azurite, looked into past the proxy by Microsoft's own client.
final class AzureProvider implements Provider {
    private final TestingAzurite service;
    private final String container;
    private final FaultyProxy proxy;
    private final BlobContainerClient client;

    AzureProvider(TestingAzurite service) {
        this.service = service;
        this.container = service.newContainer();
        this.proxy = FaultyProxy.before(service.endpoint());
        this.client = new BlobServiceClientBuilder()
                .httpClient(new JdkHttpClientBuilder().build())
                .connectionString(service.connectionString(service.endpoint()))
                .buildClient()
                .getBlobContainerClient(container);
    }

    @Override
    public FaultyProxy proxy() {
        return proxy;
    }

    @Override
    public List<String> settings() {
        return List.of(
                "kind=azure",
                "container=" + container,
                "endpoint=" + proxy.endpoint(),
                "account=" + service.account(),
                "account-key=" + service.key());
    }

    @Override
    public int part() {
        return 8 << 20;
    }

    /// Blocks need no session: what is opened is the first block's connection.
    @Override
    public boolean begins(Call call) {
        return call.method().equals("PUT") && call.target().contains("comp=block&");
    }

    @Override
    public boolean carries(Call call) {
        return call.method().equals("PUT") && !call.target().contains("comp=blocklist");
    }

    @Override
    public boolean completes(Call call) {
        return call.method().equals("PUT") && !call.target().contains("comp=block&") && !discards(call);
    }

    @Override
    public boolean cleansUp(Call call) {
        return call.method().equals("GET") || call.method().equals("HEAD") || takesAway(call);
    }

    @Override
    public boolean takesAway(Call call) {
        return call.method().equals("DELETE") || discards(call);
    }

    /// An empty blob drives out the blocks that lie under its name.
    private static boolean discards(Call call) {
        return call.headers().containsKey("x-ms-meta-sluice_discards");
    }

    @Override
    public Set<String> objects() {
        return client.listBlobs().stream().map(BlobItem::getName).collect(toCollection(TreeSet::new));
    }

    /// The blocks of any name that it lists or that a call ever spoke of.
    @Override
    public Set<String> leftovers() {
        var keys = new TreeSet<String>();
        client.listBlobs(
                        new ListBlobsOptions().setDetails(new BlobListDetails().setRetrieveUncommittedBlobs(true)),
                        null)
                .forEach(blob -> keys.add(blob.getName()));
        String root = "/" + service.account() + "/" + container + "/";
        proxy.calls().stream()
                .map(call -> URI.create(call.target()).getRawPath())
                .filter(path -> path.startsWith(root))
                .forEach(path -> keys.add(URLDecoder.decode(path.substring(root.length()), StandardCharsets.UTF_8)));
        var left = new TreeSet<String>();
        keys.forEach(key -> blocks(key).forEach(block -> left.add("block " + block + " of " + key)));
        return left;
    }

    private List<String> blocks(String key) {
        try {
            return client
                    .getBlobClient(key)
                    .getBlockBlobClient()
                    .listBlocksWithResponse(BlockListType.UNCOMMITTED, null, null, Context.NONE)
                    .getValue()
                    .getUncommittedBlocks()
                    .stream()
                    .map(block -> block.getName())
                    .toList();
        } catch (BlobStorageException e) {
            if (e.getStatusCode() == 404) {
                return List.of();
            }
            throw e;
        }
    }

    @Override
    public void close() {
        proxy.close();
    }

    @Override
    public String toString() {
        return "azurite";
    }
}
