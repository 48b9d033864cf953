package dev.sluice.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.Call;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// `SIGKILL` for `sluice serve` in the middle of uploads, every storage behind it in turn. `dev/clouds` kills more
/// often at random bytes; `-Dsluice.seed=N` does the same again.
@ParameterizedClass(name = "{0}")
@MethodSource("dev.sluice.house.Provider#all")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class CloudKillTest {
    private static final int KILLS = Integer.getInteger("sluice.kills", 2);
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime() % 1_000_000);

    private final Random random = new Random(SEED);
    /// What earlier kills have left that only expires.
    private final Set<String> unlearnt = new HashSet<>();

    @Parameter
    private Provider provider;

    private ServerProcess server;

    @BeforeParameterizedClassInvocation
    void start(Provider provider, @TempDir Path folder) throws IOException {
        server = ServerProcess.storingIn(provider, folder).start();
    }

    @AfterParameterizedClassInvocation
    void end() {
        server.close();
    }

    /// How a client sends its file.
    private enum Way {
        TUS {
            @Override
            Sending begin(ServerProcess server, String upload, byte[] file, int offset) throws IOException {
                return Sending.patch(server, upload, file, offset);
            }

            @Override
            void send(ServerProcess server, String upload, byte[] file, int from, int to) throws IOException {
                var answer = server.patch(upload, from, Arrays.copyOfRange(file, from, to));
                assertThat(answer.statusCode()).as(ServerProcess.text(answer)).isEqualTo(204);
            }

            @Override
            long offset(ServerProcess server, String upload, byte[] file) throws IOException {
                return server.offset(upload);
            }
        },
        PUT {
            @Override
            Sending begin(ServerProcess server, String upload, byte[] file, int offset) throws IOException {
                return Sending.put(server, upload, file, offset);
            }

            @Override
            void send(ServerProcess server, String upload, byte[] file, int from, int to) throws IOException {
                var answer = server.put(upload, from, Arrays.copyOfRange(file, from, to), file.length);
                assertThat(answer.statusCode()).as(ServerProcess.text(answer)).isEqualTo(200);
            }

            @Override
            long offset(ServerProcess server, String upload, byte[] file) throws IOException {
                return server.offsetByPut(upload, file.length);
            }
        };

        /// A request for all that follows.
        abstract Sending begin(ServerProcess server, String upload, byte[] file, int offset) throws IOException;

        /// Sends a run of bytes, and has it acknowledged.
        abstract void send(ServerProcess server, String upload, byte[] file, int from, int to) throws IOException;

        /// Where a client that comes back is told to go on.
        abstract long offset(ServerProcess server, String upload, byte[] file) throws IOException;
    }

    /// @param acknowledged so many bytes have been before
    /// @param cut at which byte the server is killed; the last one is as likely as a tenth of all others
    /// @param waitMicros so long after that byte was sent
    private record Plan(Way way, int size, int acknowledged, int cut, long waitMicros) {
        static Plan of(int number, int part, Random random) {
            int size = 2 * part + random.nextInt(part);
            int cut = random.nextInt(10) == 0 ? size : random.nextInt(size);
            return new Plan(
                    number % 2 == 0 ? Way.TUS : Way.PUT,
                    size,
                    random.nextBoolean() ? 0 : random.nextInt(cut + 1),
                    cut,
                    random.nextInt(30_000));
        }
    }

    @Test
    void whatIsKilledGoesOnAndComesBackWholeOnceAndAlone() throws IOException {
        System.out.println(provider + ": " + KILLS + " kills, seed " + SEED);
        for (int number = 0; number < KILLS; number++) {
            Plan plan = Plan.of(number, provider.part(), random);
            try {
                killed(plan);
            } catch (AssertionError | RuntimeException | IOException e) {
                throw new AssertionError(
                        "seed " + SEED + ", kill " + number + ", " + plan + "\n" + server.log() + calls(), e);
            }
        }
    }

    /// The first cut leaves a tail only, the others parts and a tail.
    @Test
    void whatWasAcknowledgedSurvivesOneKillAfterTheOther() throws IOException {
        provider.proxy().forget();
        byte[] file = Cargo.bytes(1, 3 * provider.part() + 7_000_000);
        int part = provider.part();
        int at = 0;
        String upload = server.create("clip.bin", file.length);
        for (int cut : new int[] {1000, part + 1_000_003, part + 1_000_004, 2 * part + 5_000_000}) {
            Way.TUS.send(server, upload, file, at, cut);
            at = cut;
            server.kill();
            server.start();
            assertThat(server.offset(upload)).isEqualTo(at);
        }
        Way.TUS.send(server, upload, file, at, file.length);
        assertThat(server.content(upload)).isEqualTo(file);
        long sent = provider.proxy().calls(provider::carries).stream()
                .mapToLong(Call::bodyBytes)
                .sum();
        assertThat(sent).isLessThan(file.length + part + (1L << 20));
        alone(upload);
    }

    private String calls() {
        return String.join(
                "\n", provider.proxy().calls().stream().map(Call::toString).toList());
    }

    private void killed(Plan plan) throws IOException {
        provider.proxy().forget();
        byte[] file = Cargo.bytes(plan.cut, plan.size);
        String upload = server.create("clip.bin", file.length);
        if (plan.acknowledged > 0) {
            plan.way.send(server, upload, file, 0, plan.acknowledged);
        }
        if (plan.acknowledged < file.length) {
            try (var sending =
                    plan.way.begin(server, upload, file, plan.acknowledged).to(plan.cut)) {
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(plan.waitMicros));
                server.kill();
                assertThat(sending.sent()).isEqualTo(plan.cut);
            }
        } else {
            server.kill();
        }
        Instant killed = Instant.now();
        server.start();
        // Not before: what was on its way may have arrived after the death of who had sent it.
        unlearnt.addAll(provider.unlearnt(killed));
        int offset = Math.toIntExact(plan.way.offset(server, upload, file));
        assertThat(offset).isBetween(plan.acknowledged, plan.cut);
        if (offset < file.length) {
            plan.way.send(server, upload, file, offset, file.length);
        }
        assertThat(server.job(upload).path("state").textValue()).isEqualTo("completed");
        assertThat(Arrays.equals(server.content(upload), file))
                .as("the same bytes")
                .isTrue();
        alone(upload);
    }

    /// Nothing is held but the file, and nothing once that is deleted.
    private void alone(String upload) throws IOException {
        await().untilAsserted(() -> {
            assertThat(server.metric("sluice_debts")).isZero();
            assertThat(provider.leftovers()).isSubsetOf(unlearnt);
        });
        assertThat(provider.objects()).hasSize(1);
        assertThat(server.tails()).isEmpty();
        server.remove(upload);
        await().untilAsserted(() -> assertThat(provider.objects()).isEqualTo(Set.of()));
    }
}
