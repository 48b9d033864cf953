package dev.sluice.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cloud.BehindAProxy;
import dev.sluice.cloud.Buffers;
import dev.sluice.cloud.PartLayout;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectSpec;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Precondition;
import dev.sluice.storage.UploadState;
import dev.sluice.testing.Call;
import dev.sluice.testing.Fault;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.zip.CRC32;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is compared with the service by checksum and size, and how large an object may be.
@NullMarked
class S3ChecksTest extends BehindAProxy {
    private final ProxiedBucket bucket = new ProxiedBucket();

    S3ChecksTest() {
        super(ProxiedBucket.SERVICE.endpoint());
    }

    @Override
    protected S3Storage storage() {
        return new S3Storage(bucket.settings(proxy), supplies());
    }

    @Override
    protected Set<String> held() {
        return bucket.held();
    }

    @Test
    void anObjectThatTheServiceHasCutShortDoesNotStay() throws Exception {
        S3Storage storage = storage();
        try (ObjectUpload upload = begin(storage, "short.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            ObjectRef target = upload.target();
            proxy.next(
                    call -> call.method().equals("HEAD")
                            && !proxy.calls(ProxiedBucket.COMPLETIONS).isEmpty(),
                    Fault.answer(
                            200,
                            Map.of(
                                    "ETag",
                                    "\"cut\"",
                                    "x-amz-meta-sluice-upload",
                                    upload.state().id()),
                            "short"));
            assertThat(problem(ErrorCode.CHECKSUM_MISMATCH, () -> upload.commit(target, Precondition.ABSENT)))
                    .hasMessageContaining("with 5 bytes")
                    .hasMessageContaining("deleted");
        }
        storage.discard(saved.get());
        nothingIsHeld();
        storage.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, SIZE})
    void anObjectOfAnotherChecksumIsDeletedAndFailsItsJob(int size) throws Exception {
        S3Storage storage = storage();
        try (ObjectUpload upload = begin(storage, "other.bin", size)) {
            upload.write(ByteBuffer.wrap(bytes(size)));
            ObjectRef target = upload.target();
            Predicate<Call> making = size < MIB ? Call.matching("PUT", "other.bin") : ProxiedBucket.COMPLETIONS;
            proxy.next(
                    call -> call.method().equals("HEAD") && !proxy.calls(making).isEmpty(),
                    Fault.answer(
                            200,
                            Map.of(
                                    "ETag",
                                    "\"other\"",
                                    "x-amz-meta-sluice-upload",
                                    upload.state().id(),
                                    "x-amz-checksum-type",
                                    "FULL_OBJECT",
                                    "x-amz-checksum-crc32",
                                    "AAAAAQ=="),
                            "x".repeat(size)));
            assertThat(problem(ErrorCode.CHECKSUM_MISMATCH, () -> upload.commit(target, Precondition.ABSENT)))
                    .hasMessageContaining("CRC-32 1 in the place of " + size)
                    .hasMessageContaining(Long.toHexString(crc32(bytes(size))))
                    .hasMessageContaining("deleted");
        }
        storage.discard(saved.get());
        nothingIsHeld();
        storage.close();
    }

    @Test
    void everyPartAndEveryObjectGoesWithItsChecksum() throws Exception {
        S3Storage storage = storage();
        byte[] bytes = bytes(SIZE);
        for (int size : new int[] {10, SIZE}) {
            try (ObjectUpload upload = begin(storage, "checked-" + size, size)) {
                upload.write(ByteBuffer.wrap(bytes, 0, size));
                commit(upload);
            }
            storage.discard(saved.get());
        }
        assertThat(told(proxy.await(Call.matching("PUT", "checked-10")))).isEqualTo(checksum(bytes, 0, 10));
        int part = (int) PartLayout.STANDARD;
        for (int n = 1; n <= 4; n++) {
            assertThat(told(proxy.await(Call.matching("PUT", "partNumber=" + n))))
                    .isEqualTo(checksum(bytes, (n - 1) * part, Math.min(SIZE, n * part)));
        }
        assertThat(told(proxy.await(ProxiedBucket.COMPLETIONS))).isEqualTo(checksum(bytes, 0, SIZE));
        storage.close();
    }

    private static @Nullable String told(Call call) {
        return call.headers().get("x-amz-checksum-crc32");
    }

