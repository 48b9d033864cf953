package dev.sluice.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What both databases promise.
abstract class DatabaseContract {
    static final Schema SAMPLE = new Schema("sample", 1);

    @SuppressWarnings("NullAway.Init")
    Database database;

    abstract Database open();

    @BeforeEach
    void openIt() {
        database = open();
        database.migrate(SAMPLE);
    }

    @AfterEach
    void closeIt() {
        database.close();
    }

    static Unit<Long> insert(long id) {
        return transaction -> {
            transaction
                    .handle()
                    .createUpdate("INSERT INTO words (id, word) VALUES (:id, 'x')")
                    .bind("id", id)
                    .execute();
            return id;
        };
    }

    List<Long> ids() {
        return database.read(handle -> handle.createQuery("SELECT id FROM words ORDER BY id")
                .mapTo(Long.class)
                .list());
    }

    /// Runs the units as one group: they queue up while the writer is held.
    <T> List<Future<T>> together(List<Unit<T>> units) throws Exception {
        var busy = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var answers = new ArrayList<Future<T>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var holder = threads.submit(() -> database.write(transaction -> {
                busy.countDown();
                go.await();
                return 0;
            }));
            busy.await();
            for (Unit<T> unit : units) {
                answers.add(threads.submit((Callable<T>) () -> database.write(unit)));
                int queued = answers.size();
                org.awaitility.Awaitility.await().until(() -> database.writer().queued() == queued);
            }
            go.countDown();
            holder.get();
        }
        return answers;
    }

    @Test
    void whatGoesFirstPassesAllThatWaits() throws Exception {
        var order = new CopyOnWriteArrayList<String>();
        var busy = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var unused = threads.submit(() -> database.write(transaction -> {
                busy.countDown();
                go.await();
                return 0;
            }));
            busy.await();
            for (int i = 1; i <= 3; i++) {
                int queued = i;
                threads.execute(() -> database.write(transaction -> order.add("waits")));
                org.awaitility.Awaitility.await().until(() -> database.writer().queued() == queued);
            }
            threads.execute(() -> database.writeFirst(transaction -> order.add("first")));
            org.awaitility.Awaitility.await().until(() -> database.writer().queued() == 4);
            go.countDown();
        }
        assertThat(order).containsExactly("first", "waits", "waits", "waits");
    }

    @Test
    void whatWasWrittenIsReadByPlatformAndVirtualThreads() throws Exception {
        assertThat(database.write(insert(1))).isEqualTo(1);
        assertThat(ids()).containsExactly(1L);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            assertThat(threads.submit(this::ids).get()).containsExactly(1L);
        }
    }

    @Test
    void anInterruptedThreadWritesReadsAndStaysInterrupted() {
        Thread.currentThread().interrupt();
        database.write(insert(1));
        database.sync();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(ids()).containsExactly(1L);
    }

    @Test
    void migratingAgainChangesNothing() {
        database.write(insert(1));
        database.migrate(SAMPLE);
        assertThat(ids()).containsExactly(1L);
    }

    @Test
    void tablesOfANewerVersionAreRefusedByName() {
        database.write(transaction ->
                transaction.handle().execute("UPDATE schema_sample SET version = '7' WHERE version = '1'"));
        assertThatThrownBy(() -> database.migrate(SAMPLE))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining(database.place())
                .hasMessageContaining("newer version");
    }

    @Test
    void aFailingUnitOfAGroupFailsAloneAndLeavesNothing() throws Exception {
        var units = new ArrayList<Unit<Long>>();
        for (long id = 1; id <= 10; id++) {
            units.add(insert(id));
        }
        units.set(4, transaction -> {
            insert(5).run(transaction);
            throw new ProblemException(ErrorCode.CONFLICT, "guilty");
        });
        units.set(6, insert(3));
        units.set(8, transaction -> {
            insert(9).run(transaction);
            throw new Stopped(StopReason.FENCED);
        });
        List<Future<Long>> answers = together(units);
        assertThat(ids()).containsExactly(1L, 2L, 3L, 4L, 6L, 8L, 10L);
        assertThatThrownBy(answers.get(4)::get).rootCause().hasMessageContaining("guilty");
        assertThatThrownBy(answers.get(8)::get).rootCause().isInstanceOf(Stopped.class);
        assertThatThrownBy(answers.get(6)::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .asInstanceOf(InstanceOfAssertFactories.type(ProblemException.class))
                .extracting(ProblemException::code)
                .isEqualTo(ErrorCode.STATE_UNAVAILABLE);
        for (int good : List.of(0, 1, 2, 3, 5, 7, 9)) {
            assertThat(answers.get(good).get()).isEqualTo(good + 1);
        }
    }

    @Test
    void aGroupIsOneTransactionWithOneEnding() throws Exception {
        var endings = Collections.synchronizedList(new ArrayList<String>());
        final class Counted implements Transaction.Ending {
            private final AtomicInteger units = new AtomicInteger();

            @Override
            public void beforeCommit(Handle handle) {
                endings.add("end " + units);
            }

            @Override
            public void afterCommit() {
                endings.add("committed " + units);
            }
        }
        Unit<Integer> unit = transaction ->
                transaction.ending(Counted.class, Counted::new).units.incrementAndGet();
        together(List.of(unit, unit, unit));
        assertThat(endings).containsExactly("end 3", "committed 3");
    }

    @Test
    void syncReturnsForManyAtOnceAndAfterEveryWrite() throws Exception {
        database.sync();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = new ArrayList<Future<?>>();
            for (long id = 0; id < 100; id++) {
                long mine = id;
                all.add(threads.submit(() -> {
                    database.write(insert(mine));
                    database.sync();
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        assertThat(ids()).hasSize(100);
    }

    @Test
    void aClosedDatabaseSaysSo() {
        database.close();
        for (Runnable call : List.<Runnable>of(() -> database.write(insert(1)), this::ids, database::sync)) {
            assertThatThrownBy(call::run)
                    .asInstanceOf(InstanceOfAssertFactories.type(ProblemException.class))
                    .extracting(ProblemException::code)
                    .isEqualTo(ErrorCode.STATE_UNAVAILABLE);
        }
        database = open();
    }

    @Test
    void aFullQueueIsRefused() throws Exception {
        var go = new CountDownLatch(1);
        var busy = new CountDownLatch(1);
        try (var small = database.smallWriter(1, java.time.Duration.ofMillis(20));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> small.write(transaction -> {
                busy.countDown();
                go.await();
                return 1;
            }));
            busy.await();
            var second = threads.submit(() -> small.write(transaction -> 2));
            org.awaitility.Awaitility.await().until(() -> small.queued() == 1);
            assertThatThrownBy(() -> small.write(transaction -> 3))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("too many changes");
            go.countDown();
            assertThat(first.get()).isEqualTo(1);
            assertThat(second.get()).isEqualTo(2);
        }
    }

    private static void insert(LongTransaction transaction, long id) throws SQLException {
        try (Statement statement = transaction.connection().createStatement()) {
            statement.execute("INSERT INTO words (id, word) VALUES (" + id + ", 'x')");
        }
    }

    @Test
    void aLongTransactionIsSeenByNobodyUntilItsCommit() throws Exception {
        try (var transaction = database.begin(new StopToken())) {
            insert(transaction, 1);
            assertThat(ids()).isEmpty();
            transaction.commit();
        }
        assertThat(ids()).containsExactly(1L);
    }

    @Test
    void aLongTransactionThatIsNotCommittedLeavesNothing() throws Exception {
        try (var transaction = database.begin(new StopToken())) {
            insert(transaction, 1);
        }
        assertThat(ids()).isEmpty();
        assertThat(database.write(insert(2))).isEqualTo(2);
    }

    @Test
    void aStatementOfALongTransactionCanBeInterrupted() throws Exception {
        try (var threads = Executors.newSingleThreadScheduledExecutor();
                var transaction = database.begin(new StopToken());
                Statement statement = transaction.connection().createStatement()) {
            var unused = threads.schedule(transaction::interrupt, 100, TimeUnit.MILLISECONDS);
            assertThatThrownBy(() -> statement.execute("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                            + " WHERE i < 2000000000) SELECT COUNT(*) FROM n"))
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void aStoppedTransactionDoesNotBegin() {
        var stop = new StopToken();
        stop.fire(StopReason.CANCELLED);
        assertThatThrownBy(() -> {
                    try (var first = database.begin(new StopToken());
                            var second = database.begin(stop)) {
                        assertThat(second).isNotSameAs(first);
                    }
                })
                .isInstanceOf(Stopped.class);
    }
}
