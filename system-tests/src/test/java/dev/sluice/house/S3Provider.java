package dev.sluice.house;

import static java.util.stream.Collectors.toCollection;

import dev.sluice.testing.Call;
import dev.sluice.testing.Fault;
import dev.sluice.testing.FaultyProxy;
import dev.sluice.testing.TestingS3;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/// A bucket of an S3 service, looked into past the proxy by Amazon's own client.
final class S3Provider implements Provider {
    /// In the targets of calls, wherever they stand in the query.
    private static final Pattern UPLOAD = Pattern.compile("/[^/?]+/([^?]+)\\?.*\\buploadId=([^&]+).*");

    private static final Pattern HANDLE = Pattern.compile("\\buploadId=([^&]+)");
    private static final Pattern SIGNATURE = Pattern.compile("Signature=([0-9a-f]{64})");

    private final String name;
    private final TestingS3 service;
    private final String bucket;
    private final FaultyProxy proxy;
    private final S3Client client;

    S3Provider(String name, TestingS3 service) {
        this.name = name;
        this.service = service;
        this.bucket = service.newBucket();
        this.proxy = FaultyProxy.before(service.endpoint());
        this.client = S3Client.builder()
                .httpClient(UrlConnectionHttpClient.create())
                .endpointOverride(service.endpoint())
                .forcePathStyle(true)
                .region(Region.of(service.region()))
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(service.accessKey(), service.secretKey())))
                .build();
    }

    @Override
    public FaultyProxy proxy() {
        return proxy;
    }

    @Override
    public List<String> settings() {
        return List.of(
                "kind=s3",
                "bucket=" + bucket,
                "endpoint=" + proxy.endpoint(),
                "access-key=" + service.accessKey(),
                "secret-key=" + service.secretKey(),
                "path-style=true");
    }

    @Override
    public int part() {
        return 8 << 20;
    }

    @Override
    public boolean begins(Call call) {
        return call.method().equals("POST") && call.target().contains("?uploads");
    }

    @Override
    public boolean carries(Call call) {
        return call.method().equals("PUT");
    }

    @Override
    public boolean completes(Call call) {
        return (call.method().equals("POST") && call.target().contains("uploadId="))
                || (call.method().equals("PUT") && !call.target().contains("partNumber="));
    }

    @Override
    public boolean cleansUp(Call call) {
        return call.method().equals("GET") || call.method().equals("HEAD") || takesAway(call);
    }

    @Override
    public boolean takesAway(Call call) {
        return call.method().equals("DELETE");
    }

    @Override
    public Set<String> keys() {
        var keys = new TreeSet<>(Set.of(service.secretKey()));
        Provider.headers(proxy, "Authorization")
                .flatMap(header -> SIGNATURE.matcher(header).results())
                .forEach(found -> keys.add(found.group(1)));
        return keys;
    }

    @Override
    public Set<String> handles() {
        var handles = Provider.inTargets(proxy, HANDLE).collect(toCollection(TreeSet::new));
        client.listMultipartUploads(list -> list.bucket(bucket))
                .uploads()
                .forEach(upload -> handles.add(upload.uploadId()));
        return handles;
    }

    @Override
    public Fault refusal(String said) {
        return Fault.answer(
                403,
                Map.of("Content-Type", "application/xml"),
                "<Error><Code>AccessDenied</Code><Message>" + said.replace("&", "&amp;") + "</Message></Error>");
    }

    /// Somebody writes over the object before the server hears that it is there.
    @Override
    public CompletableFuture<Void> spoilNext(String key) {
        proxy.next(this::completes, Fault.holdAnswer());
        return CompletableFuture.runAsync(
                () -> {
                    proxy.await(call -> completes(call) && call.status().isPresent());
                    ResponseBytes<GetObjectResponse> whole =
                            client.getObjectAsBytes(get -> get.bucket(bucket).key(key));
                    byte[] bytes = whole.asByteArray();
                    bytes[0] = (byte) ~bytes[0];
                    var crc32 = new CRC32();
                    crc32.update(bytes);
                    client.putObject(
                            put -> put.bucket(bucket)
                                    .key(key)
                                    .metadata(whole.response().metadata())
                                    .checksumCRC32(Base64.getEncoder()
                                            .encodeToString(ByteBuffer.allocate(4)
                                                    .putInt((int) crc32.getValue())
                                                    .array())),
                            RequestBody.fromBytes(bytes));
                    proxy.release();
                },
                Thread::startVirtualThread);
    }

    @Override
    public Set<String> objects() {
        return client.listObjectsV2(list -> list.bucket(bucket)).contents().stream()
                .map(S3Object::key)
                .collect(toCollection(TreeSet::new));
    }

    /// The uploads that it lists, and the parts that it lists of any upload that a call ever spoke of.
    @Override
    public Set<String> leftovers() {
        var left = new TreeSet<String>();
        client.listMultipartUploads(list -> list.bucket(bucket))
                .uploads()
                .forEach(upload -> left.add("upload " + upload.uploadId() + " of " + upload.key()));
        proxy.calls().stream()
                .map(call -> UPLOAD.matcher(call.target()))
                .filter(Matcher::matches)
                .map(upload -> List.of(decoded(upload.group(1)), decoded(upload.group(2))))
                .distinct()
                .forEach(upload -> left.addAll(parts(upload.getFirst(), upload.getLast())));
        return left;
    }

    private List<String> parts(String key, String upload) {
        try {
            return client.listParts(list -> list.bucket(bucket).key(key).uploadId(upload)).parts().stream()
                    .map(part -> "part " + part.partNumber() + " of " + key)
                    .toList();
        } catch (NoSuchUploadException e) {
            return List.of();
        } catch (S3Exception e) {
            if (e.statusCode() == 404) {
                return List.of();
            }
            throw e;
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        client.close();
        proxy.close();
    }

    @Override
    public String toString() {
        return name;
    }
}
