package dev.sluice.google;

import static dev.sluice.google.TestingGoogle.MIB;
import static dev.sluice.google.Uploading.bytes;
import static dev.sluice.google.Uploading.problem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.cloud.BackOff;
import dev.sluice.cloud.Supplies;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import dev.sluice.fakes.FakeOptions;
import dev.sluice.fakes.Fault;
import dev.sluice.fakes.Reason;
import dev.sluice.fakes.Step;
import dev.sluice.google.TestingGoogle.Service;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.testing.SettableClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Tokens, and what becomes of uploads when an account takes no more.
@NullMarked
class GoogleAccountsTest {
    private static final int SIZE = 9 * MIB;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path data;

    private @Nullable TestingGoogle google;

    private TestingGoogle start(Service service) {
        return start(service, FakeOptions.plain());
    }

    private TestingGoogle start(Service service, FakeOptions options) {
        TestingGoogle started = TestingGoogle.start(service, data, 128L * MIB, options);
        google = started;
        return started;
    }

    @AfterEach
    void stop() {
        TestingGoogle started = google;
        if (started != null) {
            assertThat(started.memoryTaken()).isZero();
            started.close();
        }
    }

    private static String refused(GoogleStorage storage) {
        var uploading = new Uploading(storage, "a.bin", 10);
        String said = problem(ErrorCode.UPSTREAM_REFUSED, () -> uploading.all(bytes(10)))
                .problem()
                .message();
        uploading.pay(storage);
        storage.close();
        return said;
    }

    // ------------------------------------------------------------ tokens

    @ParameterizedTest
    @EnumSource
    void oneTokenServesManyCallsAndManyUploadsAtATime(Service service) {
        TestingGoogle google = start(service);
        GoogleStorage storage = google.storage();
        google.fake().faults().next(Step.TOKEN, new Fault.Late(Duration.ofMillis(200)));
        var uploads = new ArrayList<CompletableFuture<ObjectRef>>();
        for (int i = 0; i < 8; i++) {
            var uploading = new Uploading(storage, "a" + i, 10);
            uploads.add(CompletableFuture.supplyAsync(() -> uploading.all(bytes(10)), storage.executor()));
        }
        uploads.forEach(CompletableFuture::join);
        assertThat(google.fake().calls().of(Step.TOKEN)).hasSize(1);
        assertThat(google.fake().stored()).hasSize(8);
        storage.close();
    }

    @ParameterizedTest
    @EnumSource
    void aTokenThatExpiresInTheMiddleIsReplaced(Service service) {
        TestingGoogle google = start(service);
        GoogleStorage storage = google.storage();
        byte[] bytes = bytes(SIZE);
        google.fake().faults().next(Step.CHUNK, new Fault.ExpireToken());
        google.fake().faults().after(1, Step.LAST_CHUNK, new Fault.ExpireToken());
        ObjectRef ref = new Uploading(storage, "a.bin", SIZE).all(bytes);
        assertThat(Uploading.read(storage, ref)).isEqualTo(bytes);
        assertThat(google.fake().calls().of(Step.TOKEN)).hasSize(2);
        storage.close();
    }

    @Test
    void aTokenIsReplacedBeforeItExpires() {
        TestingGoogle google = start(Service.GCS, FakeOptions.plain().tokenLife(Duration.ofSeconds(2)));
        GoogleStorage storage = google.storage();
        new Uploading(storage, "a.bin", 10).all(bytes(10));
        int asked = google.fake().calls().of(Step.TOKEN).size();
        await().atMost(Duration.ofSeconds(5)).until(() -> {
            new Uploading(storage, "b.bin", 10).all(bytes(10));
            return google.fake().calls().of(Step.TOKEN).size() > asked;
        });
        assertThat(google.fake().calls().all()).noneMatch(call -> call.status() == 401);
        storage.close();
    }

