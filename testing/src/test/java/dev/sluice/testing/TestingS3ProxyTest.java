package dev.sluice.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.model.S3Exception;

class TestingS3ProxyTest extends S3PeerContract {
    @Override
    TestingS3 peer() {
        return TestingS3Proxy.shared();
    }

    @Test
    void itRefusesAWrongSignature() {
        try (var stranger = client(proxy.endpoint(), "wrong")) {
            assertThatThrownBy(() -> stranger.listObjectsV2(list -> list.bucket(bucket)))
                    .isInstanceOfSatisfying(
                            S3Exception.class,
                            e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo("SignatureDoesNotMatch"));
        }
    }

    @Test
    void itAnswersWithNoPartsWhereTheServiceKnowsNoUpload() {
        String upload = begun();
        part(upload, 1, content(1000), 0, 1000);
        client.abortMultipartUpload(abort -> abort.bucket(bucket).key("big").uploadId(upload));
        assertThat(listed(upload)).isEmpty();
    }

    @Test
    void aPartOnItsWayDuringAnAbortStays() throws Exception {
        String upload = begun();
        abortDuringAPart(upload);
        assertThat(uploads()).isEmpty();
        assertThat(listed(upload)).hasSize(1);
    }
}
