package dev.sluice.fakes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.sluice.testing.SettableClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The rules of sessions, which both fakes keep.
abstract class ResumableContract {
    private static final int UNIT = 256 << 10;
    private static final byte[] BYTES = Fixture.bytes(3 * UNIT + 1_000);
    private static final String TOTAL = String.valueOf(BYTES.length);

    private final SettableClock clock = new SettableClock(Instant.now());
    private FakeGoogle fake;
    private Account account;
    private Caller caller;

    abstract FakeGoogle start(FakeOptions options);

    /// Where a session is begun, with its metadata in the body.
    abstract String startPath();

    abstract int statusOfExpired();

    @BeforeEach
    void start() {
        fake = start(FakeOptions.plain().clock(clock));
        account = fake.account("ann@example.com");
        caller = new Caller(fake, account);
    }

    @AfterEach
    void stop() {
        caller.close();
        fake.close();
    }

    private String session(String... headers) throws IOException {
        Caller.Answer answer = caller.json("POST", startPath(), "{\"name\":\"file\"}", headers);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Location")).startsWith(fake.url()).contains("upload_id=");
        return String.valueOf(answer.header("Location"));
    }

    private void assertStored() {
        assertThat(fake.stored()).hasSize(1);
        assertThat(fake.stored().getFirst().bytes()).isEqualTo(BYTES);
        assertThat(fake.openSessions()).isEmpty();
    }

    // ---------------------------------------------------------------- chunks

    @Test
    void chunksAreAcknowledgedAndNothingIsVisibleBeforeTheLast() throws IOException {
        String session = session();

        Caller.Answer first = caller.chunk(session, BYTES, 0, 2 * UNIT, "*");
        assertThat(first.status()).isEqualTo(308);
        assertThat(first.header("Range")).isEqualTo("bytes=0-" + (2 * UNIT - 1));
        assertThat(fake.stored()).isEmpty();
        assertThat(fake.openSessions()).extracting(OpenSession::received).containsExactly(2L * UNIT);

        Caller.Answer last = caller.chunk(session, BYTES, 2 * UNIT, UNIT + 1_000, TOTAL);
        assertThat(last.status()).isEqualTo(200);
        assertThat(last.json().path("name").asText()).isEqualTo("file");
        assertStored();
    }

