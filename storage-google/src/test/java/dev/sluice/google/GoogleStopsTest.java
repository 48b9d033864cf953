package dev.sluice.google;

import static dev.sluice.google.TestingGoogle.MIB;
import static dev.sluice.google.Uploading.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import dev.sluice.fakes.Call;
import dev.sluice.fakes.Fault;
import dev.sluice.fakes.Reason;
import dev.sluice.fakes.Step;
import dev.sluice.google.TestingGoogle.Service;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectSpec;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Resumed;
import dev.sluice.storage.UploadState;
import dev.sluice.storage.UploadStateSink;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// A cancel, a pause and a crash in every phase, seen by the service.
@NullMarked
class GoogleStopsTest {
    private static final int SIZE = 20 * MIB;
    /// The save that notes a move: that a session is meant, and that it has begun, are noted before.
    private static final int MOVED = 3;
    /// What a clean-up may call.
    private static final Set<Step> CLEANING = Set.of(Step.QUERY, Step.CANCEL, Step.METADATA, Step.DELETE, Step.TOKEN);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path data;

    private @Nullable TestingGoogle google;

    private TestingGoogle start(Service service) {
        TestingGoogle started = TestingGoogle.start(service, data);
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

    static List<Arguments> phases() {
        var phases = new ArrayList<Arguments>();
        for (Service service : Service.values()) {
            for (Step step : List.of(Step.TOKEN, Step.START, Step.CHUNK, Step.LAST_CHUNK)) {
                phases.add(Arguments.of(service, step, 0L));
                phases.add(Arguments.of(service, step, Long.MAX_VALUE));
            }
            phases.add(Arguments.of(service, Step.CHUNK, 3L * MIB));
            phases.add(Arguments.of(service, Step.LAST_CHUNK, (long) MIB));
            phases.add(Arguments.of(service, Step.QUERY, 0L));
            phases.add(Arguments.of(service, Step.METADATA, 0L));
        }
        phases.add(Arguments.of(Service.DRIVE, Step.IDS, 0L));
        phases.add(Arguments.of(Service.DRIVE, Step.LIST, 0L));
        phases.add(Arguments.of(Service.DRIVE, Step.CHANGE, 0L));
        return phases;
    }

    /// @param stalled how many bytes of the call's body are read before it hangs; where it has fewer, its answer does
    @ParameterizedTest(name = "{0} {1} after {2} bytes")
    @MethodSource("phases")
    void aCancelInAnyPhaseIsObeyedAtOnceAndLeavesNothing(Service service, Step phase, long stalled) throws Exception {
        TestingGoogle google = start(service);
        GoogleStorage storage = google.storage();
        var uploading = new Uploading(storage, "cancelled.bin", SIZE);
        if (phase == Step.QUERY) {
            google.fake().faults().next(Step.CHUNK, new Fault.DropAt(MIB));
        }
        google.fake().faults().next(phase, new Fault.Stall(Math.max(1, stalled)));
        var working = CompletableFuture.runAsync(() -> uploading.all(bytes(SIZE)), storage.executor());
        await().atMost(Duration.ofSeconds(20))
                .until(() -> google.fake().calls().of(phase).stream()
                        .anyMatch(call -> !call.faults().isEmpty()
                                && (stalled <= 0 || stalled > SIZE || call.received() >= stalled)));
        uploading.stop.fire(StopReason.CANCELLED);
        Instant decided = Instant.now();
        assertThatThrownBy(() -> working.get(5, TimeUnit.SECONDS)).hasRootCauseInstanceOf(Stopped.class);
        google.fake().faults().release();
        uploading.pay(storage);
        assertThat(google.fake().calls().all().stream()
                        .filter(call -> call.at().isAfter(decided.plusMillis(5)))
                        .map(Call::step))
                .as("calls after the decision")
                .allMatch(CLEANING::contains);
        assertThat(google.fake().calls().of(Step.CHUNK).stream()
                        .map(Call::lastByteAt)
                        .filter(Objects::nonNull)
                        .max(Instant::compareTo)
                        .orElse(decided))
                .as("the last byte")
                .isBefore(decided.plusMillis(200));
        assertThat(google.held()).isEmpty();
        storage.close();
    }

    @ParameterizedTest
    @EnumSource
    void aCancelWhileItWaitsForTheNextTryIsObeyedAtOnce(Service service) throws Exception {
        TestingGoogle google = start(service);
        GoogleStorage storage = google.storage();
        google.fake().faults().always(Step.CHUNK, new Fault.Refuse(Reason.UNAVAILABLE));
        var uploading = new Uploading(storage, "waiting.bin", SIZE);
        var working = CompletableFuture.runAsync(() -> uploading.all(bytes(SIZE)), storage.executor());
        await().until(() -> !google.fake().calls().of(Step.CHUNK).isEmpty());
        uploading.stop.fire(StopReason.CANCELLED);
        assertThatThrownBy(() -> working.get(1, TimeUnit.SECONDS)).hasRootCauseInstanceOf(Stopped.class);
        uploading.pay(storage);
        assertThat(google.held()).isEmpty();
        storage.close();
    }

    @ParameterizedTest
    @EnumSource
    void oneAnswerThatNamesNoBytesGivesNoUploadUp(Service service) {
        TestingGoogle google = start(service);
        GoogleStorage storage = google.storage();
        byte[] bytes = bytes(SIZE);
        var uploading = new Uploading(storage, "denied.bin", SIZE);
        try (ObjectUpload upload = uploading.begin()) {
            upload.write(ByteBuffer.wrap(bytes, 0, SIZE - 10));
            upload.keep();
        }
        int chunks = google.fake().calls().of(Step.CHUNK).size();
        google.fake().faults().next(Step.QUERY, new Fault.HideRange());
        try (ObjectUpload upload = uploading.resume(storage)) {
            assertThat(upload.durable()).isEqualTo(SIZE - 10);
            upload.write(ByteBuffer.wrap(bytes, SIZE - 10, 10));
            ObjectRef ref = uploading.commit(upload);
            assertThat(Uploading.read(storage, ref)).isEqualTo(bytes);
        }
        assertThat(google.fake().calls().of(Step.CHUNK))
                .as("the last part, and none again")
                .hasSize(chunks + 1);
        uploading.pay(storage);
        assertThat(google.held()).isEmpty();
        storage.close();
    }

    /// Cancels as soon as the first part is taken and its session has moved, and takes away what is known by then.
    ///
    /// @param saves how many of its states can be saved
    private void cancelledAfterTheMove(Service service, int saves) {
        TestingGoogle google = start(service);
        GoogleStorage storage = google.storage();
        google.fake().faults().next(Step.CHUNK, new Fault.MoveSession(true));
        var uploading = new Uploading(storage, "moved.bin", SIZE);
        var saved = new AtomicInteger();
        UploadStateSink sink = state -> {
            if (saved.incrementAndGet() > saves) {
                throw new Stopped(StopReason.CANCELLED);
            }
            uploading.saved.set(state);
        };
        try (ObjectUpload upload = storage.begin(uploading.saved.get(), sink, uploading.stop)) {
            upload.write(ByteBuffer.wrap(bytes(9 * MIB)));
            await().until(() -> saved.get() == MOVED);
            uploading.stop.fire(StopReason.CANCELLED);
        }
        storage.discard(uploading.saved.get());
        assertThat(google.held()).isEmpty();
        storage.close();
    }

    @ParameterizedTest
    @EnumSource
    void aSessionThatHasJustMovedIsEndedWhereItIs(Service service) {
        cancelledAfterTheMove(service, MOVED);
    }

    /// As where the cancel has made what is saved void.
    @ParameterizedTest
    @EnumSource
    void aSessionWhoseMoveCannotBeNotedIsEndedWhereItIs(Service service) {
        cancelledAfterTheMove(service, MOVED - 1);
    }

    @ParameterizedTest
    @EnumSource
    void aCancelAfterTheCommitTakesTheObjectBack(Service service) {
        TestingGoogle google = start(service);
        GoogleStorage storage = google.storage();
        var uploading = new Uploading(storage, "late.bin", SIZE);
        uploading.all(bytes(SIZE));
        uploading.stop.fire(StopReason.CANCELLED);
        assertThat(google.held()).containsExactly("late.bin");
        uploading.pay(storage);
        uploading.pay(storage);
        assertThat(google.held()).isEmpty();
        storage.close();
    }

    @ParameterizedTest
    @EnumSource
    void aCancelBeforeTheFirstByteCallsNobody(Service service) {
        TestingGoogle google = start(service);
        GoogleStorage storage = google.storage();
        var uploading = new Uploading(storage, "never.bin", SIZE);
        try (ObjectUpload upload = uploading.begin()) {
            uploading.stop.fire(StopReason.CANCELLED);
            assertThatThrownBy(() -> upload.write(ByteBuffer.allocate(1))).isInstanceOf(Stopped.class);
        }
        uploading.pay(storage);
        assertThat(google.fake().calls().all()).isEmpty();
        storage.close();
    }

    /// So many bytes have been taken: none, some of the first part, that part, some of a later one, all of them.
    @ParameterizedTest(name = "{0} after {1} bytes")
    @MethodSource("pauses")
    void aPauseKeepsWhatIsThereAndNoByteIsSentTwice(Service service, int taken) {
        TestingGoogle google = start(service);
        GoogleStorage storage = google.storage();
        byte[] bytes = bytes(SIZE);
        var uploading = new Uploading(storage, "paused.bin", SIZE);
        try (ObjectUpload upload = uploading.begin()) {
            upload.write(ByteBuffer.wrap(bytes, 0, taken));
            uploading.stop.fire(StopReason.PAUSED);
            assertThat(upload.keep()).isEqualTo(taken);
        }
        assertThat(google.fake().calls().of(Step.CANCEL)).isEmpty();
        GoogleStorage next = google.storage();
        if (taken == 0) {
            assertThat(next.resume(uploading.saved.get(), uploading.saved::set, new StopToken()))
                    .isEqualTo(new Resumed.Gone());
            uploading = new Uploading(next, "paused.bin", SIZE);
        }
        try (ObjectUpload upload = taken == 0 ? uploading.begin() : uploading.resume(next)) {
            assertThat(upload.durable()).isEqualTo(taken);
            upload.write(ByteBuffer.wrap(bytes, taken, SIZE - taken));
            assertThat(Uploading.read(next, uploading.commit(upload))).isEqualTo(bytes);
        }
        assertThat(received(google)).isEqualTo(SIZE);
        next.discard(uploading.saved.get());
        assertThat(google.held()).containsExactly("paused.bin");
        next.close();
        storage.close();
    }

    static List<Arguments> pauses() {
        return Arrays.stream(Service.values())
                .flatMap(service ->
                        Stream.of(0, 3 * MIB, 8 * MIB, 17 * MIB, SIZE).map(taken -> Arguments.of(service, taken)))
                .toList();
    }

    private static long received(TestingGoogle google) {
        return google.fake().calls().of(Step.CHUNK).stream()
                .mapToLong(Call::received)
                .sum();
    }

    /// The last bytes are on their way, or have been sent and were not answered for.
    @ParameterizedTest(name = "{0} after {1} bytes")
    @CsvSource({"GCS, 1048576", "GCS, 9223372036854775807", "DRIVE, 1048576", "DRIVE, 9223372036854775807"})
    void aPauseDuringTheCommitLosesNothingAndRepeatsAtMostAPart(Service service, long stalled) throws Exception {
        TestingGoogle google = start(service);
        GoogleStorage storage = google.storage();
        byte[] bytes = bytes(SIZE);
        google.fake().faults().next(Step.LAST_CHUNK, new Fault.Stall(stalled));
        var uploading = new Uploading(storage, "paused.bin", SIZE);
        ObjectUpload first = uploading.begin();
        first.write(ByteBuffer.wrap(bytes));
        var working = CompletableFuture.supplyAsync(() -> uploading.commit(first), storage.executor());
        await().until(() -> google.fake().calls().of(Step.LAST_CHUNK).stream()
                .anyMatch(call -> call.received() == Math.min(stalled, 4 * MIB)));
        uploading.stop.fire(StopReason.PAUSED);
        assertThatThrownBy(() -> working.get(5, TimeUnit.SECONDS)).hasRootCauseInstanceOf(Stopped.class);
        first.keep();
        first.close();
        google.fake().faults().release();
        await().until(() ->
                google.fake().calls().of(Step.LAST_CHUNK).stream().allMatch(call -> call.endedAt() != null));
        assertThat(google.fake().calls().of(Step.CANCEL)).isEmpty();

        GoogleStorage next = google.storage();
        ObjectRef ref = switch (next.resume(uploading.saved.get(), uploading.saved::set, new StopToken())) {
            case Resumed.AlreadyCommitted known -> known.ref();
            case Resumed.Open open -> {
                try (ObjectUpload upload = open.upload()) {
                    assertThat(upload.durable()).isEqualTo(SIZE);
                    yield uploading.commit(upload);
                }
            }
            case Resumed.Gone gone -> throw new AssertionError("a pause lost the upload");
        };
        assertThat(Uploading.read(next, ref)).isEqualTo(bytes);
        assertThat(received(google)).isBetween((long) SIZE, SIZE + 4L * MIB);
        next.discard(uploading.saved.get());
        assertThat(google.held()).containsExactly("paused.bin");
        next.close();
        storage.close();
    }

    /// What the service has beyond what was noted is not sent to it again, and is verified all the same.
    @ParameterizedTest
    @EnumSource
    void afterACrashTheServiceIsAskedAndGetsNothingTwice(Service service) throws Exception {
        TestingGoogle google = start(service);
        GoogleStorage storage = google.storage();
        byte[] bytes = bytes(SIZE);
        var uploading = new Uploading(storage, "crashed.bin", SIZE);
        google.fake().faults().after(1, Step.CHUNK, new Fault.Stall(3 * MIB));
        ObjectUpload first = uploading.begin();
        var writing =
                CompletableFuture.runAsync(() -> first.write(ByteBuffer.wrap(bytes, 0, 17 * MIB)), storage.executor());
        await().until(() -> google.fake().calls().of(Step.CHUNK).stream().anyMatch(call -> call.received() == 3 * MIB));
        writing.get(5, TimeUnit.SECONDS);
        UploadState noted = uploading.saved.get();
        // As a crash would cut it.
        uploading.stop.fire(StopReason.FENCED);
        first.close();
        google.fake().faults().release();
        await().until(() -> google.fake().calls().of(Step.CHUNK).stream().allMatch(call -> call.endedAt() != null));
        long has = google.fake().openSessions().getFirst().received();
        assertThat(has).isBetween(11L * MIB, 12L * MIB);
        google.fake().calls().clear();

        GoogleStorage next = google.storage();
        uploading.saved.set(noted);
        try (ObjectUpload upload = uploading.resume(next)) {
            int at = (int) upload.durable();
            assertThat(at).isEqualTo(8 * MIB);
            upload.write(ByteBuffer.wrap(bytes, at, SIZE - at));
            assertThat(Uploading.read(next, uploading.commit(upload))).isEqualTo(bytes);
        }
        assertThat(google.fake().calls().of(Step.CHUNK).stream()
                        .mapToLong(Call::received)
                        .sum())
                .isEqualTo(SIZE - has);
        next.discard(uploading.saved.get());
        assertThat(google.held()).containsExactly("crashed.bin");
        next.close();
        storage.close();
    }

    @ParameterizedTest
    @CsvSource({"GCS, 1000", "GCS, 20971520", "DRIVE, 1000", "DRIVE, 20971520"})
    void afterACrashInTheCommitTheObjectIsFound(Service service, int size) {
        TestingGoogle google = start(service);
        GoogleStorage storage = google.storage();
        byte[] bytes = bytes(size);
        var uploading = new Uploading(storage, "found.bin", size);
        AtomicReference<@Nullable ObjectRef> ref = new AtomicReference<>();
        try (ObjectUpload upload = uploading.begin()) {
            upload.write(ByteBuffer.wrap(bytes));
            upload.keep();
            ref.set(uploading.commit(upload));
        }
        GoogleStorage next = google.storage();
        assertThat(next.resume(uploading.saved.get(), uploading.saved::set, new StopToken()))
                .isInstanceOfSatisfying(
                        Resumed.AlreadyCommitted.class,
                        known -> assertThat(known.ref()).isEqualTo(ref.get()));
        next.discard(uploading.saved.get());
        assertThat(google.held()).containsExactly("found.bin");
        next.close();
        storage.close();
    }

    @ParameterizedTest
    @EnumSource
    void aSessionThatHasExpiredStartsOver(Service service) {
        TestingGoogle google = start(service);
        GoogleStorage storage = google.storage();
        var uploading = new Uploading(storage, "expired.bin", SIZE);
        try (ObjectUpload upload = uploading.begin()) {
            upload.write(ByteBuffer.wrap(bytes(SIZE), 0, 10 * MIB));
            upload.keep();
        }
        google.fake().expireSessions();
        assertThat(storage.resume(uploading.saved.get(), uploading.saved::set, new StopToken()))
                .isEqualTo(new Resumed.Gone());
        assertThat(google.held()).isEmpty();
        UploadState again = storage.intend(new ObjectSpec("again", "expired.bin", SIZE, "application/octet-stream"));
        storage.discard(again);
        storage.close();
    }

    /// All of it lies in the data folder.
    @ParameterizedTest
    @EnumSource
    void aSessionThatHasExpiredBeforeAnythingLandedIsBegunAgain(Service service) {
        TestingGoogle google = start(service);
        GoogleStorage storage = google.storage();
        byte[] bytes = bytes(1000);
        var uploading = new Uploading(storage, "small.bin", 1000);
        try (ObjectUpload upload = uploading.begin()) {
            upload.write(ByteBuffer.wrap(bytes));
            upload.keep();
            assertThat(upload.target().key()).isEqualTo("small.bin");
        }
        google.fake().expireSessions();
        try (ObjectUpload upload = uploading.resume(storage)) {
            assertThat(upload.durable()).isEqualTo(1000);
            assertThat(Uploading.read(storage, uploading.commit(upload))).isEqualTo(bytes);
        }
        storage.discard(uploading.saved.get());
        assertThat(google.held()).containsExactly("small.bin");
        storage.close();
    }
}
