package dev.sluice.fakes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.api.gax.retrying.RetrySettings;
import com.google.auth.oauth2.ServiceAccountCredentials;
import com.google.cloud.WriteChannel;
import com.google.cloud.storage.Blob;
import com.google.cloud.storage.BlobId;
import com.google.cloud.storage.BlobInfo;
import com.google.cloud.storage.Storage;
import com.google.cloud.storage.Storage.BlobListOption;
import com.google.cloud.storage.Storage.BlobWriteOption;
import com.google.cloud.storage.StorageException;
import com.google.cloud.storage.StorageOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Google's own client of Cloud Storage, unmodified, against the fake.
class GcsClientTest {
    private static final byte[] BYTES = Fixture.bytes(1_400_000);
    private static final String BUCKET = "bucket";

    private FakeGcs fake;
    private Storage storage;

    @BeforeEach
    void start() throws IOException {
        fake = FakeGcs.start();
        fake.bucket(BUCKET);
        var credentials = ServiceAccountCredentials.fromStream(new ByteArrayInputStream(
                        fake.account("robot@example.com").serviceAccountKey().getBytes(StandardCharsets.UTF_8)))
                .createScoped("https://www.googleapis.com/auth/devstorage.read_write");
        storage = StorageOptions.newBuilder()
                .setHost(fake.url())
                .setProjectId("fake")
                .setCredentials(credentials)
                .setRetrySettings(RetrySettings.newBuilder()
                        .setMaxAttempts(5)
                        .setInitialRetryDelayDuration(Duration.ofMillis(5))
                        .setMaxRetryDelayDuration(Duration.ofMillis(50))
                        .setTotalTimeoutDuration(Duration.ofSeconds(5))
                        .build())
                .build()
                .getService();
    }

    @AfterEach
    void stop() throws Exception {
        storage.close();
        fake.close();
    }

    private void write(String name, byte[] bytes) throws IOException {
        try (WriteChannel channel =
                storage.writer(BlobInfo.newBuilder(BUCKET, name).build(), BlobWriteOption.doesNotExist())) {
            channel.setChunkSize(512 << 10);
            var buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                assertThat(channel.write(buffer)).isPositive();
            }
        }
    }

    private String md5(String name) {
        return HexFormat.of()
                .formatHex(Base64.getDecoder().decode(storage.get(BUCKET, name).getMd5()));
    }

    @Test
    void uploadsInChunksAndReadsBack() throws IOException {
        write("a/big file", BYTES);

        assertThat(md5("a/big file")).isEqualTo(Fixture.md5(BYTES));
        assertThat(fake.calls().of(Step.CHUNK)).extracting(Call::status).containsExactly(308, 308, 200);
        assertThat(storage.readAllBytes(BUCKET, "a/big file")).isEqualTo(BYTES);
        try (var reader = storage.reader(BUCKET, "a/big file")) {
            reader.seek(100);
            reader.limit(300);
            var buffer = ByteBuffer.allocate(200);
            while (buffer.hasRemaining() && reader.read(buffer) >= 0) {
                // Until it is full.
            }
            assertThat(buffer.array()).isEqualTo(Arrays.copyOfRange(BYTES, 100, 300));
        }
    }

    @Test
    void uploadsSmallAndEmptyOnesInOneRequestOrInASession() throws IOException {
        storage.create(BlobInfo.newBuilder(BUCKET, "direct").build(), BYTES);
        write("small", new byte[] {1, 2, 3});
        write("empty", new byte[0]);

        assertThat(md5("direct")).isEqualTo(Fixture.md5(BYTES));
        assertThat(storage.get(BUCKET, "small").getSize()).isEqualTo(3);
        assertThat(storage.get(BUCKET, "empty").getSize()).isZero();
    }

    @Test
    void goesOnAfterADroppedConnectionABusyServerAndALostAnswer() throws IOException {
        fake.faults().after(1, Step.CHUNK, new Fault.DropAt(300_000));
        fake.faults().after(3, Step.CHUNK, new Fault.Refuse(Reason.UNAVAILABLE));
        fake.faults().next(Step.LAST_CHUNK, new Fault.LoseAnswer());

        write("dropped", BYTES);

        assertThat(md5("dropped")).isEqualTo(Fixture.md5(BYTES));
        assertThat(fake.calls().of(Step.QUERY)).isNotEmpty();
        assertThat(fake.stored()).hasSize(1);
    }

    @Test
    void goesOnWhereOnlyAPartWasKept() throws IOException {
        fake.faults().next(Step.CHUNK, new Fault.KeepOnly(256 << 10));

        write("partly", BYTES);

        assertThat(md5("partly")).isEqualTo(Fixture.md5(BYTES));
    }

    @Test
    void listsAndDeletes() throws IOException {
        write("a/1", new byte[1]);
        write("a/2", new byte[2]);
        write("b", new byte[3]);

        assertThat(storage.list(BUCKET, BlobListOption.prefix("a/")).iterateAll())
                .extracting(Blob::getName)
                .containsExactly("a/1", "a/2");
        assertThat(storage.delete(BlobId.of(BUCKET, "a/1"))).isTrue();
        assertThat(storage.delete(BlobId.of(BUCKET, "a/1"))).isFalse();
        assertThat(storage.get(BUCKET, "a/1")).isNull();
        assertThat(storage.get("elsewhere")).isNull();
    }

    @Test
    void replacesNothingWhereItMustNot() throws IOException {
        write("there", BYTES);

        assertThatThrownBy(() -> write("there", BYTES))
                .isInstanceOfSatisfying(
                        StorageException.class, e -> assertThat(e.getCode()).isEqualTo(412));
    }
}
