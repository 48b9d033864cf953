package dev.sluice.google;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cloud.CloudStorageContract;
import dev.sluice.core.ErrorCode;
import dev.sluice.google.TestingGoogle.Service;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Storage;
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

    abstract static class AtGoogle extends CloudStorageContract {
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

        @Test
        void whatIsTooLargeForTheServiceIsRefusedBeforeAnyByte() {
            long most = 5L << 40;
            storage().intend(spec("large.bin", most));
            assertThat(assertProblem(ErrorCode.TOO_LARGE, () -> storage().intend(spec("huge.bin", most + 1))))
                    .hasMessageContaining("huge.bin has 5497558138881 bytes")
                    .hasMessageContaining("takes 5497558138880 at the most: cut it");
            assertThat(google().fake().calls().all()).isEmpty();
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
