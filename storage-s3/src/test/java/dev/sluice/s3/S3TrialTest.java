package dev.sluice.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.cloud.Buffers;
import dev.sluice.cloud.KeptTails;
import dev.sluice.cloud.Patience;
import dev.sluice.cloud.Supplies;
import dev.sluice.cloud.Transport;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.secrets.Vault;
import dev.sluice.storage.ObjectSpec;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Trial;
import dev.sluice.testing.Call;
import dev.sluice.testing.Fault;
import dev.sluice.testing.FaultyProxy;
import dev.sluice.testing.TestingS3;
import dev.sluice.testing.TestingS3Mock;
import dev.sluice.testing.TestingS3Proxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What somebody hears who tries a bucket from the command line.
@NullMarked
class S3TrialTest {
    private final TestingS3 service = TestingS3Proxy.shared();
    private final String bucket = service.newBucket();
    private final FaultyProxy proxy = FaultyProxy.before(service.endpoint());
    private final Transport transport = Transport.open(Patience.SHORT.connect(), Patience.SHORT.silence());
    private final Buffers buffers = new Buffers(64 << 20);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @AfterEach
    void close() {
        transport.close();
        proxy.close();
        assertThat(buffers.used()).isZero();
    }

    private S3Storage open(URI endpoint, String bucketName, @Nullable String accessKey, @Nullable String secretKey) {
        var settings =
                new S3Settings("clips", bucketName, endpoint, service.region(), accessKey, secretKey, "team", true);
        Vault vault = Vault.in(folder.resolve("key"));
        return new S3Storage(
                settings,
                new Supplies(
                        transport,
                        buffers.share(),
                        KeptTails.in(folder.resolve("tails"), vault),
                        vault,
                        Clock.systemUTC(),
                        Patience.SHORT.backOff()));
    }

    private S3Storage open() {
        return open(proxy.endpoint(), bucket, service.accessKey(), service.secretKey());
    }

    private static List<Trial.Step> tried(S3Storage storage) {
        try (storage) {
            return Trial.of(storage, "t", new StopToken(), step -> {});
        }
    }

