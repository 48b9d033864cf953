package dev.sluice.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.Part;

/// What storages will ask of an S3 service, asked by Amazon's own client.
abstract class S3PeerContract {
    static final int MIB = 1 << 20;

    final TestingS3 peer = peer();
    final String bucket = peer.newBucket();
    S3Client client;

    abstract TestingS3 peer();

    @BeforeEach
    void connect() {
        client = client(peer.endpoint(), peer.secretKey());
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    S3Client client(URI endpoint, String secretKey) {
        return S3Client.builder()
                .httpClient(UrlConnectionHttpClient.create())
                .endpointOverride(endpoint)
                .forcePathStyle(true)
                .region(Region.of(peer.region()))
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create(peer.accessKey(), secretKey)))
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