    @Test
    void whoWaitsForATokenIsStoppedAtOnceAndTheOthersGetIt() throws Exception {
        TestingGoogle google = start(Service.GCS);
        Executor threads = google.storage().executor();
        Account account = google.account().account();
        google.fake().faults().next(Step.TOKEN, new Fault.Stall(1 << 20));
        var first = new StopToken();
        var asking = CompletableFuture.supplyAsync(() -> account.token(first), threads);
        await().until(() -> !google.fake().calls().of(Step.TOKEN).isEmpty());
        var waiting = new StopToken();
        var waits = CompletableFuture.supplyAsync(() -> account.token(waiting), threads);
        var other = CompletableFuture.supplyAsync(() -> account.token(new StopToken()), threads);
        waiting.fire(StopReason.CANCELLED);
        assertThatThrownBy(() -> waits.get(1, TimeUnit.SECONDS)).hasCauseInstanceOf(Stopped.class);
        first.fire(StopReason.CANCELLED);
        assertThatThrownBy(() -> asking.get(1, TimeUnit.SECONDS)).hasCauseInstanceOf(Stopped.class);
        assertThat(other.get(5, TimeUnit.SECONDS)).isNotEmpty();
    }

    // ------------------------------------------------------------ credentials

    @Test
    void aFileThatIsNoKeyIsRefused() {
        Supplies supplies = start(Service.DRIVE).supplies();
        for (String text : List.of("", "no json", "{}", "{\"type\":\"service_account\"}")) {
            assertThatThrownBy(() -> GoogleAccount.ofKey(Uploading.utf8(text), GoogleAccount.DRIVE, supplies, "clips"))
                    .isInstanceOfAny(IOException.class, IllegalArgumentException.class);
        }
    }

    @Test
    void credentialsThatAreNowhereAreSaidAtOnce() {
        var asked = new AtomicInteger();
        GoogleAccount.Source none = () -> {
            asked.incrementAndGet();
            throw new IOException("Your default credentials were not found.");
        };
        var account = new GoogleAccount("default", none, start(Service.GCS).supplies(BackOff.STANDARD));
        assertThat(problem(ErrorCode.UPSTREAM_REFUSED, () -> account.token(new StopToken()))
                        .problem()
                        .message())
                .contains("no credentials", "were not found", "name a key file");
        assertThat(asked).hasValue(1);
    }

    @Test
    void anAccountWaitsAsItsStorageDoes() {
        TestingGoogle google = start(Service.DRIVE);
        google.fake().faults().always(Step.TOKEN, new Fault.Refuse(Reason.UNAVAILABLE));
        Account account = google.account().account();
        problem(ErrorCode.UPSTREAM_UNAVAILABLE, () -> account.token(new StopToken()));
        assertThat(google.fake().calls().of(Step.TOKEN)).hasSize(TestingGoogle.SOON.tries());
    }

    @ParameterizedTest
    @EnumSource
    void aKeyOfAnotherAccountIsRefusedInTheServicesWords(Service service) {
        TestingGoogle google = start(service);
        String eve = google.fake().account("eve@example.com").serviceAccountKey();
        String wrong = eve.replace("eve@example.com", "ann@example.com");
        assertThat(google.ann().serviceAccountKey()).isNotEqualTo(wrong);
        assertThat(refused(google.storage(google.account(wrong))))
                .contains("invalid_grant")
                .contains("Invalid JWT Signature")
                .contains("ann@example.com")
                .doesNotContain("PRIVATE KEY");
    }

    @ParameterizedTest
    @EnumSource
    void aRevokedAccountIsRefusedInTheServicesWords(Service service) {
        TestingGoogle google = start(service);
        GoogleStorage storage = google.storage();
        google.ann().revoke();
        assertThat(refused(storage)).contains("invalid_grant").contains("connect it again");
    }

    @ParameterizedTest
    @EnumSource
    void whatIsOwedOfAFinishedSessionIsPaidAlsoByAnAccountThatIsRevoked(Service service) {
        TestingGoogle google = start(service);
        GoogleStorage storage = google.storage();
        var uploading = new Uploading(storage, "a.bin", SIZE);
        uploading.all(bytes(SIZE));
        google.ann().revoke();
        requireSettled(google, storage, uploading);
    }

