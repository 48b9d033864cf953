package dev.sluice.s3;

import dev.sluice.testing.Call;
import dev.sluice.testing.FaultyProxy;
import dev.sluice.testing.TestingS3;
import dev.sluice.testing.TestingS3Proxy;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.NullMarked;

/// A bucket of its own at S3Proxy, and what the calls to it look like.
@NullMarked
final class ProxiedBucket {
    static final TestingS3 SERVICE = TestingS3Proxy.shared();
    static final Predicate<Call> COMPLETIONS = Call.matching("POST", "uploadId=");
    static final Predicate<Call> PARTS = Call.matching("PUT", "partNumber=");

    private final String name = SERVICE.newBucket();

    S3Settings settings(FaultyProxy proxy) {
        return settings(proxy, SERVICE.secretKey());
    }

    S3Settings settings(FaultyProxy proxy, String secretKey) {
        return new S3Settings(
                "clips", name, proxy.endpoint(), SERVICE.region(), SERVICE.accessKey(), secretKey, "", true);
    }

    Set<String> held() {
        return TestingBucket.of(SERVICE, name).held();
    }
}
