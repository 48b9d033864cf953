package dev.sluice.s3;

import dev.sluice.cloud.Transport;
import dev.sluice.testing.TestingS3;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.NullMarked;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/// What a bucket holds by the service's own account, asked past the storage and every proxy.
@NullMarked
final class TestingBucket {
    private static final Transport TRANSPORT = Transport.open(Duration.ofSeconds(5), Duration.ofSeconds(30));
    private static final Map<TestingS3, S3Client> CLIENTS = new ConcurrentHashMap<>();

    private final S3Client client;
    private final String name;

    private TestingBucket(S3Client client, String name) {
        this.client = client;
        this.name = name;
    }

    static TestingBucket of(TestingS3 service, String name) {
        return new TestingBucket(CLIENTS.computeIfAbsent(service, TestingBucket::client), name);
    }

    private static S3Client client(TestingS3 service) {
        return S3Client.builder()
                .httpClient(new SdkTransport(TRANSPORT, "test", false))
                .endpointOverride(service.endpoint())
                .forcePathStyle(true)
                .region(Region.of(service.region()))
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(service.accessKey(), service.secretKey())))
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .build();
    }

    S3Client client() {
        return client;
    }

    /// Keys of objects, and `upload ID of KEY` for what is not complete.
    Set<String> held() {
        var held = new TreeSet<String>();
        client.listObjectsV2(list -> list.bucket(name)).contents().forEach(object -> held.add(object.key()));
        client.listMultipartUploads(list -> list.bucket(name))
                .uploads()
                .forEach(upload -> held.add("upload " + upload.uploadId() + " of " + upload.key()));
        return held;
    }
}