    @Test
    void everythingMayComeAtOnceWithAndWithoutContentRangeAndSize() throws IOException {
        assertThat(caller.call("PUT", session(), BYTES).status()).isEqualTo(200);
        assertThat(caller.chunk(session(), BYTES, 0, BYTES.length, TOTAL).status())
                .isEqualTo(200);
        assertThat(caller.stream("PUT", session(), BYTES).status()).isEqualTo(200);
        assertThat(fake.stored().getLast().bytes()).isEqualTo(BYTES);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1000, *",
        "0, 262143, *",
        "0, 262145, 787432",
        "0, 300000, *",
    })
    void aChunkThatIsNotTheLastIsAMultipleOf256KiB(int first, int length, String total) throws IOException {
        String session = session();

        assertThat(caller.chunk(session, BYTES, first, length, total).status()).isEqualTo(400);
        assertThat(caller.query(session, "*").header("Range")).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bytes 0-262142/*",
                "bytes 0-262144/*",
                "bytes 262143-0/*",
                "bytes 0-262143/262143",
                "bytes 0-262143",
                "bytes=0-262143/*",
                "0-262143/*",
                "bytes 0-/262144",
                "bytes -1-262143/*",
            })
    void aContentRangeThatDoesNotFitIsRefused(String range) throws IOException {
        String session = session();

        assertThat(caller.call("PUT", session, Arrays.copyOf(BYTES, UNIT), "Content-Range", range)
                        .status())
                .isEqualTo(400);
        assertThat(caller.stream("PUT", session, Arrays.copyOf(BYTES, UNIT), "Content-Range", range)
                        .status())
                .isEqualTo(400);
        assertThat(caller.query(session, "*").header("Range")).isNull();
    }

    @Test
    void theTotalCannotChange() throws IOException {
        String session = session("X-Upload-Content-Length", TOTAL);

        assertThat(caller.chunk(session, BYTES, 0, UNIT, "786432").status()).isEqualTo(400);
        assertThat(caller.chunk(session, BYTES, 0, UNIT, TOTAL).status()).isEqualTo(308);
        assertThat(caller.call("PUT", session(), new byte[3]).status()).isEqualTo(200);
        assertThat(caller.call("PUT", session, new byte[3]).status()).isEqualTo(400);
    }

    @Test
    void anOffsetAheadIs503InWordsAndChangesNothing() throws IOException {
        String session = session();
        assertThat(caller.chunk(session, BYTES, 0, UNIT, "*").status()).isEqualTo(308);

        Caller.Answer ahead = caller.chunk(session, BYTES, 2 * UNIT, UNIT, "*");
        assertThat(ahead.status()).isEqualTo(503);
        assertThat(ahead.header("Content-Type")).startsWith("text/plain");
        assertThat(ahead.text())
                .contains("Content-Range")
                .contains("the upload offset is 524288 byte(s), which exceeds already uploaded size of 262144 byte(s)");
        assertThat(caller.query(session, "*").header("Range")).isEqualTo("bytes=0-262143");
    }

    @Test
    void whatIsSentTwiceIsTakenOnceAndCounted() throws IOException {
        String session = session();
        caller.chunk(session, BYTES, 0, 2 * UNIT, "*");
        assertThat(caller.chunk(session, BYTES, UNIT, BYTES.length - UNIT, TOTAL)
                        .status())
                .isEqualTo(200);

        assertStored();
        assertThat(fake.calls().of(Step.LAST_CHUNK).getLast().repeated()).isEqualTo(UNIT);
    }

    // ---------------------------------------------------------------- status, end

    @Test
    void aQueryTellsHowFarItIsAndHasNoBody() throws IOException {
        String session = session();
        for (String total : new String[] {"*", TOTAL}) {
            Caller.Answer empty = caller.query(session, total);
            assertThat(empty.status()).isEqualTo(308);
            assertThat(empty.header("Range")).isNull();
        }
        caller.chunk(session, BYTES, 0, UNIT, TOTAL);
        assertThat(caller.query(session, TOTAL).header("Range")).isEqualTo("bytes=0-262143");
        assertThat(caller.call("PUT", session, new byte[1], "Content-Range", "bytes */*")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void aQueryWithTheSizeThatIsThereCompletes() throws IOException {
        String session = session();
        caller.chunk(session, BYTES, 0, UNIT, "*");
        assertThat(caller.query(session, String.valueOf(2 * UNIT)).status()).isEqualTo(308);
        assertThat(caller.query(session, String.valueOf(UNIT)).status()).isEqualTo(200);
        assertThat(fake.stored().getFirst().size()).isEqualTo(UNIT);
        assertThat(caller.query(session(), "0").status()).isEqualTo(200);
    }

    @Test
    void aCompletedSessionAnswersWithItsObject() throws IOException {
        String session = session();
        String made = caller.call("PUT", session, BYTES).text();

        assertThat(caller.query(session, TOTAL).text()).isEqualTo(made);
        assertThat(caller.query(session, "*").status()).isEqualTo(200);
        assertThat(caller.call("PUT", session, BYTES).text()).isEqualTo(made);
        assertStored();
    }

    @Test
    void aCancelledSessionIsGone() throws IOException {
        String session = session();
        caller.chunk(session, BYTES, 0, UNIT, "*");

        assertThat(caller.call("DELETE", session, new byte[0]).status()).isEqualTo(499);
        assertThat(caller.query(session, "*").status()).isEqualTo(statusOfExpired());
        assertThat(caller.chunk(session, BYTES, UNIT, UNIT, "*").status()).isEqualTo(statusOfExpired());
        assertThat(caller.call("DELETE", session, new byte[0]).status()).isEqualTo(statusOfExpired());
        assertThat(fake.openSessions()).isEmpty();
        assertThat(fake.stored()).isEmpty();
    }

    @Test
    void anIdleSessionExpires() throws IOException {
        String session = session();
        clock.pass(Duration.ofDays(6));
        caller.as(account.token());
        assertThat(caller.query(session, "*").status()).isEqualTo(308);
        clock.pass(Duration.ofDays(6));
        caller.as(account.token());
        assertThat(caller.query(session, "*").status()).isEqualTo(308);
        clock.pass(Duration.ofDays(7).plusSeconds(1));
        caller.as(account.token());
        assertThat(caller.query(session, "*").status()).isEqualTo(statusOfExpired());
        assertThat(fake.openSessions()).isEmpty();
    }

    @Test
    void anUnknownSessionIsNotFound() throws IOException {
        String session = session();
        assertThat(caller.query(session + "x", "*").status()).isEqualTo(404);
        assertThat(caller.call("DELETE", session + "x", new byte[0]).status()).isEqualTo(404);
    }

    // ---------------------------------------------------------------- who may

    @Test
    void aCallNeedsAValidToken() throws IOException {
        String session = session();
        for (String token : new String[] {null, "wrong", ""}) {
            caller.as(token);
            Caller.Answer refused = caller.json("POST", startPath(), "{\"name\":\"file\"}");
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.header("WWW-Authenticate")).startsWith("Bearer");
        }
        caller.as("wrong");
        assertThat(caller.query(session, "*").status()).isEqualTo(401);
        caller.as(fake.account("eve@example.com").token());
        assertThat(caller.query(session, "*").status()).isEqualTo(403);
        caller.as(null);
        assertThat(caller.query(session, "*").status()).isEqualTo(308);
    }

    @Test
    void aTokenExpiresByTheClockByFaultAndWithItsAccount() throws IOException {
        String session = session();
        fake.faults().next(Step.CHUNK, new Fault.ExpireToken());
        assertThat(caller.chunk(session, BYTES, 0, UNIT, "*").status()).isEqualTo(401);
        assertThat(caller.query(session, "*").status()).isEqualTo(401);
        caller.as(account.token());
        assertThat(caller.query(session, "*").status()).isEqualTo(308);
        clock.pass(Duration.ofHours(1));
        assertThat(caller.query(session, "*").status()).isEqualTo(401);
        caller.as(account.token());
        account.revoke();
        assertThat(caller.query(session, "*").status()).isEqualTo(401);
        account.restore();
        fake.faults().next(Step.QUERY, new Fault.RevokeAccount());
        assertThat(caller.query(session, "*").status()).isEqualTo(401);
    }

    @Test
    void aPostWithoutLengthIsRefused() throws IOException {
        try (var socket = new Socket(
                InetAddress.getLoopbackAddress(), URI.create(fake.url()).getPort())) {
            socket.getOutputStream()
                    .write(("POST " + startPath() + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + account.token()
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            var head = new byte[12];
            assertThat(socket.getInputStream().readNBytes(head, 0, 12)).isEqualTo(12);
            assertThat(new String(head, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 411");
        }
    }

    // ---------------------------------------------------------------- faults

    @ParameterizedTest
    @EnumSource
    void everyReasonIsToldAsDocumentedAndDoesNothing(Reason reason) throws IOException {
        String session = session();
        fake.faults().next(Step.CHUNK, new Fault.Refuse(reason, Duration.ofSeconds(7)));

        Caller.Answer refused = caller.call("PUT", session, BYTES);
        assertThat(refused.status()).isEqualTo(reason.refusal().status());
        assertThat(refused.text()).isEqualTo(reason.refusal().body());
        assertThat(refused.header("Retry-After")).isEqualTo("7");
        assertThat(caller.query(session, "*").header("Range")).isNull();
        assertThat(caller.call("PUT", session, BYTES).status()).isEqualTo(200);
    }

    @Test
    void aDroppedChunkIsKeptDownToAMultiple() throws IOException {
        String session = session();
        fake.faults().next(Step.CHUNK, new Fault.DropAt(UNIT + 1_000));

        assertThatThrownBy(() -> caller.call("PUT", session, BYTES)).isInstanceOf(IOException.class);
        Caller.Answer kept = caller.query(session, "*");
        assertThat(kept.header("Range")).isEqualTo("bytes=0-262143");
        assertThat(caller.chunk(session, BYTES, UNIT, BYTES.length - UNIT, TOTAL)
                        .status())
                .isEqualTo(200);
        assertStored();
        assertThat(fake.calls().of(Step.LAST_CHUNK).getFirst())
                .returns(0, Call::status)
                .returns(UNIT + 1_000L, Call::received);
    }

    @Test
    void aConnectionThatTheClientCutsKeepsAMultipleToo() throws Exception {
        String session = session();
        var uri = URI.create(session);
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), uri.getPort())) {
            var out = socket.getOutputStream();
            out.write(("PUT " + uri.getRawPath() + "?" + uri.getRawQuery() + " HTTP/1.1\r\nHost: h\r\nContent-Length: "
                            + BYTES.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.write(BYTES, 0, UNIT + 5_000);
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> fake.calls().of(Step.LAST_CHUNK).getFirst().received() == UNIT + 5_000);
        }
        await().atMost(Duration.ofSeconds(5))
                .until(() -> fake.calls().of(Step.LAST_CHUNK).getFirst().endedAt() != null);
        assertThat(caller.query(session, "*").header("Range")).isEqualTo("bytes=0-262143");
        assertThat(fake.stored()).isEmpty();
    }

    @Test
    void aLostAnswerLeavesTheObject() throws IOException {
        String session = session();
        fake.faults().next(Step.LAST_CHUNK, new Fault.LoseAnswer());

        assertThatThrownBy(() -> caller.call("PUT", session, BYTES)).isInstanceOf(IOException.class);
        assertStored();
        assertThat(caller.query(session, TOTAL).status()).isEqualTo(200);
    }

    @Test
    void onlyAPartIsKept() throws IOException {
        String session = session();
        fake.faults().next(Step.CHUNK, new Fault.KeepOnly(UNIT));
        Caller.Answer kept = caller.call("PUT", session, BYTES);

        assertThat(kept.status()).isEqualTo(308);
        assertThat(kept.header("Range")).isEqualTo("bytes=0-262143");
        assertThat(caller.chunk(session, BYTES, UNIT, BYTES.length - UNIT, TOTAL)
                        .status())
                .isEqualTo(200);
        assertStored();
    }

    @Test
    void aRangeIsHiddenThoughBytesAreThere() throws IOException {
        String session = session();
        fake.faults().next(Step.CHUNK, new Fault.HideRange());

        assertThat(caller.chunk(session, BYTES, 0, UNIT, "*").header("Range")).isNull();
        assertThat(caller.query(session, "*").header("Range")).isEqualTo("bytes=0-262143");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSessionMoves(boolean forgetOld) throws IOException {
        String session = session();
        fake.faults().next(Step.CHUNK, new Fault.MoveSession(forgetOld));

        Caller.Answer moved = caller.chunk(session, BYTES, 0, UNIT, TOTAL);
        String address = String.valueOf(moved.header("Location"));
        assertThat(moved.status()).isEqualTo(308);
        assertThat(address).isNotEqualTo(session);
        assertThat(caller.query(session, "*").status()).isEqualTo(forgetOld ? 404 : 308);
        assertThat(fake.openSessions()).hasSize(1);
        assertThat(caller.chunk(address, BYTES, UNIT, BYTES.length - UNIT, TOTAL)
                        .status())
                .isEqualTo(200);
        assertStored();
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 410})
    void aSessionIsForgotten(int status) throws IOException {
        String session = session();
        fake.faults().next(Step.CHUNK, new Fault.ForgetSession(status));

        assertThat(caller.chunk(session, BYTES, 0, UNIT, "*").status()).isEqualTo(status);
        assertThat(caller.query(session, "*").status()).isEqualTo(status);
        assertThat(fake.openSessions()).isEmpty();
    }

    @Test
    void corruptedBytesHaveAnotherChecksum() throws IOException {
        fake.faults().next(Step.CHUNK, new Fault.Corrupt());
        assertThat(caller.call("PUT", session(), BYTES).status()).isEqualTo(200);

        assertThat(fake.stored().getFirst().size()).isEqualTo(BYTES.length);
        assertThat(fake.stored().getFirst().md5()).isNotEqualTo(Fixture.md5(BYTES));
    }

    @Test
    void aPaceIsKept() throws IOException {
        fake.faults().next(Step.CHUNK, new Fault.Pace(4_000_000));
        long began = System.nanoTime();
        assertThat(caller.call("PUT", session(), BYTES).status()).isEqualTo(200);

        assertThat(System.nanoTime() - began).isGreaterThan((long) (BYTES.length / 4_000_000.0 * 0.9e9));
    }

    @Test
    void aStalledCallGoesOnWhenItIsReleased() throws Exception {
        String session = session();
        fake.faults().next(Step.CHUNK, new Fault.Stall(UNIT));
        var answer = CompletableFuture.supplyAsync(() -> {
            try {
                return caller.call("PUT", session, BYTES).status();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        await().atMost(Duration.ofSeconds(5))
                .until(() -> fake.calls().of(Step.LAST_CHUNK).stream().anyMatch(call -> call.received() == UNIT));
        assertThat(answer).isNotDone();
        fake.faults().release();

        assertThat(answer.get(5, TimeUnit.SECONDS)).isEqualTo(200);
    }

    @Test
    void theLatestWriterCounts() throws Exception {
        String session = session();
        fake.faults().next(Step.CHUNK, new Fault.Stall(UNIT));
        var first = CompletableFuture.supplyAsync(() -> {
            try {
                return caller.call("PUT", session, BYTES).status();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        await().atMost(Duration.ofSeconds(5))
                .until(() -> fake.openSessions().getFirst().received() == UNIT);
        assertThat(caller.chunk(session, BYTES, UNIT, UNIT, TOTAL).status()).isEqualTo(308);
        fake.faults().release();

        assertThat(first.get(5, TimeUnit.SECONDS)).isEqualTo(308);
        assertThat(caller.query(session, "*").header("Range")).isEqualTo("bytes=0-524287");
        assertThat(caller.chunk(session, BYTES, 2 * UNIT, UNIT + 1_000, TOTAL).status())
                .isEqualTo(200);
        assertStored();
    }

    @Test
    void anAnswerIsLate() throws IOException {
        fake.faults().next(Step.START, new Fault.Late(Duration.ofMillis(150)));
        long began = System.nanoTime();
        session();

        assertThat(System.nanoTime() - began).isGreaterThan(140_000_000);
    }

    // ---------------------------------------------------------------- calls

    @Test
    void everyCallIsRecorded() throws IOException {
        String session = session();
        caller.chunk(session, BYTES, 0, UNIT, "*");
        caller.query(session, "*");
        caller.as(null);
        caller.get("/nowhere");

        assertThat(fake.calls().all())
                .extracting(Call::step, Call::status, Call::received, Call::account)
                .containsExactly(
                        tuple(Step.START, 200, 15L, "ann@example.com"),
                        tuple(Step.CHUNK, 308, (long) UNIT, "ann@example.com"),
                        tuple(Step.QUERY, 308, 0L, "ann@example.com"),
                        tuple(Step.OTHER, 401, 0L, null));
        assertThat(fake.calls().of(Step.CHUNK).getFirst())
                .returns("PUT", Call::method)
                .returns("bytes 0-262143/*", Call::range)
                .returns(session.substring(fake.url().length()), Call::path)
                .returns(clock.instant(), Call::at);
        assertThat(fake.calls().since(clock.instant())).isEmpty();
        assertThat(fake.calls().received()).isEqualTo(UNIT + 15);
    }

    @Test
    void faultsAndCallsAreReachedOverControlRoutes() throws IOException {
        String session = session();
        caller.as(null);
        assertThat(caller.call(
                                "POST",
                                "/_fake/faults",
                                "rate-limit=3@chunk+1*2\nlose-answer@last-chunk\n".getBytes(StandardCharsets.UTF_8))
                        .status())
                .isEqualTo(200);
        assertThat(caller.call("POST", "/_fake/faults", "nonsense".getBytes(StandardCharsets.UTF_8))
                        .status())
                .isEqualTo(400);
        assertThat(fake.faults().pending()).hasSize(2);

        assertThat(caller.chunk(session, BYTES, 0, UNIT, "*").status()).isEqualTo(308);
        assertThat(caller.chunk(session, BYTES, UNIT, UNIT, "*").header("Retry-After"))
                .isEqualTo("3");
        assertThat(caller.chunk(session, BYTES, UNIT, UNIT, "*").status()).isEqualTo(403);
        assertThat(caller.chunk(session, BYTES, UNIT, UNIT, "*").status()).isEqualTo(308);
        assertThat(caller.get("/_fake/calls").json()).hasSize(5);
        assertThat(caller.get("/_fake/sessions").json().get(0).path("received").asLong())
                .isEqualTo(2L * UNIT);
        assertThat(caller.call("DELETE", "/_fake/sessions", null).status()).isEqualTo(200);
        assertThat(caller.get("/_fake/sessions").json()).isEmpty();
        assertThat(caller.call("DELETE", "/_fake/faults", null).status()).isEqualTo(200);
        assertThat(fake.faults().pending()).isEmpty();
        assertThat(caller.call("DELETE", "/_fake/calls", null).status()).isEqualTo(200);
        assertThat(fake.calls().all()).isEmpty();
        String token =
                caller.get("/_fake/accounts/ann@example.com/token").text().strip();
        caller.as(token);
        assertThat(session()).isNotEmpty();
        assertThat(caller.get("/_fake/stored").json()).isEmpty();
        assertThat(caller.get("/_fake/nothing").status()).isEqualTo(404);
    }
}
