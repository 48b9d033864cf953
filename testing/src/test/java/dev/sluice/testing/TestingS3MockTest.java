package dev.sluice.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;

class TestingS3MockTest extends S3PeerContract {
    @Override
    TestingS3 peer() {
        return TestingS3Mock.shared();
    }

    @Test
    void itBelievesAnySignature() {
        try (var stranger = client(proxy.endpoint(), "wrong")) {
            assertThat(stranger.listObjectsV2(list -> list.bucket(bucket)).contents())
                    .isEmpty();
        }
    }

    @Test
    void itKnowsNoPartsOfWhatWasAborted() {
        String upload = begun();
        client.abortMultipartUpload(abort -> abort.bucket(bucket).key("big").uploadId(upload));
        assertThatThrownBy(() -> listed(upload)).isInstanceOf(NoSuchUploadException.class);
    }

    @Test
    void aPartOnItsWayDuringAnAbortIsRefused() {
        String upload = begun();
        assertThatThrownBy(() -> abortDuringAPart(upload)).hasRootCauseInstanceOf(NoSuchUploadException.class);
        assertThatThrownBy(() -> listed(upload)).isInstanceOf(NoSuchUploadException.class);
    }

    @Test
    void anAbortTakesAnOlderObjectOfThatNameWithIt() {
        client.putObject(put -> put.bucket(bucket).key("big"), RequestBody.fromString("text"));
        abort(begun());
        assertThat(client.listObjectsV2(list -> list.bucket(bucket)).contents()).isEmpty();
    }
}
