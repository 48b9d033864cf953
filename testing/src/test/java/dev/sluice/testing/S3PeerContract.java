package dev.sluice.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// What storages will ask of an S3 service, asked by Amazon's own client through a [FaultyProxy].
abstract class S3PeerContract {
    static final int MIB = 1 << 20;

    final TestingS3 peer = peer();
    final String bucket = peer.newBucket();
    FaultyProxy proxy;
    S3Client client;

    abstract TestingS3 peer();

    @BeforeEach
    void connect() {
        proxy = FaultyProxy.before(peer.endpoint());
        client = client(proxy.endpoint(), peer.secretKey());
    }

    @AfterEach
    void disconnect() {
        client.close();
        proxy.close();
    }

    S3Client client(URI endpoint, String secretKey) {
        return S3Client.builder()
                .httpClient(UrlConnectionHttpClient.create())
                .endpointOverride(endpoint)
                .forcePathStyle(true)
                .region(Region.of(peer.region()))
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create(peer.accessKey(), secretKey)))
                .overrideConfiguration(all -> all.retryStrategy(none -> none.maxAttempts(1)))
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .build();
    }

    @Test
    void anObjectIsPutAndReadWholeAndInPart() {
        byte[] content = content(3 * MIB);
        client.putObject(put -> put.bucket(bucket).key("a/Zürich 1.pdf"), RequestBody.fromBytes(content));
        assertThat(client.getObjectAsBytes(get -> get.bucket(bucket).key("a/Zürich 1.pdf"))
                        .asByteArray())
                .isEqualTo(content);
        assertThat(client.getObjectAsBytes(
                                get -> get.bucket(bucket).key("a/Zürich 1.pdf").range("bytes=1000000-1000009"))
                        .asByteArray())
                .isEqualTo(Arrays.copyOfRange(content, 1_000_000, 1_000_010));
    }

    @Test
    void partsAreListedAndBecomeOneObject() {
        byte[] content = content(6 * MIB);
        String upload = client.createMultipartUpload(
                        create -> create.bucket(bucket).key("big"))
                .uploadId();
        var parts = List.of(part(upload, 1, content, 0, 5 * MIB), part(upload, 2, content, 5 * MIB, 6 * MIB));
        assertThat(listed(upload)).extracting(Part::partNumber).containsExactly(1, 2);
        assertThat(listed(upload)).extracting(Part::size).containsExactly(5L * MIB, (long) MIB);
        assertThat(uploads()).containsExactly(upload);
        client.completeMultipartUpload(complete ->
                complete.bucket(bucket).key("big").uploadId(upload).multipartUpload(all -> all.parts(parts)));
        assertThat(client.getObjectAsBytes(get -> get.bucket(bucket).key("big")).asByteArray())
                .isEqualTo(content);
        assertThat(uploads()).isEmpty();
    }

    @Test
    void whatIsAbortedIsListedNoMore() {
        String upload = client.createMultipartUpload(
                        create -> create.bucket(bucket).key("big"))
                .uploadId();
        part(upload, 1, content(5 * MIB), 0, 5 * MIB);
        client.abortMultipartUpload(abort -> abort.bucket(bucket).key("big").uploadId(upload));
        assertThat(uploads()).isEmpty();
        assertThat(client.listObjectsV2(list -> list.bucket(bucket)).contents()).isEmpty();
    }

    @Test
    void aPartWithAWrongChecksumIsRefused() {
        String upload = begun();
        assertThatThrownBy(() -> client.uploadPart(
                        part -> part.bucket(bucket)
                                .key("big")
                                .uploadId(upload)
                                .partNumber(1)
                                .checksumCRC32("AAAAAA=="),
                        RequestBody.fromBytes(content(1000))))
                .isInstanceOfSatisfying(
                        S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(400));
        assertThat(listed(upload)).isEmpty();
    }

    @Test
    void aConditionalPutReplacesNothing() {
        client.putObject(put -> put.bucket(bucket).key("one"), RequestBody.fromString("text"));
        assertThatThrownBy(() -> client.putObject(
                        put -> put.bucket(bucket).key("one").ifNoneMatch("*"), RequestBody.fromString("other")))
                .isInstanceOfSatisfying(
                        S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(412));
    }

    @Test
    void aCompletionMayBeRepeated() {
        String upload = begun();
        var part = part(upload, 1, content(1000), 0, 1000);
        for (int i = 0; i < 2; i++) {
            client.completeMultipartUpload(complete ->
                    complete.bucket(bucket).key("big").uploadId(upload).multipartUpload(all -> all.parts(part)));
        }
    }

    @Test
    void anErrorOfTheProxyIsReadAsOneOfTheService() {
        proxy.next(Call.matching("PUT", "/slow"), Fault.s3Error(503, "SlowDown"));
        assertThatThrownBy(() ->
                        client.putObject(put -> put.bucket(bucket).key("slow"), RequestBody.fromBytes(new byte[1000])))
                .isInstanceOfSatisfying(S3Exception.class, e -> {
                    assertThat(e.statusCode()).isEqualTo(503);
                    assertThat(e.awsErrorDetails().errorCode()).isEqualTo("SlowDown");
                });
        assertThat(client.listObjectsV2(list -> list.bucket(bucket)).contents()).isEmpty();
    }

    @Test
    void aPartWhoseAnswerWasLostIsThereAndADroppedOneIsNot() {
        String upload = client.createMultipartUpload(
                        create -> create.bucket(bucket).key("big"))
                .uploadId();
        proxy.next(Call.matching("PUT", "partNumber=1"), Fault.loseAnswer());
        proxy.next(Call.matching("PUT", "partNumber=2"), Fault.dropAt(4 * MIB));
        for (int number = 1; number <= 2; number++) {
            int part = number;
            assertThatThrownBy(() -> part(upload, part, content(5 * MIB), 0, 5 * MIB))
                    .isInstanceOf(SdkClientException.class);
        }
        assertThat(listed(upload)).extracting(Part::partNumber).containsExactly(1);
        assertThat(proxy.calls(call -> call.method().equals("PUT")))
                .extracting(Call::ending)
                .containsExactly(Call.Ending.ANSWER_LOST, Call.Ending.DROPPED);
    }

    String begun() {
        return client.createMultipartUpload(create -> create.bucket(bucket).key("big"))
                .uploadId();
    }

    void abort(String upload) {
        client.abortMultipartUpload(abort -> abort.bucket(bucket).key("big").uploadId(upload));
    }

    /// Aborts the upload while a part of it is on its way, and lets that part arrive.
    void abortDuringAPart(String upload) throws Exception {
        proxy.next(Call.matching("PUT", "partNumber=1"), Fault.stallAt(500));
        var part = CompletableFuture.runAsync(() -> part(upload, 1, content(1000), 0, 1000));
        proxy.await(call -> call.bodyBytes() == 500);
        abort(upload);
        proxy.release();
        part.get();
    }

    List<Part> listed(String upload) {
        return client.listParts(list -> list.bucket(bucket).key("big").uploadId(upload))
                .parts();
    }

    List<String> uploads() {
        return client.listMultipartUploads(list -> list.bucket(bucket)).uploads().stream()
                .map(MultipartUpload::uploadId)
                .toList();
    }

    CompletedPart part(String upload, int number, byte[] content, int from, int to) {
        String tag = client.uploadPart(
                        part -> part.bucket(bucket).key("big").uploadId(upload).partNumber(number),
                        RequestBody.fromBytes(Arrays.copyOfRange(content, from, to)))
                .eTag();
        return CompletedPart.builder().partNumber(number).eTag(tag).build();
    }

    static byte[] content(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