    @Test
    void whatIsOwedOfAFinishedSessionIsPaidAlsoWhereItsAccountIsNoMore() {
        TestingGoogle google = start(Service.DRIVE);
        GoogleStorage storage = google.storage();
        var uploading = new Uploading(storage, "a.bin", SIZE);
        uploading.all(bytes(SIZE));
        storage.close();
        requireSettled(google, google.storage(google.pool(google.fake().account("bob@example.com"))), uploading);
    }

    /// Whether the object would stay where its session is ended, nobody has said.
    private static void requireSettled(TestingGoogle google, GoogleStorage storage, Uploading uploading) {
        storage.discard(uploading.saved.get());
        assertThat(google.fake().calls().of(Step.CANCEL)).isEmpty();
        assertThat(google.held()).containsExactly("a.bin");
        storage.close();
    }

    @ParameterizedTest
    @CsvSource({"GCS, 65", "GCS, -65", "DRIVE, 65", "DRIVE, -65"})
    void aClockThatIsWrongByAnHourIsSaid(Service service, int minutes) {
        TestingGoogle google = start(
                service,
                FakeOptions.plain().clock(new SettableClock(Instant.now().plus(Duration.ofMinutes(minutes)))));
        assertThat(refused(google.storage())).contains("reasonable timeframe").contains("set this machine's clock");
    }

    // ------------------------------------------------------------ limits

    @ParameterizedTest
    @CsvSource({"GCS, START", "GCS, TOKEN", "DRIVE, START", "DRIVE, TOKEN"})
    void theWaitThatTheServiceAsksForIsKept(Service service, Step step) {
        TestingGoogle google = start(service);
        var settings = new GcsSettings("clips", "clips", "", google.endpoint());
        var drive = new DriveSettings("clips", null, null, "", false, google.endpoint());
        var supplies = google.supplies(new BackOff(Duration.ofMillis(5), Duration.ofSeconds(5), 6));
        GoogleStorage storage = service == Service.GCS
                ? GoogleStorage.bucket(settings, google.account(), supplies)
                : GoogleStorage.folder(drive, google.account(), supplies);
        google.fake().faults().next(step, new Fault.Refuse(Reason.TOO_MANY_REQUESTS, Duration.ofSeconds(1)));
        Instant began = Instant.now();
        new Uploading(storage, "a.bin", 10).all(bytes(10));
        assertThat(Duration.between(began, Instant.now())).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        storage.close();
    }

    @ParameterizedTest
    @EnumSource
    void aServiceThatNeverTakesItIsGivenUp(Service service) {
        TestingGoogle google = start(service);
        GoogleStorage storage = google.storage();
        google.fake().faults().always(Step.CHUNK, new Fault.Refuse(Reason.RATE_LIMIT));
        var uploading = new Uploading(storage, "a.bin", SIZE);
        problem(ErrorCode.UPSTREAM_THROTTLED, () -> uploading.all(bytes(SIZE)));
        google.fake().faults().clear();
        google.fake().faults().always(Step.CHUNK, new Fault.KeepOnly(0));
        var stuck = new Uploading(storage, "b.bin", SIZE);
        problem(ErrorCode.UPSTREAM_UNAVAILABLE, () -> stuck.all(bytes(SIZE)));
        uploading.pay(storage);
        stuck.pay(storage);
        assertThat(google.held()).isEmpty();
        storage.close();
    }

    /// Small ones are sent by the commit, large ones before it.
    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource({
        "DAILY_LIMIT, START, 10", "DAILY_LIMIT, START, 9437184",
        "DAILY_LIMIT, CHUNK, 10", "DAILY_LIMIT, CHUNK, 9437184",
        "STORAGE_QUOTA, START, 10", "STORAGE_QUOTA, CHUNK, 9437184",
        "QUOTA, CHUNK, 10", "QUOTA, START, 9437184",
    })
    void anUploadOfWhichNothingIsThereYetGoesToAnotherAccount(Reason reason, Step step, int size) {
        TestingGoogle google = start(Service.DRIVE);
        TestingPool pool = google.pool(google.ann(), google.fake().account("bob@example.com"));
        GoogleStorage storage = google.storage(pool);
        byte[] bytes = bytes(size);
        google.fake().faults().next(step, new Fault.Refuse(reason));
        var uploading = new Uploading(storage, "moved.bin", size);
        ObjectRef ref = uploading.all(bytes);
        assertThat(Uploading.read(storage, ref)).isEqualTo(bytes);
        assertThat(pool.aside()).containsOnlyKeys("ann@example.com");
        assertThat(pool.sent("ann@example.com"))
                .as("counted before it is sent")
                .isBetween(step == Step.CHUNK ? 1L : 0, step == Step.CHUNK ? (long) size : 0);
        assertThat(pool.sent("bob@example.com")).isEqualTo(size);
        assertThat(google.held()).containsExactly("moved.bin");
        assertThat(google.fake().calls().of(Step.CHUNK).getLast().account()).isEqualTo("bob@example.com");
        uploading.pay(storage);
        assertThat(google.held()).isEmpty();
        storage.close();
    }

