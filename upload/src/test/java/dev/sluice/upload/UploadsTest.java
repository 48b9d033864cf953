package dev.sluice.upload;

import static dev.sluice.upload.TestingNode.async;
import static dev.sluice.upload.TestingNode.buffer;
import static dev.sluice.upload.TestingNode.bytes;
import static dev.sluice.upload.TestingNode.crc;
import static dev.sluice.upload.TestingNode.get;
import static dev.sluice.upload.TestingNode.refuses;
import static dev.sluice.upload.TestingNode.stops;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Change;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.EventType;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Owner;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.Stopped;
import dev.sluice.core.Waiting;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class UploadsTest {
    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init")
    TestingNode node;

    @BeforeEach
    void start() {
        node = new TestingNode(folder);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void whatWasSentIsStoredUnderItsName() {
        Job job = node.uploaded("report.bin", bytes(1000));
        assertThat(job.state()).isEqualTo(JobState.COMPLETED);
        assertThat(node.stored(job)).isEqualTo(bytes(1000));
        assertThat(UploadFacts.of(job).crc()).isEqualTo(crc(bytes(1000)));
        assertThat(node.held()).containsExactly("report.bin");
        node.debtsArePaid();
        assertThat(node.events(job.id()))
                .containsExactly(EventType.CREATED, EventType.STARTED, EventType.STAGE, EventType.COMPLETED);
    }

    @Test
    void anEmptyFileIsStored() {
        Job job = node.announce("empty.bin", 0);
        try (UploadSession session = node.open(job, Opening.FRESH)) {
            assertThat(session.whole()).isTrue();
            session.finish();
        }
        assertThat(node.stored(job)).isEmpty();
    }

    @Test
    void aFileWhoseRequestWasToBringItWaitsForItsClientOnceItIsTriedAgain() {
        Job job = node.uploads.announce(Owner.LOCAL, new FileRequest("a.bin", null, "text/plain", null));
        try (UploadSession session = node.open(job, Opening.ONCE)) {
            session.write(buffer(3));
            session.fail(new Problem(ErrorCode.SIZE_MISMATCH, "the request ended before the file did"));
        }
        Job again = node.uploads.retry(job.id());
        Duration patience = node.uploads.settings().patience();
        assertThat(Duration.ofMillis(again.patienceMillis())).isEqualTo(patience);
        assertThat(again.expires()).isAfter(node.clock.instant().plus(patience).minus(Duration.ofMinutes(1)));
        try (UploadSession session = node.open(job, Opening.FRESH_RESUMABLE)) {
            session.write(buffer(10));
            session.finish();
        }
        assertThat(node.stored(job)).isEqualTo(bytes(10));
    }

    @Test
    void twoFilesOfOneNameStandBesideEachOther() {
        node.uploaded("a.txt", bytes(10));
        Job second = node.uploaded("a.txt", bytes(20));
        assertThat(node.visible()).hasSize(2).contains("a.txt");
        assertThat(node.stored(second)).isEqualTo(bytes(20));
    }

    @Test
    void moreBytesThanAnnouncedFailTheUploadAndNothingIsLeft() {
        Job job = node.announce("a.bin", 10);
        try (UploadSession session = node.open(job, Opening.FRESH)) {
            session.write(buffer(6));
            refuses(ErrorCode.SIZE_MISMATCH, () -> session.write(buffer(6)));
        }
        failed(job, ErrorCode.SIZE_MISMATCH);
    }

    @Test
    void bytesAfterTheLastOneFailACommitThatIsUnderWay() {
        Job job = node.announce("a.bin", 10);
        try (UploadSession session = node.open(job, Opening.FRESH)) {
            session.write(buffer(10));
            session.overrun();
            refuses(ErrorCode.SIZE_MISMATCH, session::finish);
        }
        failed(job, ErrorCode.SIZE_MISMATCH);
    }

    @Test
    void fewerBytesThanAnnouncedAreNoFile() {
        Job job = node.announce("a.bin", 10);
        try (UploadSession session = node.open(job, Opening.FRESH)) {
            session.write(buffer(9));
            refuses(ErrorCode.SIZE_MISMATCH, session::finish);
        }
        failed(job, ErrorCode.SIZE_MISMATCH);
    }

    @Test
    void anUnavailableStorageIsTriedFiveTimesWithWaitsInBetween() {
        node.storage.fail(
                TestingStorage.Point.WRITE,
                new ProblemException(ErrorCode.UPSTREAM_UNAVAILABLE, "the storage does not answer"));
        Job job = node.announce("a.bin", 10);
        for (int attempt = 1; attempt <= 5; attempt++) {
            assertThat(node.now(job).attempt()).isEqualTo(attempt);
            try (UploadSession session = node.open(job, Opening.RESUME)) {
                refuses(ErrorCode.UPSTREAM_UNAVAILABLE, () -> session.write(buffer(10)));
            }
            Job now = node.now(job);
            if (attempt < 5) {
                assertThat(now.state()).isEqualTo(JobState.PENDING);
                assertThat(now.waiting()).isEqualTo(Waiting.RETRY);
                assertThat(now.notBefore()).isNotNull().isAfter(now.created());
                assertThat(now.error()).isNotNull();
            }
        }
        failed(job, ErrorCode.UPSTREAM_UNAVAILABLE);
        assertThat(node.events(job.id()).stream().filter(EventType.RETRYING::equals))
                .hasSize(4);

        node.storage.heal();
        Job again = node.uploads.retry(job.id());
        assertThat(again.state()).isEqualTo(JobState.PENDING);
        assertThat(again.attempt()).isEqualTo(1);
        assertThat(again.error()).isNull();
        try (UploadSession session = node.open(job, Opening.RESUME)) {
            assertThat(session.offset()).isZero();
            session.write(buffer(10));
            session.finish();
        }
        assertThat(node.stored(job)).isEqualTo(bytes(10));
    }

    @Test
    void aSessionWhoseAttemptFailedRunsTheJobNoMore() {
        Job job = node.announce("a.bin", 10);
        try (UploadSession session = node.open(job, Opening.RESUME)) {
            session.write(buffer(4));
            session.fail(new Problem(ErrorCode.UPSTREAM_UNAVAILABLE, "the storage does not answer"));
            stops(StopReason.FENCED, () -> session.write(buffer(6)));
        }
        assertThat(node.now(job).state()).isEqualTo(JobState.PENDING);
        assertThat(node.now(job).waiting()).isEqualTo(Waiting.RETRY);
    }

    @Test
    void aSessionWhoseBytesCannotBeKeptIsLetGoOf() {
        Job job = node.announce("a.bin", 10);
        UploadSession session = node.open(job, Opening.RESUME);
        session.write(buffer(4));
        node.storage.fail(
                TestingStorage.Point.KEEP, new ProblemException(ErrorCode.UPSTREAM_REFUSED, "the bucket is gone"));
        refuses(ErrorCode.UPSTREAM_REFUSED, () -> node.uploads.keep(session));
        node.storage.heal();
        try (UploadSession next = node.open(job, Opening.RESUME)) {
            assertThat(next.offset()).isEqualTo(4);
        }
    }

    @Test
    void whatAStopKeptFromBeingKeptIsNotAcknowledged() {
        Job job = node.announce("a.bin", 10);
        UploadSession session = node.open(job, Opening.RESUME);
        session.write(buffer(4));
        node.storage.keepNothing();
        TestingStorage.Gate gate = node.storage.hold(TestingStorage.Point.KEEP);
        var kept = async(() -> Optional.ofNullable(node.uploads.keep(session)));
        gate.awaitReached();
        node.engine.pause(job.id());
        gate.open();
        stops(StopReason.PAUSED, () -> get(kept));
        node.engine.awaitStopped(job.id());
    }

    @Test
    void aWaitBetweenAttemptsEndsWithACancel() {
        Job job = node.announce("a.bin", 10);
        node.storage.fail(TestingStorage.Point.WRITE, new ProblemException(ErrorCode.UPSTREAM_THROTTLED, "slow down"));
        try (UploadSession session = node.open(job, Opening.RESUME)) {
            refuses(ErrorCode.UPSTREAM_THROTTLED, () -> session.write(buffer(10)));
        }
        node.cancel(job);
        refuses(ErrorCode.GONE, () -> node.open(job, Opening.RESUME));
        node.nothingIsLeftOf(job);
    }

    @Test
    void aFullDiskFailsTheUploadAndNothingIsLeft() {
        Job job = node.announce("a.bin", 100);
        try (UploadSession session = node.open(job, Opening.FRESH_RESUMABLE)) {
            session.write(buffer(40));
            fillTheDisk();
            refuses(ErrorCode.DISK_FULL, () -> session.write(buffer(40)));
        }
        failed(job, ErrorCode.DISK_FULL);
    }

    @Test
    void aFullDiskTakesNothingFromAClientThatWasToldWhatIsKept() {
        byte[] content = bytes(100);
        Job job = node.announce("a.bin", 100);
        try (UploadSession session = node.open(job, Opening.RESUME)) {
            session.write(ByteBuffer.wrap(content, 0, 40));
            fillTheDisk();
            refuses(ErrorCode.DISK_FULL, () -> session.write(ByteBuffer.wrap(content, 40, 60)));
        }
        assertThat(node.now(job).state()).isEqualTo(JobState.PENDING);
        assertThat(node.now(job).waiting()).isEqualTo(Waiting.CLIENT);
        assertThat(node.now(job).attempt()).isEqualTo(1);
        assertThat(node.now(job).error())
                .as("it says why it waits")
                .isNotNull()
                .extracting(Problem::code)
                .isEqualTo(ErrorCode.DISK_FULL);
        node.storage.heal();
        try (UploadSession session = node.open(job, Opening.RESUME)) {
            assertThat(session.offset()).isEqualTo(40);
            session.write(ByteBuffer.wrap(content, 40, 60));
            assertThat(node.now(job).error()).as("it runs again").isNull();
            session.finish();
        }
        assertThat(node.stored(job)).isEqualTo(content);
    }

    @Test
    void anUploadOfWhichTheStorageTakesNothingHasFailed() {
        Job job = node.announce("a.bin", 100);
        node.storage.fail(
                TestingStorage.Point.WRITE, new ProblemException(ErrorCode.UPSTREAM_REFUSED, "403 AccessDenied"));
        try (UploadSession session = node.open(job, Opening.RESUME)) {
            refuses(ErrorCode.UPSTREAM_REFUSED, () -> session.write(buffer(40)));
        }
        failed(job, ErrorCode.UPSTREAM_REFUSED);
    }

    private void fillTheDisk() {
        node.storage.fail(
                TestingStorage.Point.WRITE,
                new ProblemException(
                        new Problem(ErrorCode.DISK_FULL, "60 bytes are missing", Map.of("missing_bytes", 60)), null));
    }

    @Test
    void ofTwoThatComeAtOnceOneWins() {
        for (int round = 0; round < 30; round++) {
            Job job = node.announce("a" + round + ".bin", 10);
            var together = new CyclicBarrier(2);
            CompletableFuture<Boolean> one = async(() -> sends(job, together));
            CompletableFuture<Boolean> other = async(() -> sends(job, together));
            assertThat(List.of(get(one), get(other))).as("round %d", round).contains(true);
            assertThat(node.now(job).state()).isEqualTo(JobState.COMPLETED);
        }
    }

    private boolean sends(Job job, CyclicBarrier together) {
        try {
            together.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
        try (UploadSession session = node.open(job, Opening.FRESH_RESUMABLE)) {
            session.write(buffer(10));
            session.finish();
            return true;
        } catch (Stopped | ProblemException e) {
            return false;
        }
    }

    @Test
    void aFileOfACancelledBatchIsNotTriedAgain() {
        List<Job> jobs = node.uploads
                .initiate(Owner.LOCAL, List.of(request("a.txt"), request("b.txt")), true, null)
                .files();
        Job failed = jobs.getFirst();
        try (UploadSession session = node.open(failed, Opening.FRESH)) {
            refuses(ErrorCode.SIZE_MISMATCH, session::finish);
        }
        node.engine.cancelBatch(Objects.requireNonNull(failed.batch()), Engine.Asked.now(CancelSource.BATCH_CANCEL));
        refuses(ErrorCode.CONFLICT, () -> node.uploads.retry(failed.id()));
        assertThat(node.engine
                        .jobs()
                        .change(Change.of(failed.id(), node.clock.instant(), JobState.FAILED)
                                .to(JobState.PENDING)
                                .unlessBatchCancelled()))
                .as("nor where the cancel came in between")
                .isEmpty();
    }

    @Test
    void anUploadWhoseClientCannotResumeFailsSoonAfterItIsLost() {
        Job job = node.announce("a.bin", 100);
        try (UploadSession session = node.open(job, Opening.FRESH)) {
            session.write(buffer(40));
        }
        assertThat(node.now(job).state()).isEqualTo(JobState.PENDING);
        node.clock.advance(Duration.ofSeconds(59).minus(Duration.ofSeconds(10)));
        assertThat(node.now(job).state()).isEqualTo(JobState.PENDING);
        node.clock.advance(Duration.ofSeconds(12));
        node.becomes(job, JobState.FAILED);
        failed(job, ErrorCode.EXPIRED);
    }

    @Test
    void anUploadWhoseClientCanResumeWaitsForADay() {
        Job job = node.announce("a.bin", 100);
        try (UploadSession session = node.open(job, Opening.RESUME)) {
            session.write(buffer(40));
        }
        Job waiting = node.now(job);
        assertThat(waiting.expires()).isNotNull().isAfter(node.clock.instant().plus(Duration.ofHours(23)));
        node.clock.advance(Duration.ofHours(25));
        node.becomes(job, JobState.FAILED);
        failed(job, ErrorCode.EXPIRED);
    }

    @Test
    void anUploadThatNobodyEverBeginsExpires() {
        Job job = node.announce("a.bin", 100);
        node.clock.advance(Duration.ofHours(25));
        node.becomes(job, JobState.FAILED);
        failed(job, ErrorCode.EXPIRED);
    }

    @Test
    void aFileWhoseRequestDiedBeforeItOpenedItFailsWithItsBatchAtTheNextStart() {
        var file = new FileRequest("a.txt", 4L, "text/plain", null);
        BatchId batch = node.uploads.newBatch();
        Job job = node.uploads.join(Owner.LOCAL, file, batch, true);

        node.crashAndRestart();

        node.becomes(job, JobState.FAILED);
        failed(job, ErrorCode.EXPIRED);
        await().untilAsserted(() -> assertThat(node.engine.jobs().batch(batch))
                .hasValueSatisfying(now -> assertThat(now.state()).isEqualTo(Batch.State.FAILED)));
    }

    @Test
    void aPausedUploadExpires() {
        Job job = node.announce("a.bin", 100);
        try (UploadSession session = node.open(job, Opening.RESUME)) {
            session.write(buffer(40));
            node.engine.pause(job.id());
        }
        node.clock.advance(Duration.ofHours(25));
        node.becomes(job, JobState.FAILED);
        failed(job, ErrorCode.EXPIRED);
    }

    @Test
    void theSameSubmissionUnderOneKeyIsMadeOnce() {
        List<FileRequest> files = List.of(request("a.bin"), request("b.bin"));
        Uploads.Initiated first = node.uploads.initiate(Owner.LOCAL, files, true, "key-1");
        Uploads.Initiated second = node.uploads.initiate(Owner.LOCAL, files, true, "key-1");
        assertThat(second.batch()).isEqualTo(first.batch());
        assertThat(second.files())
                .extracting(Job::id)
                .isEqualTo(first.files().stream().map(Job::id).toList());
        refuses(ErrorCode.CONFLICT, () -> node.uploads.initiate(Owner.LOCAL, List.of(request("c.bin")), true, "key-1"));
        assertThat(node.uploads.initiate(Owner.LOCAL, files, true, "key-2").batch())
                .isNotEqualTo(first.batch());
    }

    @Test
    void theCancelOfABatchStopsEachFileAndWhoeverJoinsLater() {
        var batch = node.uploads.newBatch();
        Job first = node.uploads.join(Owner.LOCAL, request("a.bin"), batch, true);
        Job second = node.uploads.join(Owner.LOCAL, request("b.bin"), batch, false);
        try (UploadSession done = node.open(second, Opening.ONCE)) {
            done.write(buffer(10));
            done.finish();
        }
        UploadSession session = node.open(first, Opening.ONCE);
        session.write(buffer(5));
        Engine.BatchCancelled cancelled = node.engine.cancelBatch(batch, Engine.Asked.now(CancelSource.BATCH_CANCEL));
        assertThat(cancelled.alreadyEnded()).isEqualTo(1);
        assertThat(cancelled.stopped()).isTrue();
        assertThat(cancelled.receipts()).singleElement().satisfies(receipt -> {
            assertThat(receipt.id()).isEqualTo(first.id());
            assertThat(receipt.bytesKept()).isEqualTo(5);
            assertThat(receipt.by()).isEqualTo(CancelSource.BATCH_CANCEL);
        });
        stops(StopReason.CANCELLED, () -> session.write(buffer(5)));
        session.close();
        Job late = node.uploads.join(Owner.LOCAL, request("late.bin"), batch, false);
        assertThat(late.state()).isEqualTo(JobState.CANCELLED);
        assertThat(late.cancelledBy()).isEqualTo(CancelSource.BATCH_CANCEL);
        refuses(ErrorCode.GONE, () -> node.open(late, Opening.ONCE));
        node.debtsArePaid();
        assertThat(node.held()).containsExactly("b.bin");
        assertThat(node.engine.jobs().batch(batch).orElseThrow().state()).isEqualTo(Batch.State.CANCELLED);
    }

    @Test
    void nobodyJoinsASealedBatch() {
        var batch = node.uploads.newBatch();
        node.uploads.join(Owner.LOCAL, request("a.bin"), batch, true);
        node.uploads.seal(batch);
        refuses(ErrorCode.CONFLICT, () -> node.uploads.join(Owner.LOCAL, request("b.bin"), batch, false));
    }

    @Test
    void whatMayNotBeUploadedIsRefusedBeforeAnythingIsMade() {
        var good = new FileRequest("a.bin", 1L, "text/plain", null);
        var blocked = new FileRequest("a.exe", 1L, "text/plain", null);
        refuses(ErrorCode.INVALID_REQUEST, () -> node.uploads.initiate(Owner.LOCAL, List.of(), true, null));
        refuses(ErrorCode.TYPE_BLOCKED, () -> node.uploads.initiate(Owner.LOCAL, List.of(good, blocked), true, null));
        refuses(ErrorCode.TYPE_BLOCKED, () -> node.uploads.announce(Owner.LOCAL, blocked));
        refuses(
                ErrorCode.TYPE_BLOCKED,
                () -> node.uploads.create(Owner.LOCAL, new Creation(blocked, null, null, null, false)));
        assertThat(node.state.events().position()).isZero();
        assertThat(node.held()).isEmpty();
    }

    @Test
    void aFileOfUnknownSizeIsBoundedByTheLargestOne() {
        Job job = node.uploads.announce(Owner.LOCAL, new FileRequest("a.bin", null, "text/plain", null));
        try (UploadSession session = node.open(job, Opening.ONCE)) {
            session.write(buffer(1 << 20));
            refuses(ErrorCode.TOO_LARGE, () -> session.write(buffer(1)));
        }
        failed(job, ErrorCode.TOO_LARGE);
    }

    @Test
    void theContentOfAnUploadThatHasNotCompletedIsAConflict() {
        Job job = node.announce("a.bin", 10);
        var refused = refuses(ErrorCode.CONFLICT, () -> UploadFacts.of(job));
        assertThat(refused.problem().details()).containsEntry("state", "pending");
    }

    @Test
    void whatAJobThatIsRemovedWithItsContentLeavesIsTakenAway() {
        Job job = node.uploaded("a.bin", bytes(10));
        node.engine.remove(job.id(), Uploads.leftover(job));
        assertThat(node.held()).isEmpty();
        refuses(ErrorCode.NOT_FOUND, () -> node.stored(job));
    }

    private static FileRequest request(String name) {
        return new FileRequest(name, 10L, "text/plain", null);
    }

    private void failed(Job job, ErrorCode code) {
        Job now = node.now(job);
        assertThat(now.state()).isEqualTo(JobState.FAILED);
        assertThat(Optional.ofNullable(now.error()).map(Problem::code)).contains(code);
        node.nothingIsLeftOf(job);
    }
}
