package dev.sluice.azure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cloud.Buffers;
import dev.sluice.cloud.CloudStorageContract;
import dev.sluice.cloud.Patience;
import dev.sluice.cloud.Transport;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.StopToken;
import dev.sluice.storage.Trial;
import dev.sluice.testing.Call;
import dev.sluice.testing.Fault;
import dev.sluice.testing.FaultyProxy;
import dev.sluice.testing.TestingAzurite;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What somebody hears who tries a container from the command line.
@NullMarked
class AzureTrialTest {
    private final TestingAzurite service = TestingAzurite.shared();
    private final String container = service.newContainer();
    private final Transport transport = Transport.open(Patience.SHORT.connect(), Patience.SHORT.silence());
    private final Buffers buffers = new Buffers(64 << 20);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path data;

    @AfterEach
    void close() {
        transport.close();
        assertThat(buffers.used()).isZero();
    }

    private List<Trial.Step> tried(String containerName, String key) {
        return tried(service.endpoint(), containerName, key);
    }

    private List<Trial.Step> tried(URI endpoint, String containerName, String key) {
        var settings = new AzureSettings("clips", containerName, endpoint, service.account(), key, null, "team");
        try (var storage = new AzureStorage(settings, CloudStorageContract.supplies(transport, buffers, data))) {
            return Trial.of(storage, "t", new StopToken(), step -> {});
        }
    }

    private static Problem failure(List<Trial.Step> steps) {
        assertThat(steps).hasSize(1);
        return Objects.requireNonNull(steps.getFirst().failure());
    }

    @Test
    void everyStepOfAContainerWorksAndLeavesNothing() {
        List<Trial.Step> steps = tried(container, service.key());
        assertThat(steps).allMatch(Trial.Step::works).hasSize(6);
        assertThat(TestingContainer.of(service, container).held()).isEmpty();
    }

    @Test
    void aMissingContainerIsTold() {
        Problem failure = failure(tried("no-such-container", service.key()));
        assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_NOT_FOUND);
        assertThat(failure.message()).contains("ContainerNotFound", "make the container");
    }

    @Test
    void aWrongKeyIsToldWithoutIt() {
        String wrong = Base64.getEncoder()
                .encodeToString("a key of somebody else's altogether".getBytes(StandardCharsets.UTF_8));
        Problem failure = failure(tried(container, wrong));
        assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_REFUSED);
        assertThat(failure.message())
                .contains("403 AuthorizationFailure (Server failed to authenticate the request.")
                .doesNotContain(wrong);
    }

    @Test
    void anEndpointThatIsNotThereIsToldInSeconds() throws IOException {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        long began = System.nanoTime();
        Problem failure = failure(tried(URI.create("http://127.0.0.1:" + port + "/team"), container, service.key()));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_UNAVAILABLE);
        assertThat(failure.message()).contains("no answer", "127.0.0.1:" + port, "can be reached");
    }

    @ParameterizedTest
    @CsvSource({"-60, behind", "60, ahead of"})
    void aClockThatIsWrongByAnHourIsTold(int minutes, String said) {
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                OffsetDateTime.now(ZoneOffset.UTC).minusMinutes(minutes));
        try (var proxy = FaultyProxy.before(service.endpoint())) {
            proxy.next(
                    Call.matching("GET", ""),
                    Fault.answer(403, Map.of("Date", date, "x-ms-error-code", "AuthenticationFailed"), ""));
            Problem failure = failure(tried(proxy.endpoint(), container, service.key()));
            assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_REFUSED);
            assertThat(failure.message()).contains("set this machine's clock", "minutes " + said + " the service's");
        }
    }
}