    @ParameterizedTest
    @CsvSource({"START", "CHUNK", "IDS"})
    void anUploadLeavesAnAccountThatIsRevoked(Step step) {
        TestingGoogle google = start(Service.DRIVE);
        TestingPool pool = google.pool(google.ann(), google.fake().account("bob@example.com"));
        GoogleStorage storage = google.storage(pool);
        google.fake().faults().next(step, new Fault.RevokeAccount());
        ObjectRef ref = new Uploading(storage, "moved.bin", SIZE).all(bytes(SIZE));
        assertThat(Uploading.read(storage, ref)).isEqualTo(bytes(SIZE));
        assertThat(pool.aside()).containsOnlyKeys("ann@example.com");
        assertThat(google.held()).containsExactly("moved.bin");
        storage.close();
    }

    @Test
    void anUploadOfWhichSomethingIsThereStaysAndFails() {
        TestingGoogle google = start(Service.DRIVE);
        TestingPool pool = google.pool(google.ann(), google.fake().account("bob@example.com"));
        GoogleStorage storage = google.storage(pool);
        google.fake().faults().after(1, Step.CHUNK, new Fault.Refuse(Reason.DAILY_LIMIT));
        var uploading = new Uploading(storage, "a.bin", SIZE);
        problem(ErrorCode.QUOTA_EXCEEDED, () -> uploading.all(bytes(SIZE)));
        uploading.pay(storage);
        assertThat(google.held()).isEmpty();
        storage.close();
    }

    @Test
    void whereEveryAccountIsFullItIsSaid() {
        TestingGoogle google = start(Service.DRIVE);
        dev.sluice.fakes.Account bob = google.fake().account("bob@example.com");
        google.ann().storage(5);
        bob.daily(5);
        GoogleStorage storage = google.storage(google.pool(google.ann(), bob));
        var uploading = new Uploading(storage, "a.bin", 10);
        problem(ErrorCode.QUOTA_EXCEEDED, () -> uploading.all(bytes(10)));
        uploading.pay(storage);
        assertThat(google.held()).isEmpty();
        storage.close();
    }

    @Test
    void anUploadIsResumedByTheAccountThatBeganItAlsoWhereThatIsSetAside() {
        TestingGoogle google = start(Service.DRIVE);
        TestingPool pool = google.pool(google.ann(), google.fake().account("bob@example.com"));
        GoogleStorage storage = google.storage(pool);
        byte[] bytes = bytes(SIZE);
        var uploading = new Uploading(storage, "a.bin", SIZE);
        try (ObjectUpload upload = uploading.begin()) {
            upload.write(ByteBuffer.wrap(bytes, 0, SIZE - 10));
            upload.keep();
        }
        pool.any(new StopToken()).setAside(new ProblemException(ErrorCode.QUOTA_EXCEEDED, "full"), null);
        try (ObjectUpload upload = uploading.resume(storage)) {
            upload.write(ByteBuffer.wrap(bytes, SIZE - 10, 10));
            ObjectRef ref = uploading.commit(upload);
            assertThat(Uploading.read(storage, ref)).isEqualTo(bytes);
            storage.delete(ref);
        }
        storage.discard(uploading.saved.get());
        assertThat(google.held()).isEmpty();
        storage.close();
    }
}
