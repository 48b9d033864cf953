package dev.sluice.upload;

import static dev.sluice.upload.TestingNode.async;
import static dev.sluice.upload.TestingNode.bytes;
import static dev.sluice.upload.TestingNode.get;
import static dev.sluice.upload.TestingNode.refuses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.CancelSource;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.EventType;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Waiting;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Files that the server makes of pieces: the runner's every stop, crash and failure.
@Timeout(60)
class ComposerTest {
    private static final byte[] CONTENT = bytes(300);

    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init")
    TestingNode node;

    @SuppressWarnings("NullAway.Init")
    List<Job> pieces;

    @BeforeEach
    void start() {
        node = new TestingNode(folder);
        pieces = Stream.of(0, 1, 2)
                .map(n -> piece(Arrays.copyOfRange(CONTENT, n * 100, n * 100 + 100)))
                .toList();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private Job piece(byte[] content) {
        Job made = node.uploads.create(Owner.LOCAL, creation("", (long) content.length, Composition.piece("partial")));
        try (UploadSession session = node.open(made, Opening.RESUME)) {
            session.write(ByteBuffer.wrap(content));
            return session.finish();
        }
    }

    private static Creation creation(String name, Long size, Composition composition) {
        return new Creation(new FileRequest(name, size, "text/plain", null), null, null, composition, false);
    }

    private Job compose() {
        Composition composition = node.uploads.composition(
                Owner.LOCAL, "final;…", pieces.stream().map(Job::id).toList());
        return node.uploads.create(Owner.LOCAL, creation("whole.bin", composition.size(), composition));
    }

    private void isWhole(Job file) {
        node.becomes(file, JobState.COMPLETED);
        assertThat(node.stored(file)).isEqualTo(CONTENT);
        for (Job piece : pieces) {
            assertThat(node.now(piece).state()).isEqualTo(JobState.COMPLETED);
        }
        node.debtsArePaid();
        assertThat(node.held()).containsExactly("whole.bin");
    }

    /// What was used is as it was before.
    private void piecesWait() {
        await().untilAsserted(() -> {
            for (Job piece : pieces) {
                Job now = node.now(piece);
                assertThat(now.state()).isEqualTo(JobState.PENDING);
                assertThat(now.node()).isNull();
                assertThat(now.expires()).isNotNull();
                assertThat(now.bytes()).isEqualTo(100);
            }
            assertThat(node.visible()).isEmpty();
        });
    }

    @Test
    void aWholePieceIsNeverVisibleAndWaits() {
        piecesWait();
        assertThat(node.held()).hasSize(3);
        assertThat(node.uploads.finishIfWhole(node.now(pieces.getFirst())).state())
                .isEqualTo(JobState.PENDING);
        assertThat(node.uploads.rest(node.now(pieces.getFirst())).state()).isEqualTo(JobState.PENDING);
    }

    @Test
    void aPieceThatNobodyUsesExpires() {
        node.clock.advance(Duration.ofHours(25));
        for (Job piece : pieces) {
            node.becomes(piece, JobState.FAILED);
        }
        node.debtsArePaid();
        assertThat(node.held()).isEmpty();
        refuses(ErrorCode.GONE, this::compose);
    }

    @Test
    void piecesBecomeAFileAndAreFreed() {
        Job file = compose();
        isWhole(file);
        assertThat(node.events(file.id()))
                .containsExactly(EventType.CREATED, EventType.STARTED, EventType.STAGE, EventType.COMPLETED);
        assertThat(node.events(pieces.getFirst().id())).endsWith(EventType.COMPLETED);
        refuses(ErrorCode.GONE, this::compose);
        refuses(ErrorCode.GONE, () -> UploadFacts.of(node.now(pieces.getFirst())));
        assertThat(Uploads.leftover(node.now(pieces.getFirst()))).isNull();
    }

    @Test
    void aPieceMayBeUsedTwice() {
        Job piece = pieces.getFirst();
        Composition twice = node.uploads.composition(Owner.LOCAL, "final;…", List.of(piece.id(), piece.id()));
        Job file = node.uploads.create(Owner.LOCAL, creation("twice.bin", twice.size(), twice));
        node.becomes(file, JobState.COMPLETED);
        assertThat(node.stored(file)).hasSize(200);
        assertThat(Arrays.copyOf(node.stored(file), 100)).isEqualTo(Arrays.copyOfRange(node.stored(file), 100, 200));
    }

    @Test
    void noClientOpensAFileThatIsMadeOfPieces() {
        Job file = compose();
        refuses(ErrorCode.FORBIDDEN, () -> node.open(file, Opening.RESUME));
        refuses(ErrorCode.FORBIDDEN, () -> node.open(file, Opening.FRESH));
        isWhole(file);
    }

    @Test
    void whatIsNoPieceOrNotWholeIsRefused() {
        Job file = node.uploaded("a.txt", bytes(10));
        Job open = node.uploads.create(Owner.LOCAL, creation("", 10L, Composition.piece("partial")));
        for (JobId id : List.of(file.id(), new JobId("none"))) {
            refuses(ErrorCode.INVALID_REQUEST, () -> node.uploads.composition(Owner.LOCAL, "", List.of(id)));
        }
        refuses(
                ErrorCode.INVALID_REQUEST,
                () -> node.uploads.composition(
                        new Owner("somebody"), "", List.of(pieces.getFirst().id())));
        refuses(ErrorCode.CONFLICT, () -> node.uploads.composition(Owner.LOCAL, "", List.of(open.id())));
        node.engine.pause(pieces.getFirst().id());
        refuses(ErrorCode.CONFLICT, this::compose);
    }

    @Test
    void aFileOverTheLimitIsRefused() {
        Job large = piece(bytes(700_000));
        Composition twice = node.uploads.composition(Owner.LOCAL, "final;…", List.of(large.id(), large.id()));
        refuses(
                ErrorCode.TOO_LARGE,
                () -> node.uploads.create(Owner.LOCAL, creation("large.bin", twice.size(), twice)));
    }

    // ---- Crashes

    @Test
    void aCrashBeforeTheFirstByteRunsItAgain() {
        crashAt(TestingStorage.Point.BEGIN, 0);
    }

    @Test
    void aCrashInTheFirstPieceRunsItAgain() {
        crashAt(TestingStorage.Point.WRITE, 0);
    }

    @Test
    void aCrashBetweenPiecesGoesOnBehindTheFirst() {
        crashAt(TestingStorage.Point.WRITE, 1);
    }

    @Test
    void aCrashBeforeItIsVisibleCompletesIt() {
        crashAt(TestingStorage.Point.COMMIT, 0);
    }

    @Test
    void aCrashOnceItIsVisibleCompletesIt() {
        crashAt(TestingStorage.Point.COMMITTED, 0);
    }

    private void crashAt(TestingStorage.Point point, int passes) {
        TestingStorage.Gate gate = node.storage.hold(point, passes);
        Job file = compose();
        gate.awaitReached();
        long before = node.now(file).attempt();
        node.engine.halt();
        gate.open();
        node.crashAndRestart();
        isWhole(file);
        assertThat(node.now(file).attempt()).as("a crash is no attempt").isEqualTo((int) before);
    }

    @Test
    void aCrashAfterItsCompletionFreesThePieces() {
        Job file = compose();
        node.becomes(file, JobState.COMPLETED);
        node.crashAndRestart();
        isWhole(file);
    }

    // ---- Stops

    @Test
    void aCancelInTheMiddleLeavesThePieces() {
        TestingStorage.Gate gate = node.storage.hold(TestingStorage.Point.WRITE, 1);
        Job file = compose();
        gate.awaitReached();
        node.cancel(file);
        gate.open();
        node.becomes(file, JobState.CANCELLED);
        piecesWait();
        await().untilAsserted(() -> assertThat(node.held()).hasSize(3));
        isWhole(compose());
    }

    @Test
    void aCancelOnceItIsVisibleTakesItBack() {
        TestingStorage.Gate gate = node.storage.hold(TestingStorage.Point.COMMITTED);
        Job file = compose();
        gate.awaitReached();
        node.cancel(file);
        gate.open();
        piecesWait();
        isWhole(compose());
    }

    @Test
    void aPauseKeepsWhatThereIsAndItGoesOnWhenResumed() {
        TestingStorage.Gate gate = node.storage.hold(TestingStorage.Point.WRITE, 1);
        Job file = compose();
        gate.awaitReached();
        node.engine.pause(file.id());
        gate.open();
        await().untilAsserted(() -> assertThat(node.engine.holds(file.id())).isFalse());
        assertThat(node.now(file).state()).isEqualTo(JobState.PAUSED);
        node.engine.resume(file.id());
        isWhole(file);
    }

    @Test
    void aDrainLetsItWaitForAPlace() {
        TestingStorage.Gate gate = node.storage.hold(TestingStorage.Point.WRITE, 1);
        Job file = compose();
        gate.awaitReached();
        CompletableFuture<Boolean> drained = async(() -> {
            node.engine.drain(Duration.ofSeconds(10));
            return true;
        });
        await().untilAsserted(() -> assertThat(node.engine.holds(file.id())).isFalse());
        gate.open();
        get(drained);
        Job now = node.now(file);
        assertThat(now.state()).isEqualTo(JobState.PENDING);
        assertThat(now.waiting()).isEqualTo(Waiting.SLOT);
        assertThat(now.expires()).isNull();
        node.engine.close();
        node.crashAndRestart();
        isWhole(file);
    }

    // ---- Failures

    @Test
    void aRetryableFailureIsTriedAgain() {
        node.storage.fail(TestingStorage.Point.WRITE, new ProblemException(ErrorCode.UPSTREAM_UNAVAILABLE, "away"));
        Job file = compose();
        await().untilAsserted(() -> assertThat(node.now(file).attempt()).isGreaterThan(1));
        node.storage.heal();
        await().untilAsserted(() -> {
            node.clock.advance(Duration.ofMillis(50));
            assertThat(node.now(file).state()).isEqualTo(JobState.COMPLETED);
        });
        isWhole(file);
    }

    @Test
    void aFailureForGoodFailsItAndLeavesThePieces() {
        node.storage.fail(TestingStorage.Point.WRITE, new ProblemException(ErrorCode.DISK_FULL, "full"));
        Job file = compose();
        node.becomes(file, JobState.FAILED);
        node.storage.heal();
        piecesWait();
        node.uploads.retry(file.id());
        isWhole(file);
    }

    @Test
    void aBugInItFailsIt() {
        node.storage.fail(TestingStorage.Point.WRITE, new IllegalStateException("a bug"));
        Job file = compose();
        node.becomes(file, JobState.FAILED);
        node.storage.heal();
        piecesWait();
    }

    @Test
    void aPieceThatIsCancelledWhileItIsReadFailsIt() {
        TestingStorage.Gate gate = node.storage.hold(TestingStorage.Point.WRITE, 1);
        Job file = compose();
        gate.awaitReached();
        node.cancel(pieces.get(2));
        gate.open();
        node.becomes(file, JobState.FAILED);
        assertThat(node.now(file).error())
                .isNotNull()
                .satisfies(error -> assertThat(error.code()).isEqualTo(ErrorCode.SOURCE_CHANGED));
    }

    @Test
    void aBatchCancelStopsIt() {
        var batch = node.uploads.newBatch();
        TestingStorage.Gate gate = node.storage.hold(TestingStorage.Point.WRITE, 1);
        Composition composition = node.uploads.composition(
                Owner.LOCAL, "final;…", pieces.stream().map(Job::id).toList());
        Job file = node.uploads.create(
                Owner.LOCAL,
                new Creation(
                        new FileRequest("whole.bin", composition.size(), "text/plain", null),
                        null,
                        batch,
                        composition,
                        false));
        gate.awaitReached();
        node.engine.cancelBatch(batch, Engine.Asked.now(CancelSource.BATCH_CANCEL));
        gate.open();
        node.becomes(file, JobState.CANCELLED);
        piecesWait();
        Job late = node.uploads.create(
                Owner.LOCAL,
                new Creation(
                        new FileRequest("late.bin", composition.size(), "text/plain", null),
                        null,
                        batch,
                        composition,
                        false));
        assertThat(late.state()).as("born cancelled").isEqualTo(JobState.CANCELLED);
    }

    @Test
    void whoReadsAPieceIsNotDisturbedByQuestionsAboutIt() {
        TestingStorage.Gate gate = node.storage.hold(TestingStorage.Point.WRITE, 1);
        Job file = compose();
        gate.awaitReached();
        for (Job piece : pieces) {
            assertThat(node.uploads.rest(node.now(piece)).bytes()).isEqualTo(100);
        }
        gate.open();
        isWhole(file);
        assertThat(node.now(file).attempt()).isEqualTo(1);
    }

    @Test
    void aPieceThatIsPausedBeforeItsTurnIsTriedAgain() {
        TestingStorage.Gate gate = node.storage.hold(TestingStorage.Point.WRITE, 0);
        Job file = compose();
        gate.awaitReached();
        node.engine.pause(pieces.get(1).id());
        gate.open();
        await().untilAsserted(() -> assertThat(node.now(file).attempt()).isGreaterThan(1));
        node.engine.resume(pieces.get(1).id());
        await().untilAsserted(() -> {
            node.clock.advance(Duration.ofMillis(50));
            assertThat(node.now(file).state()).isEqualTo(JobState.COMPLETED);
        });
        isWhole(file);
    }
}
