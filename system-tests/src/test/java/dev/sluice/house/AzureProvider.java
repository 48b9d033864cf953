package dev.sluice.house;

import static java.util.stream.Collectors.toCollection;

import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobListDetails;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.models.BlockListType;
import com.azure.storage.blob.models.ListBlobsOptions;
import com.azure.storage.blob.sas.BlobContainerSasPermission;
import com.azure.storage.blob.sas.BlobServiceSasSignatureValues;
import com.azure.storage.blob.specialized.BlockBlobClient;
import dev.sluice.testing.Call;
import dev.sluice.testing.Fault;
import dev.sluice.testing.FaultyProxy;
import dev.sluice.testing.TestingAzurite;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.regex.Pattern;

/// A container of Azurite, looked into past the proxy by Microsoft's own client.
final class AzureProvider implements Provider {
    private static final Pattern SIGNED = Pattern.compile("SharedKey [^:]+:(.+)");
    private static final Pattern SIGNATURE = Pattern.compile("[?&]sig=([^&]+)");

    private final String name;
    private final TestingAzurite service;
    private final String secret;
    private final String container;
    private final FaultyProxy proxy;
    private final BlobContainerClient client;

    AzureProvider(TestingAzurite service) {
        this("azurite", service, AzureProvider::accountKey);
    }

    /// One that the server reaches by a shared access signature.
    static AzureProvider byToken(TestingAzurite service) {
        return new AzureProvider("azurite by token", service, AzureProvider::token);
    }

    /// @param secret the setting that lets the server in
    private AzureProvider(String name, TestingAzurite service, Function<AzureProvider, String> secret) {
        this.name = name;
        this.service = service;
        this.container = service.newContainer();
        this.proxy = FaultyProxy.before(service.endpoint());
        this.client = new BlobServiceClientBuilder()
                .httpClient(new JdkHttpClientBuilder().build())
                .connectionString(service.connectionString(service.endpoint()))
                .buildClient()
                .getBlobContainerClient(container);
        this.secret = secret.apply(this);
    }

    private String accountKey() {
        return "account-key=" + service.key();
    }

    private String token() {
        return "sas-token="
                + client.generateSas(new BlobServiceSasSignatureValues(
                        OffsetDateTime.now(ZoneOffset.UTC).plusHours(1), BlobContainerSasPermission.parse("rwd")));
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
                secret);
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
    public Set<String> keys() {
        var keys = new TreeSet<>(Set.of(service.key()));
        Provider.headers(proxy, "Authorization")
                .flatMap(header -> SIGNED.matcher(header).results())
                .forEach(found -> keys.add(found.group(1)));
        Provider.inTargets(proxy, SIGNATURE).forEach(keys::add);
        return keys;
    }

    @Override
    public Set<String> handles() {
        return Set.of();
    }

    @Override
    public Fault refusal(String said) {
        return Fault.answer(
                403,
                Map.of("Content-Type", "application/xml", "x-ms-error-code", "AuthorizationFailure"),
                "<Error><Code>AuthorizationFailure</Code><Message>" + said.replace("&", "&amp;")
                        + "</Message></Error>");
    }

    /// Somebody writes over the blob before the server hears that it is there.
    @Override
    public CompletableFuture<Void> spoilNext(String key) {
        proxy.next(this::completes, Fault.holdAnswer());
        return CompletableFuture.runAsync(
                () -> {
                    proxy.await(call -> completes(call) && call.status().isPresent());
                    Map<String, String> metadata = blob(key).getProperties().getMetadata();
                    byte[] bytes = blob(key).downloadContent().toBytes();
                    bytes[0] = (byte) ~bytes[0];
                    blob(key).upload(BinaryData.fromBytes(bytes), true);
                    blob(key).setMetadata(metadata);
                    proxy.release();
                },
                Thread::startVirtualThread);
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
            return blob(key)
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

    /// A blob as somebody else has it.
    BlockBlobClient blob(String key) {
        return client.getBlobClient(key).getBlockBlobClient();
    }

    @Override
    public void close() {
        proxy.close();
    }

    @Override
    public String toString() {
        return name;
    }
}
