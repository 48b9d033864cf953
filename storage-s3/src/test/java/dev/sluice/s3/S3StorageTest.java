package dev.sluice.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cloud.Buffers;
import dev.sluice.cloud.CloudStorageContract;
import dev.sluice.cloud.Transport;
import dev.sluice.core.ErrorCode;
import dev.sluice.storage.Storage;
import dev.sluice.testing.TestingS3;
import dev.sluice.testing.TestingS3Mock;
import dev.sluice.testing.TestingS3Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class S3StorageTest {
    @Nested
    class OnS3Mock extends InABucket {
        OnS3Mock() {
            super(TestingS3Mock.shared());
        }
    }

    @Nested
    class OnS3Proxy extends InABucket {
        OnS3Proxy() {
            super(TestingS3Proxy.shared());
        }

        /// It keeps objects as files of their names with something added: its disk refuses the longest.
        @Override
        @Test
        public void theLongestNamesStayApart() {
            assertProblem(ErrorCode.UPSTREAM_UNAVAILABLE, () -> store("a".repeat(255), bytes(1)));
            assertThat(held()).isEmpty();
        }
    }

    abstract static class InABucket extends CloudStorageContract {
        private final TestingS3 service;
        private final String bucket;
        private final Transport transport = Transport.open(Duration.ofSeconds(5), Duration.ofSeconds(30));
        private final Buffers buffers = new Buffers(256L * MIB);

        @TempDir
        @SuppressWarnings("NullAway.Init")
        Path data;

        InABucket(TestingS3 service) {
            this.service = service;
            this.bucket = service.newBucket();
        }

        @Override
        protected Storage open() {
            return new S3Storage(settings(service, bucket, "in/here"), supplies(transport, buffers, data));
        }

        @AfterEach
        void noMemoryIsLeftTaken() {
            assertThat(buffers.used()).isZero();
            transport.close();
        }

        @Override
        protected Set<String> held() {
            var held = new TreeSet<String>();
            TestingBucket.of(service, bucket).held().forEach(key -> held.add(key.replace("in/here/", "")));
            held.addAll(tails(data));
            return held;
        }
    }

    static S3Settings settings(TestingS3 service, String bucket, String prefix) {
        return new S3Settings(
                "clips",
                bucket,
                service.endpoint(),
                service.region(),
                service.accessKey(),
                service.secretKey(),
                prefix,
                true);
    }
}
