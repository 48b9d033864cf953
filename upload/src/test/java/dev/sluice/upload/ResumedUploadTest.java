package dev.sluice.upload;

import static dev.sluice.upload.TestingNode.buffer;
import static dev.sluice.upload.TestingNode.bytes;
import static dev.sluice.upload.TestingNode.crc;
import static dev.sluice.upload.TestingNode.refuses;
import static dev.sluice.upload.TestingNode.stops;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.StopReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Uploads that are taken up again, after a client that left and after a crash.
@Timeout(60)
class ResumedUploadTest {
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

    /// An upload of `content` whose server has died; 300 bytes of it are known to be kept, and of 200 more, which
    /// were on their way to the storage, it is found out later.
    private Job crashedWithBytesOnTheirWay(byte[] content) throws IOException {
        Job job = node.announce("a.bin", content.length);
        try (UploadSession session = node.open(job, Opening.RESUME)) {
            session.write(ByteBuffer.wrap(content, 0, 300));
        }
        node.crashAndRestart();
        assertThat(node.now(job).bytes()).isEqualTo(300);
        Path part = node.files.resolve(node.held().getFirst());
        Files.write(part, Arrays.copyOfRange(content, 300, 500), StandardOpenOption.APPEND);
        return job;
    }

    @Test
    void whatTheStorageTurnsOutToHaveIsPassedOverWhereItIsSentAgain() throws IOException {
        byte[] content = bytes(1000);
        Job job = crashedWithBytesOnTheirWay(content);
        try (UploadSession session = node.open(job, Opening.RESUME)) {
            assertThat(session.offset()).isEqualTo(500);
            refuses(ErrorCode.OFFSET_MISMATCH, () -> session.from(299));
            session.from(300);
            assertThat(session.offset()).isEqualTo(300);
            session.write(ByteBuffer.wrap(content, 300, 150));
            assertThat(session.offset()).isEqualTo(450);
            refuses(ErrorCode.OFFSET_MISMATCH, () -> session.from(300));
            session.write(ByteBuffer.wrap(content, 450, 550));
            session.finish();
        }
        assertThat(UploadFacts.of(node.now(job)).crc()).isEqualTo(crc(content));
        assertThat(node.stored(job)).isEqualTo(content);
        assertThat(node.now(job).bytes()).isEqualTo(1000);
    }

    @Test
    void nobodyGoesBackBehindWhatHasBeenSent() {
        Job job = node.announce("a.bin", 100);
        try (UploadSession session = node.open(job, Opening.RESUME)) {
            session.from(0);
            session.write(buffer(60));
            refuses(ErrorCode.OFFSET_MISMATCH, () -> session.from(0));
            assertThat(session.offset()).isEqualTo(60);
        }
        try (UploadSession session = node.open(job, Opening.RESUME)) {
            refuses(ErrorCode.OFFSET_MISMATCH, () -> session.from(0));
            session.from(60);
            session.write(buffer(20));
            refuses(ErrorCode.OFFSET_MISMATCH, () -> session.from(60));
            session.from(80);
        }
    }

    @Test
    void whoSendsWithoutSayingFromWhereIsNotTakenBackEither() throws IOException {
        byte[] content = bytes(1000);
        Job job = crashedWithBytesOnTheirWay(content);
        try (UploadSession session = node.open(job, Opening.RESUME)) {
            session.write(ByteBuffer.wrap(content, 500, 100));
            refuses(ErrorCode.OFFSET_MISMATCH, () -> session.from(400));
            refuses(ErrorCode.OFFSET_MISMATCH, () -> session.from(300));
            assertThat(session.offset()).isEqualTo(600);
        }
    }

    @Test
    void whoLeavesWhileBytesArePassedOverIsToldOfAllOfThemNextTime() throws IOException {
        byte[] content = bytes(1000);
        Job job = crashedWithBytesOnTheirWay(content);
        try (UploadSession session = node.open(job, Opening.RESUME)) {
            session.from(300);
            session.write(ByteBuffer.wrap(content, 300, 100));
        }
        assertThat(node.now(job).bytes()).isEqualTo(500);
        try (UploadSession session = node.open(job, Opening.RESUME)) {
            session.from(500);
            session.write(ByteBuffer.wrap(content, 500, 500));
            session.finish();
        }
        assertThat(node.stored(job)).isEqualTo(content);
    }