    private static String checksum(byte[] bytes, int from, int to) {
        int crc32 = (int) crc32(Arrays.copyOfRange(bytes, from, to));
        return Base64.getEncoder()
                .encodeToString(ByteBuffer.allocate(4).putInt(crc32).array());
    }

    private static long crc32(byte[] bytes) {
        var digest = new CRC32();
        digest.update(bytes);
        return digest.getValue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"BadDigest", "XAmzContentChecksumMismatch"})
    void bytesThatWereDamagedOnTheirWayAreSentAgain(String word) throws Exception {
        S3Storage storage = storage();
        proxy.next(2, ProxiedBucket.PARTS, Fault.s3Error(400, word));
        proxy.next(Call.matching("PUT", "small.bin"), Fault.s3Error(400, word));
        for (int size : new int[] {10, SIZE}) {
            try (ObjectUpload upload = begin(storage, size < MIB ? "small.bin" : "large.bin", size)) {
                upload.write(ByteBuffer.wrap(bytes(size)));
                assertThat(read(storage, commit(upload))).isEqualTo(bytes(size));
            }
            storage.discard(saved.get());
        }
        assertThat(held()).containsExactly("large.bin", "small.bin");
        storage.close();
    }

    /// The parts are there, and are not what was sent: nothing is gained by putting them together once more.
    @Test
    void aCompletionWhoseChecksumIsRefusedFailsAtOnceAndLeavesNothing() {
        S3Storage storage = storage();
        try (ObjectUpload upload = begin(storage, "damaged.bin", SIZE)) {
            upload.write(ByteBuffer.wrap(bytes(SIZE)));
            ObjectRef target = upload.target();
            proxy.next(ProxiedBucket.COMPLETIONS, Fault.s3Error(400, "BadDigest"));
            assertThat(problem(ErrorCode.CHECKSUM_MISMATCH, () -> upload.commit(target, Precondition.ABSENT)))
                    .hasMessageContaining("BadDigest, on purpose");
        }
        assertThat(proxy.calls(ProxiedBucket.COMPLETIONS)).hasSize(1);
        storage.discard(saved.get());
        nothingIsHeld();
        storage.close();
    }

    // ------------------------------------------------------------ what is too large

    @Test
    void whatIsLargerThanTheServiceTakesIsRefusedBeforeAnyByte() {
        long most = 10_000 * (5L << 30);
        // As much memory as that has the largest part that the service takes; none is taken here.
        var vast = new Buffers(16L << 30);
        S3Storage storage = new S3Storage(bucket.settings(proxy), supplies(vast));
        ProblemException refused = problem(ErrorCode.TOO_LARGE, () -> storage.intend(spec("huge.bin", most + 1)));
        assertThat(refused)
                .hasMessageContaining("10000 parts of 5368709120 bytes")
                .hasMessageContaining("huge.bin");
        assertThat(refused.problem().details()).containsEntry("limit", most);
        UploadState largest = storage.intend(spec("large.bin", most));
        assertThat(storage.layout(largest, S3State.intent(5L << 30)).end(10_000))
                .isEqualTo(most);
        UploadState unknown = storage.intend(spec("unknown.bin", ObjectSpec.UNKNOWN));
        assertThat(storage.layout(unknown, S3State.intent(1L << 30)).room(10_000, 0))
                .as("the largest part")
                .isEqualTo(5L << 30);
        assertThat(proxy.calls()).isEmpty();
        storage.close();
    }

    @Test
    void partsGrowSoThatTenThousandSuffice() {
        S3Storage storage = storage();
        long size = 10_000 * PartLayout.STANDARD + 1;
        try (ObjectUpload upload = begin(storage, "grown.bin", size)) {
            upload.write(ByteBuffer.wrap(bytes(19 * MIB)));
            upload.keep();
        }
        assertThat(proxy.calls(ProxiedBucket.PARTS)).extracting(Call::bodyBytes).containsExactly(9L * MIB, 9L * MIB);
        storage.discard(saved.get());
        nothingIsHeld();
        storage.close();
    }

    /// Where memory for such parts is not to be had it says which setting gives it.
    @Test
    void whatNeedsLargerPartsThanThereIsMemoryForNamesTheSetting() {
        S3Storage storage = storage();
        assertThat(problem(ErrorCode.TOO_LARGE, () -> storage.intend(spec("large.bin", 1L << 40))))
                .hasMessageContaining("upload.buffers");
        storage.close();
    }
}
