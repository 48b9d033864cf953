package dev.sluice.google;

import static dev.sluice.google.TestingGoogle.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.ErrorCode;
import dev.sluice.google.TestingGoogle.Service;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Storage;
import dev.sluice.storage.StorageContract;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class GoogleStorageTest {
    @Nested
    class InABucket extends AtGoogle {
        InABucket() {
            super(Service.GCS);
        }
    }

    @Nested
    class InAFolder extends AtGoogle {
        InAFolder() {
            super(Service.DRIVE);
        }
    }

    abstract static class AtGoogle extends StorageContract {
        private final Service service;
        private @Nullable TestingGoogle google;

        @TempDir
        @SuppressWarnings("NullAway.Init")
        Path data;

        AtGoogle(Service service) {
            this.service = service;
        }

        private TestingGoogle google() {
            TestingGoogle started = google;
            if (started == null) {
                started = TestingGoogle.start(service, data);
                google = started;
            }
            return started;
        }

        @Override
        protected Storage open() {
            return google().storage();
        }

        @AfterEach
        void noMemoryIsLeftTaken() {
            assertThat(google().memoryTaken()).isZero();
            google().close();
        }

        @Override
        protected Set<String> held() {
            return google().held();
        }

        @Override
        protected int size() {
            return 17 * MIB + 7;
        }

        @Test
        void anObjectOfAnUnknownSizeTakesAsManyChunksAsItNeeds() throws Exception {
            for (int size : new int[] {0, 1, 8 * MIB, 8 * MIB + 1, 50 * MIB}) {
                byte[] bytes = bytes(size);
                try (ObjectUpload upload = begin("u" + size, -1)) {
                    for (int at = 0; at < size; at += 100_003) {
                        upload.write(ByteBuffer.wrap(bytes, at, Math.min(100_003, size - at)));
                    }
                    ObjectRef ref = commit(upload);
                    assertThat(ref.size()).isEqualTo(size);
                    assertThat(read(ref)).isEqualTo(bytes);
                    storage().discard(upload.state());
                }
            }
            assertThat(held()).hasSize(5);
        }

        @Test
        void twoLargeUploadsOfOneNameAtATimeBecomeObjectsOfTheirOwn() throws Exception {
            byte[] bytes = bytes(size());
            try (ObjectUpload one = begin("same.bin", size());
                    ObjectUpload other = begin("same.bin", size())) {
                one.write(ByteBuffer.wrap(bytes));
                other.write(ByteBuffer.wrap(bytes));
                ObjectRef first = commit(one);
                ObjectRef second = commit(other);
                assertThat(second.key()).isNotEqualTo(first.key());
                assertThat(read(first)).isEqualTo(bytes);
                assertThat(read(second)).isEqualTo(bytes);
                storage().discard(one.state());
                storage().discard(other.state());
            }
            assertThat(held()).containsExactly("same (2).bin", "same.bin");
        }

        @Test
        void whatIsTooLargeForTheServiceIsRefusedBeforeAnyByte() {
            assertProblem(ErrorCode.TOO_LARGE, () -> storage().intend(spec("huge.bin", 6L << 40)));
        }

        @Test
        void nothingThatIsRememberedShowsTheSessionsAddress() throws Exception {
            try (ObjectUpload upload = begin("secret.bin", size())) {
                upload.write(ByteBuffer.wrap(bytes(size())));
                upload.keep();
                String session = google().fake().openSessions().getFirst().id();
                assertThat(upload.state().toString()).doesNotContain(session);
                storage().discard(upload.state());
            }
            assertThat(held()).isEmpty();
        }
    }
}