    @Test
    void aResumedUploadIsVerifiedAsAWholeAlthoughItsCheckpointIsBehindWhatIsStored() {
        byte[] content = bytes(100_000);
        Job job = node.announce("a.bin", content.length);
        try (UploadSession session = node.open(job, Opening.RESUME)) {
            session.write(ByteBuffer.wrap(content, 0, 30_000));
        }
        UploadSession lost = node.open(job, Opening.RESUME);
        lost.write(ByteBuffer.wrap(content, 30_000, 40_000));
        node.crashAndRestart();
        assertThat(node.now(job).bytes()).as("what the storage has kept").isEqualTo(70_000);
        assertThat(node.now(job).state()).isEqualTo(JobState.PENDING);
        assertThat(node.now(job).attempt()).as("a crash is no attempt").isEqualTo(1);
        try (UploadSession session = node.open(job, Opening.RESUME)) {
            assertThat(session.offset()).isEqualTo(70_000);
            session.write(ByteBuffer.wrap(content, 70_000, 30_000));
            session.finish();
        }
        lost.close();
        assertThat(UploadFacts.of(node.now(job)).crc()).isEqualTo(crc(content));
        assertThat(node.stored(job)).isEqualTo(content);
    }

    @Test
    void aFreshOpeningMakesWhatWasStoredADebtThatIsPaid() {
        byte[] content = bytes(100);
        Job job = node.announce("a.bin", 100);
        try (UploadSession session = node.open(job, Opening.FRESH)) {
            session.write(ByteBuffer.wrap(new byte[70]));
        }
        List<String> before = node.held();
        try (UploadSession session = node.open(job, Opening.FRESH)) {
            assertThat(session.offset()).isZero();
            await().untilAsserted(() -> assertThat(node.held()).hasSize(1).doesNotContainAnyElementsOf(before));
            session.write(ByteBuffer.wrap(content));
            session.finish();
        }
        assertThat(node.stored(job)).isEqualTo(content);
        node.debtsArePaid();
        assertThat(node.held()).containsExactly("a.bin");
    }

    @Test
    void whatACrashInTheCommitLeftVisibleIsTakenBackBeforeTheNextClientBegins() {
        Job job = node.announce("a.bin", 100);
        UploadSession session = node.open(job, Opening.RESUME);
        session.write(buffer(100));
        TestingStorage.Gate gate = node.storage.hold(TestingStorage.Point.COMMITTED);
        var finishing = TestingNode.async(session::finish);
        gate.awaitReached();
        assertThat(node.visible()).containsExactly("a.bin");
        node.crashAndRestart();
        await().untilAsserted(() -> assertThat(node.visible()).isEmpty());
        gate.open();
        stops(StopReason.FENCED, () -> TestingNode.get(finishing));
        session.close();
        try (UploadSession again = node.open(job, Opening.RESUME)) {
            assertThat(again.offset()).isEqualTo(100);
            again.finish();
        }
        assertThat(node.stored(job)).isEqualTo(bytes(100));
        node.debtsArePaid();
    }

    /// A file of 100 bytes whose server dies once it is visible, before its job is completed.
    private Job crashedInTheCommit() {
        node.storage.useUpOnCommit();
        Job job = node.announce("a.bin", 100);
        UploadSession session = node.open(job, Opening.RESUME);
        session.write(buffer(100));
        TestingStorage.Gate gate = node.storage.hold(TestingStorage.Point.COMMITTED);
        var finishing = TestingNode.async(session::finish);
        gate.awaitReached();
        node.crashAndRestart();
        gate.open();
        stops(StopReason.FENCED, () -> TestingNode.get(finishing));
        session.close();
        return job;
    }

    @Test
    void whatACrashInTheCommitLeftVisibleIsCompletedByTheNextClientWhereThereIsNoWayBack() {
        Job job = crashedInTheCommit();
        try (UploadSession again = node.open(job, Opening.RESUME)) {
            assertThat(again.offset()).isEqualTo(100);
            assertThat(node.visible()).containsExactly("a.bin");
            again.finish();
        }
        assertThat(UploadFacts.of(node.now(job)).crc()).isEqualTo(crc(bytes(100)));
        assertThat(node.stored(job)).isEqualTo(bytes(100));
        node.debtsArePaid();
        assertThat(node.held()).containsExactly("a.bin");
    }

    @Test
    void whatACrashInTheCommitLeftVisibleGoesWithACancelWhereThereIsNoWayBack() {
        Job job = crashedInTheCommit();
        node.cancel(job);
        node.debtsArePaid();
        assertThat(node.held()).isEmpty();
    }

    @Test
    void whatACrashInTheCommitLeftVisibleGoesWhereTheClientBeginsAnew() {
        Job job = crashedInTheCommit();
        byte[] other = new byte[100];
        try (UploadSession again = node.open(job, Opening.FRESH)) {
            assertThat(again.offset()).isZero();
            await().untilAsserted(() -> assertThat(node.visible()).isEmpty());
            again.write(ByteBuffer.wrap(other));
            again.finish();
        }
        assertThat(node.stored(job)).isEqualTo(other);
        node.debtsArePaid();
        assertThat(node.held()).containsExactly("a.bin");
    }
}
