package dev.sluice.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Call;
import dev.sluice.testing.FaultyProxy;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// How long bytes go on to a provider after a cancel was asked for: by the server's own account, and as a proxy before
/// the provider reads them, which the kernel's buffers and the proxy's turn at the processor make later. As many
/// again come first and do not count: a server that has just started runs its code for the first time. `dev/clouds` has
/// more cancels.
@ParameterizedClass(name = "{0}")
@MethodSource("dev.sluice.house.Provider#all")
class CloudCancelSpeedTest {
    private static final int CANCELS = Integer.getInteger("sluice.cancels", 10);

    /// The promise of 5 ms is for a machine that has nothing else to do, and `bench/run cloud-cancel` measures it. Here
    /// the provider, its proxy and the sender take their turns at the same processors.
    private static final double BOUND_MILLIS = 50;

    /// Bytes a second: a part takes its time, and this machine's processors have little to do.
    private static final long RATE = 20 << 20;

    private static final Pattern LAST_BYTE = Pattern.compile("\\[(\\S+)] cancelled .* last_byte_ms=(\\S+) ");

    private final Provider provider;
    private final FaultyProxy proxy;
    private final Random random = new Random(1);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    CloudCancelSpeedTest(Provider provider) {
        this.provider = provider;
        this.proxy = provider.proxy();
    }

    @Test
    void theLastByteLeavesAtOnce() throws IOException {
        byte[] file = Cargo.bytes(1, 12 * provider.part());
        var inside = new ArrayList<Double>();
        var outside = new ArrayList<Double>();
        try (var server = ServerProcess.storingIn(provider, folder).start()) {
            for (int turn = 0; turn < 4 * CANCELS && outside.size() < CANCELS; turn++) {
                proxy.forget();
                proxy.limitAll(RATE);
                String upload = server.create("clip" + turn, file.length);
                Instant asked = cancelled(server, upload, file);
                // Where a part was just between two others nothing of it was cut.
                if (turn >= CANCELS && proxy.calls(provider::carries).stream().anyMatch(this::isCut)) {
                    outside.add(lastByte(asked));
                    inside.add(said(server, upload));
                }
            }
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() ->
                            assertThat(provider.leftovers()).as("after all").isEmpty());
            assertThat(provider.objects()).isEmpty();
        }
        System.out.printf(
                Locale.ROOT,
                "%s: %d cancels in the middle of a part; last byte after the request, by the server p50 %.2f p99 %.2f max"
                        + " %.2f ms, as the proxy reads it p50 %.2f p99 %.2f max %.2f ms%n",
                provider,
                inside.size(),
                quantile(inside, 0.5),
                quantile(inside, 0.99),
                quantile(inside, 1),
                quantile(outside, 0.5),
                quantile(outside, 0.99),
                quantile(outside, 1));
        assertThat(inside).hasSize(CANCELS);
        assertThat(quantile(inside, 0.99)).isLessThanOrEqualTo(BOUND_MILLIS);
        assertThat(quantile(outside, 0.99)).isLessThanOrEqualTo(2 * BOUND_MILLIS);
    }

    /// @return when it was asked for
    private Instant cancelled(ServerProcess server, String upload, byte[] file) throws IOException {
        try (var sending = Sending.patch(server, upload, file, 0).on()) {
            proxy.await(call -> provider.carries(call) && !call.over() && call.bodyBytes() > 0);
            // Until then the server gathers as fast as the sender can.
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextLong(300, 600)));
            Instant asked = Instant.now();
            HttpResponse<byte[]> answer = server.cancel(upload);
            assertThat(answer.statusCode()).as(ServerProcess.text(answer)).isEqualTo(200);
            assertThat(sending.status().orElse(409)).isEqualTo(409);
            await().until(() ->
                    proxy.calls(call -> provider.carries(call) && !call.over()).isEmpty());
            return asked;
        }
    }

    private boolean isCut(Call call) {
        return call.ending() == Call.Ending.CLIENT_LEFT
                && call.bodyBytes() > 0
                && call.status().isEmpty();
    }

    private double lastByte(Instant asked) {
        return proxy.calls(provider::carries).stream()
                .map(call -> Duration.between(asked, call.lastByte()))
                .mapToDouble(since -> Math.max(0, since.toNanos() / 1e6))
                .max()
                .orElseThrow();
    }

    /// What the line in the log says, which is written when the upload has let go.
    private static double said(ServerProcess server, String upload) {
        var lines = new ArrayList<String>();
        await().until(() -> {
            Matcher lastByte = LAST_BYTE.matcher(server.log());
            while (lastByte.find()) {
                if (lastByte.group(1).equals(upload)) {
                    lines.add(lastByte.group(2));
                }
            }
            return !lines.isEmpty();
        });
        // In the middle of a part there is a session, which has handed bytes on.
        assertThat(lines.getFirst())
                .as(() -> server.log()
                        .lines()
                        .filter(line -> line.contains(upload))
                        .collect(Collectors.joining("\n")))
                .isNotEqualTo("-");
        return Double.parseDouble(lines.getFirst());
    }

    private static double quantile(List<Double> values, double part) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.isEmpty() ? Double.NaN : sorted.get((int) Math.ceil(part * sorted.size()) - 1);
    }
}