    private static Problem failure(List<Trial.Step> steps, String step) {
        return steps.stream()
                .filter(each -> each.name().equals(step))
                .map(each -> Objects.requireNonNull(each.failure()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void everyStepOfABucketWorksAndLeavesNothing() {
        List<Trial.Step> steps = tried(open());
        assertThat(steps).allMatch(Trial.Step::works);
        assertThat(steps)
                .extracting(Trial.Step::name)
                .containsExactly("answer", "write", "read", "range", "delete", "abort");
        assertThat(TestingBucket.of(service, bucket).held()).isEmpty();
        // What was given up had a part at the service, and was aborted there.
        assertThat(proxy.calls(Call.matching("PUT", "partNumber=1"))).hasSize(1);
        assertThat(proxy.calls(Call.matching("DELETE", "uploadId="))).isNotEmpty();
    }

    @Test
    void aServiceOfAnotherMakeWorksToo() {
        TestingS3 mock = TestingS3Mock.shared();
        String there = mock.newBucket();
        assertThat(tried(open(mock.endpoint(), there, mock.accessKey(), mock.secretKey())))
                .allMatch(Trial.Step::works);
        assertThat(TestingBucket.of(mock, there).held()).isEmpty();
    }

    @Test
    void aWrongKeyIsToldInTheServicesWordsWithoutTheSecret() {
        List<Trial.Step> wrongSecret =
                tried(open(proxy.endpoint(), bucket, service.accessKey(), "not-the-secret-at-all"));
        assertThat(wrongSecret).hasSize(1);
        assertThat(failure(wrongSecret, "answer").code()).isEqualTo(ErrorCode.UPSTREAM_REFUSED);
        assertThat(failure(wrongSecret, "answer").message())
                .contains("SignatureDoesNotMatch", "correct secret-key", "bucket " + bucket)
                .doesNotContain("not-the-secret-at-all");
        List<Trial.Step> unknown = tried(open(proxy.endpoint(), bucket, "nobody-knows-me", "secret"));
        assertThat(failure(unknown, "answer").message())
                .contains("InvalidAccessKeyId", "correct access-key")
                .doesNotContain("nobody-knows-me");
        // A refusal is not asked for twice.
        assertThat(proxy.calls()).hasSize(2);
    }

    @Test
    void whatIsRefusedToAnUploadIsToldInTheServicesWordsToo() {
        try (S3Storage storage = open(proxy.endpoint(), bucket, service.accessKey(), "not-the-secret-at-all")) {
            var spec = new ObjectSpec("u", "a.bin", 10, "application/octet-stream");
            try (ObjectUpload upload = storage.begin(storage.intend(spec), state -> {}, new StopToken())) {
                upload.write(ByteBuffer.allocate(10));
                assertThatThrownBy(upload::target)
                        .isInstanceOf(ProblemException.class)
                        .hasMessageContaining("SignatureDoesNotMatch");
            }
        }
    }

    @Test
    void thatThereAreNoCredentialsIsToldAtOnce() {
        System.setProperty("aws.disableEc2Metadata", "true");
        try {
            List<Trial.Step> steps = tried(open(proxy.endpoint(), bucket, null, null));
            assertThat(failure(steps, "answer").code()).isEqualTo(ErrorCode.UPSTREAM_REFUSED);
            assertThat(failure(steps, "answer").message())
                    .contains("no credentials", "set access-key and secret-key")
                    .hasSizeLessThan(300);
            assertThat(proxy.calls()).isEmpty();
        } finally {
            System.clearProperty("aws.disableEc2Metadata");
        }
    }

    @Test
    void aMissingBucketIsTold() {
        List<Trial.Step> steps =
                tried(open(proxy.endpoint(), "no-such-bucket", service.accessKey(), service.secretKey()));
        assertThat(steps).hasSize(1);
        assertThat(failure(steps, "answer").code()).isEqualTo(ErrorCode.UPSTREAM_NOT_FOUND);
        assertThat(failure(steps, "answer").message()).contains("NoSuchBucket", "make the bucket");
    }

    @Test
    void anEndpointThatIsNotThereIsToldInSeconds() throws IOException {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        long began = System.nanoTime();
        List<Trial.Step> steps =
                tried(open(URI.create("http://127.0.0.1:" + port), bucket, service.accessKey(), service.secretKey()));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        assertThat(steps).hasSize(1);
        assertThat(failure(steps, "answer").code()).isEqualTo(ErrorCode.UPSTREAM_UNAVAILABLE);
        assertThat(failure(steps, "answer").message()).contains("no answer", "127.0.0.1:" + port, "can be reached");
    }

    /// Takes connections and says nothing.
    @Test
    void anEndpointThatKeepsSilentIsToldInSeconds() throws IOException {
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            long began = System.nanoTime();
            List<Trial.Step> steps = tried(open(
                    URI.create("http://127.0.0.1:" + silent.getLocalPort()),
                    bucket,
                    service.accessKey(),
                    service.secretKey()));
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
            assertThat(failure(steps, "answer").code()).isEqualTo(ErrorCode.UPSTREAM_UNAVAILABLE);
        }
    }

    @Test
    void aKeyThatMayNotDeleteIsToldAndSoIsWhatItLeaves() {
        proxy.next(100, Call.matching("DELETE", "sluice-trial-t"), Fault.s3Error(403, "AccessDenied"));
        List<Trial.Step> steps = tried(open());
        assertThat(steps)
                .extracting(Trial.Step::name)
                .containsExactly("answer", "write", "read", "range", "delete", "clean up");
        assertThat(failure(steps, "delete").message()).contains("403 AccessDenied", "write, list and delete");
        assertThat(failure(steps, "clean up").message()).contains("sluice-trial-t.txt", "could not be taken away");
        assertThat(TestingBucket.of(service, bucket).held()).containsExactly("team/sluice-trial-t.txt");
    }

    @Test
    void aKeyThatMayNotWriteIsTold() {
        proxy.next(100, Call.matching("PUT", "sluice-trial-t"), Fault.s3Error(403, "AccessDenied"));
        List<Trial.Step> steps = tried(open());
        assertThat(steps).extracting(Trial.Step::name).containsExactly("answer", "write");
        assertThat(failure(steps, "write").code()).isEqualTo(ErrorCode.UPSTREAM_REFUSED);
        assertThat(TestingBucket.of(service, bucket).held()).isEmpty();
    }

    @Test
    void aLookIsOneQuestion() {
        try (S3Storage there = open();
                S3Storage missing =
                        open(proxy.endpoint(), "no-such-bucket", service.accessKey(), service.secretKey())) {
            Trial.look(there, "t", new StopToken());
            assertThat(proxy.calls()).hasSize(1).allMatch(call -> call.method().equals("GET"));
            assertThatThrownBy(() -> Trial.look(missing, "t", new StopToken()))
                    .isInstanceOfSatisfying(
                            ProblemException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UPSTREAM_NOT_FOUND));
        }
    }
}
