package dev.sluice.upload;

import static dev.sluice.upload.TestingNode.async;
import static dev.sluice.upload.TestingNode.buffer;
import static dev.sluice.upload.TestingNode.bytes;
import static dev.sluice.upload.TestingNode.get;
import static dev.sluice.upload.TestingNode.refuses;
import static dev.sluice.upload.TestingNode.stops;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.CancelReceipt;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.EventType;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.StopReason;
import dev.sluice.core.Waiting;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every reason to stop, in every phase of an upload.
@Timeout(60)
class UploadStopTest {
    private static final int SIZE = 100;

    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init")
    TestingNode node;

    @SuppressWarnings("NullAway.Init")
    Job job;

    @BeforeEach
    void start() {
        node = new TestingNode(folder);
        job = node.announce("a.bin", SIZE);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Nested
    class Cancelled {
        @Test
        void beforeItsStart() {
            CancelReceipt receipt = cancelled(0, CancelReceipt.Cleanup.DONE);
            assertThat(receipt.lastByteMillis()).isNull();
            refuses(ErrorCode.GONE, () -> node.open(job, Opening.FRESH));
            refuses(ErrorCode.GONE, () -> node.open(job, Opening.RESUME));
            node.nothingIsLeftOf(job);
        }

        @Test
        void whileItsSessionIsBegunInTheStorage() {
            TestingStorage.Gate gate = node.storage.hold(TestingStorage.Point.BEGIN);
            CompletableFuture<UploadSession> opening = async(() -> node.open(job, Opening.FRESH));
            gate.awaitReached();
            cancelled(0, CancelReceipt.Cleanup.OWED);
            gate.open();
            stops(StopReason.CANCELLED, () -> get(opening));
            node.nothingIsLeftOf(job);
        }

        @Test
        void betweenConnectingAndTheFirstByte() {
            try (UploadSession session = node.open(job, Opening.FRESH)) {
                cancelled(0, CancelReceipt.Cleanup.OWED);
                stops(StopReason.CANCELLED, () -> session.write(buffer(10)));
            }
            node.nothingIsLeftOf(job);
        }

        @Test
        void whileTheFirstByteIsHandedOn() {
            try (UploadSession session = node.open(job, Opening.FRESH)) {
                TestingStorage.Gate gate = node.storage.hold(TestingStorage.Point.WRITE);
                CompletableFuture<Void> writing = writing(session, 10);
                gate.awaitReached();
                CancelReceipt receipt = cancelled(0, CancelReceipt.Cleanup.OWED);
                assertThat(receipt.lastByteMillis())
                        .as("one is just being handed on")
                        .isNull();
                gate.open();
                stops(StopReason.CANCELLED, () -> get(writing));
            }
            node.nothingIsLeftOf(job);
        }

        @Test
        void inTheMiddle() {
            try (UploadSession session = node.open(job, Opening.FRESH)) {
                session.write(buffer(40));
                CancelReceipt receipt = cancelled(40, CancelReceipt.Cleanup.OWED);
                assertThat(receipt.lastByteMillis()).isNotNull();
                stops(StopReason.CANCELLED, () -> session.write(buffer(10)));
                stops(StopReason.CANCELLED, () -> session.write(buffer(10)));
                assertThat(session.offset()).isEqualTo(40);
            }
            node.nothingIsLeftOf(job);
            await().untilAsserted(
                            () -> assertThat(node.events(job.id())).endsWith(EventType.CANCELLED, EventType.CLEANED));
        }

        @Test
        void whileItIsAboutToBecomeVisible() {
            cancelledAt(TestingStorage.Point.COMMIT);
        }

        @Test
        void whileItIsVisibleAndNotYetCompleted() {
            cancelledAt(TestingStorage.Point.COMMITTED);
        }

        private void cancelledAt(TestingStorage.Point point) {
            try (UploadSession session = node.open(job, Opening.FRESH)) {
                TestingStorage.Gate gate = node.storage.hold(point);
                session.write(buffer(SIZE));
                CompletableFuture<Job> finishing = async(session::finish);
                gate.awaitReached();
                cancelled(SIZE, CancelReceipt.Cleanup.OWED);
                gate.open();
                stops(StopReason.CANCELLED, () -> get(finishing));
            }
            node.nothingIsLeftOf(job);
        }

        @Test
        void afterItsEnd() {
            Job done = node.uploaded("done.bin", bytes(5));
            var refused = refuses(ErrorCode.NOT_CANCELLABLE, () -> node.cancel(done));
            assertThat(refused.problem().details()).containsEntry("state", "completed");
            assertThat(node.now(done).state()).isEqualTo(JobState.COMPLETED);
            assertThat(node.visible()).containsExactly("done.bin");
        }

        @Test
        void twice() {
            try (UploadSession session = node.open(job, Opening.FRESH)) {
                session.write(buffer(40));
                Engine.Cancelled first = node.cancel(job);
                Engine.Cancelled second = engineCancel(CancelSource.CLI);
                assertThat(first.again()).isFalse();
                assertThat(second.again()).isTrue();
                assertThat(second.receipt()).isEqualTo(first.receipt());
            }
            node.nothingIsLeftOf(job);
            assertThat(engineCancel(CancelSource.ADMIN).receipt().by()).isEqualTo(CancelSource.HTTP_ENDPOINT);
        }

        @Test
        void whilePaused() {
            try (UploadSession session = node.open(job, Opening.FRESH)) {
                session.write(buffer(40));
                node.engine.pause(job.id());
            }
            cancelled(40, CancelReceipt.Cleanup.OWED);
            node.nothingIsLeftOf(job);
        }

        @Test
        void aCloserThatHangsDoesNotDelayTheAnswer() {
            var hang = new CountDownLatch(1);
            try (UploadSession session = node.open(job, Opening.FRESH)) {
                session.stop().onStopSlowly(why -> awaitQuietly(hang));
                session.write(buffer(40));
                long began = System.nanoTime();
                cancelled(40, CancelReceipt.Cleanup.OWED);
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
            } finally {
                hang.countDown();
            }
            node.nothingIsLeftOf(job);
        }

        @Test
        void aStorageThatHangsInAWriteDoesNotDelayTheAnswerAndIsCleanedUpOnceItReturns() {
            try (UploadSession session = node.open(job, Opening.FRESH)) {
                session.write(buffer(10));
                TestingStorage.Gate gate = node.storage.hold(TestingStorage.Point.WRITE);
                CompletableFuture<Void> writing = writing(session, 10);
                gate.awaitReached();
                cancelled(10, CancelReceipt.Cleanup.OWED);
                assertThat(node.held()).hasSize(1);
                gate.open();
                stops(StopReason.CANCELLED, () -> get(writing));
            }
            node.nothingIsLeftOf(job);
        }

        @Test
        void whatCannotBeCleanedUpStaysADebtUntilItCan() {
            node.storage.fail(TestingStorage.Point.DISCARD, new IllegalStateException("broken on purpose"));
            try (UploadSession session = node.open(job, Opening.FRESH)) {
                session.write(buffer(10));
                node.cancel(job);
            }
            await().untilAsserted(() -> assertThat(node.state.debts().of(job.id()))
                    .singleElement()
                    .satisfies(debt -> assertThat(debt.attempts()).isPositive()));
            assertThat(node.held()).hasSize(1);
            node.storage.heal();
            node.clock.advance(Duration.ofMinutes(1));
            node.nothingIsLeftOf(job);
        }

        private Engine.Cancelled engineCancel(CancelSource by) {
            return node.engine.cancel(job.id(), Engine.Asked.now(by));
        }

        private CancelReceipt cancelled(long kept, CancelReceipt.Cleanup cleanup) {
            CancelReceipt receipt = node.cancel(job).receipt();
            Job now = node.now(job);
            assertThat(now.state()).isEqualTo(JobState.CANCELLED);
            assertThat(now.cancelledBy()).isEqualTo(CancelSource.HTTP_ENDPOINT);
            assertThat(now.ended()).isEqualTo(receipt.decided());
            assertThat(receipt.id()).isEqualTo(job.id());
            assertThat(receipt.stopped()).isTrue();
            assertThat(receipt.bytesKept()).isEqualTo(kept);
            assertThat(receipt.cleanup()).isEqualTo(cleanup);
            assertThat(receipt.by()).isEqualTo(CancelSource.HTTP_ENDPOINT);
            assertThat(receipt.requestMillis()).isNotNegative();
            return receipt;
        }
    }

    @Nested
    class Paused {
        @Test
        void beforeItsStart() {
            node.engine.pause(job.id());
            var refused = refuses(ErrorCode.CONFLICT, () -> node.open(job, Opening.RESUME));
            assertThat(refused.problem().details()).containsEntry("state", "paused");
            assertThat(node.held()).isEmpty();
            goesOnFrom(0);
        }

        @Test
        void betweenConnectingAndTheFirstByte() {
            try (UploadSession session = node.open(job, Opening.RESUME)) {
                node.engine.pause(job.id());
                stops(StopReason.PAUSED, () -> session.write(buffer(10)));
            }
            goesOnFrom(0);
        }

        @Test
        void whileTheFirstByteIsHandedOn() {
            try (UploadSession session = node.open(job, Opening.RESUME)) {
                TestingStorage.Gate gate = node.storage.hold(TestingStorage.Point.WRITE);
                CompletableFuture<Void> writing = writing(session, 10);
                gate.awaitReached();
                node.engine.pause(job.id());
                gate.open();
                stops(StopReason.PAUSED, () -> get(writing));
            }
            goesOnFrom(0);
        }

        @Test
        void inTheMiddle() {
            try (UploadSession session = node.open(job, Opening.RESUME)) {
                session.write(buffer(40));
                node.engine.pause(job.id());
                stops(StopReason.PAUSED, () -> session.write(buffer(10)));
            }
            assertThat(node.held()).hasSize(1);
            goesOnFrom(40);
        }

        @ParameterizedTest
        @EnumSource(names = {"COMMIT", "COMMITTED"})
        void inItsCommit(TestingStorage.Point point) {
            try (UploadSession session = node.open(job, Opening.RESUME)) {
                TestingStorage.Gate gate = node.storage.hold(point);
                session.write(buffer(SIZE));
                CompletableFuture<Job> finishing = async(session::finish);
                gate.awaitReached();
                node.engine.pause(job.id());
                gate.open();
                stops(StopReason.PAUSED, () -> get(finishing));
            }
            await().untilAsserted(() -> assertThat(node.visible()).isEmpty());
            assertThat(node.now(job).state()).isEqualTo(JobState.PAUSED);
            goesOnFrom(SIZE);
        }

        @Test
        void afterItsEnd() {
            Job done = node.uploaded("done.bin", bytes(5));
            refuses(ErrorCode.CONFLICT, () -> node.engine.pause(done.id()));
            assertThat(node.now(done).state()).isEqualTo(JobState.COMPLETED);
            assertThat(node.visible()).containsExactly("done.bin");
        }

        @Test
        void twice() {
            try (UploadSession session = node.open(job, Opening.RESUME)) {
                session.write(buffer(40));
                node.engine.pause(job.id());
                var refused = refuses(ErrorCode.CONFLICT, () -> node.engine.pause(job.id()));
                assertThat(refused.problem().details()).containsEntry("state", "paused");
            }
            goesOnFrom(40);
        }

        private void goesOnFrom(long offset) {
            assertThat(node.now(job).state()).isEqualTo(JobState.PAUSED);
            assertThat(node.visible()).isEmpty();
            Job resumed = node.engine.resume(job.id());
            assertThat(resumed.state()).isEqualTo(JobState.PENDING);
            assertThat(resumed.waiting()).isEqualTo(Waiting.CLIENT);
            completesFrom(offset);
        }
    }

    @Nested
    class Draining {
        @Test
        void beforeItsStart() {
            node.engine.drain(Duration.ofSeconds(5));
            stops(StopReason.DRAINING, () -> node.open(job, Opening.RESUME));
            waitsForItsClientFrom(0);
        }

        @Test
        void betweenConnectingAndTheFirstByte() {
            UploadSession session = node.open(job, Opening.RESUME);
            CompletableFuture<Void> draining = draining();
            await().until(() -> session.stop().stopped());
            stops(StopReason.DRAINING, () -> session.write(buffer(10)));
            session.close();
            get(draining);
            waitsForItsClientFrom(0);
        }

        @Test
        void whileTheFirstByteIsHandedOn() {
            UploadSession session = node.open(job, Opening.RESUME);
            TestingStorage.Gate gate = node.storage.hold(TestingStorage.Point.WRITE);
            CompletableFuture<Void> writing = writing(session, 10);
            gate.awaitReached();
            CompletableFuture<Void> draining = draining();
            await().until(() -> session.stop().stopped());
            gate.open();
            stops(StopReason.DRAINING, () -> get(writing));
            session.close();
            get(draining);
            waitsForItsClientFrom(0);
        }

        @Test
        void inTheMiddle() {
            UploadSession session = node.open(job, Opening.RESUME);
            session.write(buffer(40));
            CompletableFuture<Void> draining = draining();
            await().until(() -> session.stop().stopped());
            stops(StopReason.DRAINING, () -> session.write(buffer(10)));
            session.close();
            get(draining);
            waitsForItsClientFrom(40);
        }

        @ParameterizedTest
        @EnumSource(names = {"COMMIT", "COMMITTED"})
        void aCommitThatIsUnderWayComesToItsEnd(TestingStorage.Point point) {
            try (UploadSession session = node.open(job, Opening.RESUME)) {
                TestingStorage.Gate gate = node.storage.hold(point);
                session.write(buffer(SIZE));
                CompletableFuture<Job> finishing = async(session::finish);
                gate.awaitReached();
                CompletableFuture<Void> draining = draining();
                await().until(() -> session.stop().stopped());
                gate.open();
                assertThat(get(finishing).state()).isEqualTo(JobState.COMPLETED);
                get(draining);
            }
            node.debtsArePaid();
            assertThat(node.held()).containsExactly("a.bin");
        }

        @Test
        void afterItsEndAndTwice() {
            Job done = node.uploaded("done.bin", bytes(5));
            node.engine.drain(Duration.ofSeconds(5));
            node.engine.drain(Duration.ofSeconds(5));
            assertThat(node.now(done).state()).isEqualTo(JobState.COMPLETED);
            assertThat(node.visible()).containsExactly("done.bin");
        }

        private CompletableFuture<Void> draining() {
            return async(() -> node.engine.drain(Duration.ofSeconds(10)));
        }

        private CompletableFuture<Void> async(Runnable work) {
            return CompletableFuture.runAsync(
                    work, task -> Thread.ofPlatform().daemon().start(task));
        }

        private <T> CompletableFuture<T> async(java.util.function.Supplier<T> work) {
            return TestingNode.async(work);
        }

        private void waitsForItsClientFrom(long offset) {
            Job now = node.now(job);
            assertThat(now.state()).isEqualTo(JobState.PENDING);
            assertThat(now.waiting()).isEqualTo(Waiting.CLIENT);
            assertThat(now.attempt()).as("a drain is no attempt").isEqualTo(1);
            assertThat(now.node()).isNull();
            assertThat(node.visible()).isEmpty();
            node.crashAndRestart();
            completesFrom(offset);
        }
    }

    @Nested
    class Fenced {
        @Test
        void beforeItsStart() {
            UploadSession holder = node.open(job, Opening.RESUME);
            CompletableFuture<UploadSession> waiting = async(() -> node.open(job, Opening.RESUME));
            await().until(() -> holder.stop().stopped());
            CompletableFuture<UploadSession> newest = async(() -> node.open(job, Opening.RESUME));
            await().until(() -> node.now(job).fence() == holder.job().fence() + 2);
            holder.close();
            stops(StopReason.FENCED, () -> get(waiting));
            completes(get(newest), 0);
        }

        @Test
        void betweenConnectingAndTheFirstByte() {
            UploadSession older = node.open(job, Opening.RESUME);
            CompletableFuture<UploadSession> newer = async(() -> node.open(job, Opening.RESUME));
            await().until(() -> older.stop().stopped());
            stops(StopReason.FENCED, () -> older.write(buffer(10)));
            older.close();
            completes(get(newer), 0);
        }

        @Test
        void whileTheFirstByteIsHandedOn() {
            UploadSession older = node.open(job, Opening.RESUME);
            TestingStorage.Gate gate = node.storage.hold(TestingStorage.Point.WRITE);
            CompletableFuture<Void> writing = writing(older, 10);
            gate.awaitReached();
            CompletableFuture<UploadSession> newer = async(() -> node.open(job, Opening.RESUME));
            await().until(() -> older.stop().stopped());
            assertThat(newer)
                    .as("the newer one waits until the older has let go")
                    .isNotDone();
            gate.open();
            stops(StopReason.FENCED, () -> get(writing));
            older.close();
            completes(get(newer), 0);
        }

        @Test
        void inTheMiddle() {
            UploadSession older = node.open(job, Opening.RESUME);
            older.write(buffer(40));
            CompletableFuture<UploadSession> newer = async(() -> node.open(job, Opening.RESUME));
            await().until(() -> older.stop().stopped());
            stops(StopReason.FENCED, () -> older.write(buffer(10)));
            older.close();
            UploadSession taken = get(newer);
            assertThat(taken.offset()).isEqualTo(40);
            completes(taken, 40);
        }

        @ParameterizedTest
        @EnumSource(names = {"COMMIT", "COMMITTED"})
        void inItsCommit(TestingStorage.Point point) {
            UploadSession older = node.open(job, Opening.RESUME);
            TestingStorage.Gate gate = node.storage.hold(point);
            older.write(ByteBuffer.wrap(bytes(SIZE)));
            CompletableFuture<Job> finishing = async(older::finish);
            gate.awaitReached();
            CompletableFuture<UploadSession> newer = async(() -> node.open(job, Opening.RESUME));
            await().until(() -> older.stop().stopped());
            gate.open();
            stops(StopReason.FENCED, () -> get(finishing));
            older.close();
            completes(get(newer), SIZE);
        }

        @Test
        void twiceTheNewestWins() {
            UploadSession first = node.open(job, Opening.RESUME);
            CompletableFuture<UploadSession> second = async(() -> node.open(job, Opening.RESUME));
            await().until(() -> first.stop().stopped());
            CompletableFuture<UploadSession> third = async(() -> node.open(job, Opening.RESUME));
            await().until(() -> node.now(job).fence() == first.job().fence() + 2);
            first.close();
            Throwable lost = catchThrowable(() -> get(second).write(buffer(1)));
            assertThat(lost).isInstanceOf(dev.sluice.core.Stopped.class);
            if (!second.isCompletedExceptionally()) {
                get(second).close();
            }
            completes(get(third), 0);
        }

        @Test
        void afterItsEndNobodyTakesIt() {
            Job done = node.uploaded("done.bin", bytes(5));
            refuses(ErrorCode.CONFLICT, () -> node.open(done, Opening.FRESH));
            assertThat(node.visible()).containsExactly("done.bin");
        }

        private void completes(UploadSession session, int offset) {
            assertThat(session.offset()).isEqualTo(offset);
            try (session) {
                session.write(ByteBuffer.wrap(Arrays.copyOfRange(bytes(SIZE), offset, SIZE)));
                assertThat(session.finish().state()).isEqualTo(JobState.COMPLETED);
            }
            node.debtsArePaid();
            assertThat(node.held()).containsExactly("a.bin");
        }
    }

    private void completesFrom(long offset) {
        try (UploadSession session = node.open(job, Opening.RESUME)) {
            assertThat(session.offset()).isEqualTo(offset);
            session.write(buffer((int) (SIZE - offset)));
            assertThat(session.whole()).isTrue();
            assertThat(session.finish().state()).isEqualTo(JobState.COMPLETED);
        }
        node.debtsArePaid();
        assertThat(node.held()).containsExactly("a.bin");
    }

    private static CompletableFuture<Void> writing(UploadSession session, int count) {
        return CompletableFuture.runAsync(
                () -> session.write(buffer(count)),
                task -> Thread.ofPlatform().daemon().start(task));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
