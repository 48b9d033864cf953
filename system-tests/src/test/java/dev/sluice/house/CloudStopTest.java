package dev.sluice.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.testing.Call;
import dev.sluice.testing.Fault;
import dev.sluice.testing.FaultyProxy;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// A cancel in every phase of an upload, a pause, and a client that leaves, seen at the provider: `sluice serve` as a
/// process, every storage behind it in turn.
@ParameterizedClass(name = "{0}")
@MethodSource("dev.sluice.house.Provider#all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class CloudStopTest {
    /// For a call that lies on the wire when a decision is told.
    private static final Duration NETWORK = Duration.ofMillis(50);

    /// What the kernel may hold of one call when it is cut, and the proxy still reads.
    private static final long BUFFERED = 1 << 20;

    private static final Duration CLEAN = Duration.ofSeconds(1);
    private static final int FEW = 50;

    private final byte[] small = Cargo.bytes(2, 100_000);

    @Parameter
    private Provider provider;

    private FaultyProxy proxy;
    private ServerProcess server;
    private final List<String> uploads = new ArrayList<>();
    private byte[] large;
    private String name;

    @BeforeParameterizedClassInvocation
    void start(Provider provider, @TempDir Path folder) throws IOException {
        proxy = provider.proxy();
        large = Cargo.bytes(1, 3 * provider.part() + 5);
        server = ServerProcess.storingIn(provider, folder).start();
    }

    @AfterEach
    void leaveNothing() throws IOException {
        proxy.forget();
        for (String upload : uploads) {
            server.cancel(upload);
        }
        uploads.clear();
    }

    @AfterParameterizedClassInvocation
    void end() {
        server.close();
    }

    /// Every test has a file of its own, so that one that fails spoils no other.
    @BeforeEach
    void name(TestInfo test) {
        name = test.getTestMethod().orElseThrow().getName() + ".bin";
    }

    private String create(byte[] file) throws IOException {
        String upload = server.create(name, file.length);
        uploads.add(upload);
        return upload;
    }

    // ------------------------------------------------------------ what is asked of each

    /// Cancels an upload that is where it is to be, and looks at what is left.
    ///
    /// @return the answer
    private JsonNode cancelled(String upload) throws IOException {
        HttpResponse<byte[]> answer = server.cancel(upload);
        Instant answered = Instant.now();
        List<Call> before = proxy.calls();
        assertThat(answer.statusCode()).as(ServerProcess.text(answer)).isEqualTo(200);
        requireClean(answered);
        proxy.release();
        soon().untilAsserted(() -> assertThat(server.metric("sluice_debts")).isZero());
        assertThat(server.tails()).isEmpty();
        assertThat(held()).as("what a call that was held up may have left").isEmpty();
        assertThat(proxy.calls(call -> !provider.cleansUp(call)
                        && (call.firstByte().isAfter(answered.plus(NETWORK))
                                || call.bodyBytesSince(before) > BUFFERED)))
                .as("calls after %s that are not the clean-up's", answered)
                .isEmpty();
        assertThat(server.job(upload).path("state").textValue()).isEqualTo("cancelled");
        return ServerProcess.json(answer);
    }

    private void requireClean(Instant answered) {
        var held = new AtomicReference<Set<String>>();
        soon().until(() -> {
            boolean late = Instant.now().isAfter(answered.plus(CLEAN));
            held.set(held());
            return late || held.get().isEmpty();
        });
        assertThat(held.get()).as("held after " + CLEAN).isEmpty();
    }

    private static ConditionFactory soon() {
        return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(20));
    }

    /// All that the provider has of the test's file.
    private Set<String> held() {
        var held = new TreeSet<>(provider.objects());
        held.addAll(provider.leftovers());
        held.removeIf(each -> !each.contains(name));
        return held;
    }

    /// The n-th of the calls that are like this.
    private static Predicate<Call> nth(int n, Predicate<Call> which) {
        var seen = new AtomicInteger();
        return call -> which.test(call) && seen.incrementAndGet() == n;
    }

    private long carried() {
        return proxy.calls(provider::carries).stream()
                .mapToLong(Call::bodyBytes)
                .sum();
    }

    // ------------------------------------------------------------ many at once

    @Test
    void aBatchOfFiftyIsCancelledAtOnceAndLeavesNothing() throws IOException {
        String files = IntStream.range(0, FEW)
                .mapToObj(n -> "{\"filename\":\"" + n + "-" + name + "\",\"size\":" + large.length + "}")
                .collect(Collectors.joining(",", "{\"files\":[", "]}"));
        JsonNode batch = ServerProcess.json(server.post("/api/v1/batch/initiate", files));
        byte[] beginning = Arrays.copyOf(large, provider.part() + provider.part() / 2);
        for (JsonNode file : batch.path("files")) {
            HttpResponse<byte[]> sent = server.put(file.path("file_id").textValue(), 0, beginning, large.length);
            assertThat(sent.statusCode()).as(ServerProcess.text(sent)).isEqualTo(200);
        }
        assertThat(held()).hasSizeGreaterThanOrEqualTo(FEW);
        HttpResponse<byte[]> answer =
                server.post("/api/v1/batches/" + batch.path("batch_id").textValue() + "/cancel");
        assertThat(ServerProcess.json(answer).path("cancelled").intValue()).isEqualTo(FEW);
        soon().atMost(CLEAN.multipliedBy(3)).until(() -> held().isEmpty());
        soon().untilAsserted(() -> assertThat(server.metric("sluice_debts")).isZero());
        assertThat(server.tails()).isEmpty();
    }

    // ------------------------------------------------------------ before the bytes flow

    @Test
    void aCancelBeforeTheFirstByteMakesNoCallThatStores() throws IOException {
        cancelled(create(large));
        assertThat(proxy.calls(call -> !provider.cleansUp(call))).isEmpty();
    }

    @Test
    void aCancelBeforeThereIsEnoughForACallMakesNone() throws IOException {
        String upload = create(large);
        try (var sending = Sending.patch(server, upload, large, 0).to(provider.part() / 8)) {
            soon().until(() -> server.job(upload).path("state").textValue().equals("running"));
            cancelled(upload);
            assertThat(sending.status().orElse(409)).isEqualTo(409);
        }
        assertThat(proxy.calls(provider::carries)).isEmpty();
    }

    @Test
    void aCancelOfWhatIsKeptInTheDataFolderTakesItAway() throws IOException {
        String upload = create(large);
        assertThat(server.patch(upload, 0, Arrays.copyOf(large, provider.part() / 8))
                        .statusCode())
                .isEqualTo(204);
        assertThat(server.tails()).isNotEmpty();
        cancelled(upload);
    }

    // ------------------------------------------------------------ while something hangs

    /// Sends a file, and cancels when a call hangs.
    ///
    /// @param phase the call that is to hang
    /// @param reached whether it does
    private void cancelledWhile(byte[] file, Predicate<Call> phase, Fault hanging, Predicate<Call> reached)
            throws IOException {
        var number = new AtomicInteger();
        proxy.next(call -> phase.test(call) && number.compareAndSet(0, call.number()), hanging);
        String upload = create(file);
        try (var sending = Sending.patch(server, upload, file, 0).on()) {
            proxy.await(call -> call.number() == number.get() && reached.test(call));
            cancelled(upload);
            assertThat(sending.status().orElse(409)).isEqualTo(409);
        }
    }

    private static boolean answeredByTheService(Call call) {
        return call.status().isPresent();
    }

    private static Predicate<Call> arrived(long bytes) {
        return call -> call.bodyBytes() == bytes;
    }

    @Test
    void aCancelWhileTheSessionIsAskedForLeavesNone() throws IOException {
        cancelledWhile(large, provider::begins, Fault.stallAt(0), Call.any());
    }

    @Test
    void aCancelWhileTheSessionIsMadeLeavesNone() throws IOException {
        cancelledWhile(large, provider::begins, Fault.holdAnswer(), CloudStopTest::answeredByTheService);
    }

    @Test
    void aCancelAtTheFirstByteLeavesNothing() throws IOException {
        cancelledWhile(large, provider::carries, Fault.stallAt(1), arrived(1));
    }

    @Test
    void aCancelInTheMiddleOfAPartLeavesNothing() throws IOException {
        int middle = provider.part() / 2;
        // The last part, of a few bytes, may come before others.
        Predicate<Call> whole = call ->
                provider.carries(call) && Long.parseLong(call.headers().getOrDefault("Content-Length", "0")) > middle;
        cancelledWhile(large, nth(2, whole), Fault.stallAt(middle), arrived(middle));
    }

    @Test
    void aCancelWhileAPartIsAnsweredLeavesNothing() throws IOException {
        cancelledWhile(large, nth(2, provider::carries), Fault.holdAnswer(), CloudStopTest::answeredByTheService);
    }

    @Test
    void aCancelBetweenPartsLeavesNothing() throws IOException {
        String upload = create(large);
        try (var sending = Sending.patch(server, upload, large, 0).to(2 * provider.part() + 1000)) {
            soon().until(() -> carried() == 2L * provider.part()
                    && proxy.calls(call -> !call.over()).isEmpty());
            cancelled(upload);
            assertThat(sending.status().orElse(409)).isEqualTo(409);
        }
    }

    @Test
    void aCancelDuringACompletionThatLandsTakesTheObjectBack() throws IOException {
        cancelledWhile(large, provider::completes, Fault.holdAnswer(), CloudStopTest::answeredByTheService);
    }

    @Test
    void aCancelDuringACompletionThatIsLostLeavesNothing() throws IOException {
        cancelledWhile(large, provider::completes, Fault.stallAt(0), Call.any());
    }

    @Test
    void aCancelDuringTheCommitOfASmallFileThatLandsTakesTheObjectBack() throws IOException {
        cancelledWhile(small, provider::completes, Fault.holdAnswer(), CloudStopTest::answeredByTheService);
    }

    @Test
    void aCancelDuringTheCommitOfASmallFileThatIsLostLeavesNothing() throws IOException {
        cancelledWhile(small, provider::completes, Fault.stallAt(small.length / 2), arrived(small.length / 2));
    }

    // ------------------------------------------------------------ after the end, and twice

    @Test
    void aCancelAfterTheEndComesTooLateAndChangesNothing() throws IOException {
        String upload = create(large);
        assertThat(server.patch(upload, 0, large).statusCode()).isEqualTo(204);
        Set<String> there = held();
        int calls = proxy.calls().size();
        assertThat(server.cancel(upload).statusCode()).isEqualTo(409);
        assertThat(server.post("/api/v1/upload/cancel/" + upload).statusCode()).isEqualTo(400);
        assertThat(proxy.calls()).hasSize(calls);
        assertThat(held()).hasSize(1).isEqualTo(there);
        assertThat(server.job(upload).path("state").textValue()).isEqualTo("completed");
        assertThat(server.content(upload)).isEqualTo(large);
        server.remove(upload);
        soon().untilAsserted(() -> assertThat(held()).isEmpty());
    }

    @Test
    void aSecondCancelGetsTheFirstOnesReceiptAndAsksNobody() throws IOException {
        String upload = create(large);
        try (var sending = Sending.patch(server, upload, large, 0).to(2 * provider.part())) {
            proxy.await(provider::carries);
            JsonNode first = cancelled(upload);
            int calls = proxy.calls().size();
            HttpResponse<byte[]> second = server.cancel(upload);
            assertThat(second.statusCode()).isEqualTo(200);
            assertThat(ServerProcess.json(second)).isEqualTo(first);
            assertThat(proxy.calls()).hasSize(calls);
            assertThat(sending.status().orElse(409)).isEqualTo(409);
        }
    }

    // ------------------------------------------------------------ pause

    @Test
    void aPauseAbortsNothingAndAfterItNoByteIsSentTwiceBeyondAPart() throws IOException {
        byte[] longer = Cargo.bytes(3, 6 * provider.part() + 5);
        proxy.limitAll(5L * provider.part());
        String upload = create(longer);
        try (var sending = Sending.patch(server, upload, longer, 0).on()) {
            soon().until(() -> carried() > longer.length / 4);
            assertThat(server.post("/api/v1/jobs/" + upload + "/pause").statusCode())
                    .isEqualTo(200);
            assertThat(sending.status().orElse(409)).isEqualTo(409);
        }
        int offset = Math.toIntExact(server.offset(upload));
        assertThat(proxy.calls(provider::takesAway)).isEmpty();
        assertThat(held()).isNotEmpty();
        assertThat(provider.objects()).doesNotContain(name);
        assertThat(server.job(upload).path("state").textValue()).isEqualTo("paused");
        proxy.unlimited();
        assertThat(server.post("/api/v1/jobs/" + upload + "/resume").statusCode())
                .isEqualTo(200);
        HttpResponse<byte[]> rest = server.patch(upload, offset, Arrays.copyOfRange(longer, offset, longer.length));
        assertThat(rest.statusCode()).as(ServerProcess.text(rest)).isEqualTo(204);
        assertThat(carried()).isLessThanOrEqualTo(longer.length + provider.part());
        assertThat(server.content(upload)).isEqualTo(longer);
        assertThat(proxy.calls(provider::takesAway)).isEmpty();
        assertThat(held()).hasSize(1);
        server.remove(upload);
        soon().untilAsserted(() -> assertThat(held()).isEmpty());
        assertThat(server.tails()).isEmpty();
    }

    // ------------------------------------------------------------ a client that leaves

    @Test
    void nothingOfAFileIsVisibleBeforeItsLastByteHasComeWhoeverLeaves() throws IOException {
        String upload = create(large);
        try (var sending = Sending.patch(server, upload, large, 0).to(2 * provider.part() + 7)) {
            assertThat(sending.sent()).isLessThan(large.length);
            proxy.await(provider::carries);
        }
        soon().until(() -> server.job(upload).path("state").textValue().equals("pending"));
        assertThat(provider.objects()).doesNotContain(name);
        assertThat(server.get("/api/v1/download/stream/" + upload).statusCode()).isEqualTo(409);
        assertThat(proxy.calls(provider::completes)).isEmpty();
        int offset = Math.toIntExact(server.offset(upload));
        assertThat(offset).isBetween(1, 2 * provider.part() + 7);
        HttpResponse<byte[]> rest = server.patch(upload, offset, Arrays.copyOfRange(large, offset, large.length));
        assertThat(rest.statusCode()).as(ServerProcess.text(rest)).isEqualTo(204);
        assertThat(server.content(upload)).isEqualTo(large);
        assertThat(held()).hasSize(1);
        server.remove(upload);
        soon().untilAsserted(() -> assertThat(held()).isEmpty());
    }
}
