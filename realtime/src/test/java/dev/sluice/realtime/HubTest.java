package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.Event;
import dev.sluice.core.EventType;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Progress;
import dev.sluice.testing.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@NullMarked
class HubTest {
    private static final Owner ANNA = new Owner("anna");
    private static final Owner BERT = new Owner("bert");

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-21T12:00:00Z"));
    private final TestingStore store = new TestingStore(clock, "e1");
    private final TestingFrames frames = new TestingFrames();
    private final List<TestingConnection> connections = new CopyOnWriteArrayList<>();
    private @Nullable Hub started;

    @BeforeAll
    static void lookOften() {
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(Duration.ofMillis(2));
    }

    @AfterEach
    void close() {
        if (started != null) {
            started.close();
        }
        assertThat(connections)
                .allSatisfy(connection -> assertThat(connection.broken()).isEmpty());
    }

    private Hub hub() {
        return hub(HubSettings.DEFAULT);
    }

    private Hub hub(HubSettings settings) {
        if (started == null) {
            started = new Hub(store, store, frames, clock, settings);
        }
        return started;
    }

    private static HubSettings outbox(int bytes) {
        var usual = HubSettings.DEFAULT;
        return new HubSettings(
                bytes, usual.writeTimeout(), usual.heartbeat(), 1024, usual.recent(), 3, 2, Duration.ofMillis(1));
    }

    /// A running job that the hub knows of.
    private JobId running(String name, Owner owner) {
        hub();
        JobId job = store.run(name, owner);
        await().until(() -> hub().switchboard().position() == store.position());
        return job;
    }

    private TestingConnection connection() {
        var connection = new TestingConnection();
        connections.add(connection);
        return connection;
    }

    private Watcher watch(TestingConnection connection, Sight sight, JobId... named) {
        return hub().join(connection, sight, null, Set.of(named));
    }

    private TestingConnection live(Sight sight, JobId... named) {
        var connection = connection();
        watch(connection, sight, named);
        await().until(() -> connection.count() > 0);
        return connection;
    }

    private static Progress at(JobId job, long bytes) {
        return new Progress(job, 1, bytes, null, null, null, null, null, null);
    }

    private static void assertSays(TestingConnection connection, String... texts) {
        await().untilAsserted(() -> assertThat(connection.texts()).containsExactly(texts));
    }

    private static void assertTold(TestingConnection connection, String text) {
        await().untilAsserted(() -> assertThat(connection.texts()).contains(text));
    }

    @Test
    void whoComesNewGetsASnapshotAndThenWhatHappens() {
        JobId job = store.run("a", ANNA);
        var connection = live(Sight.ALL);
        store.note(job, "!");
        assertSays(connection, "snapshot 2 a", "event 3 a note!");
        assertThat(connection.messages().getFirst().position()).isEqualTo(new Position("e1", 2));
    }

    @Test
    void positionOfASnapshotIsTakenBeforeTheStateIsRead() {
        store.run("a", ANNA);
        var connection = connection();
        hub();
        store.afterPosition(() -> store.create("late", ANNA));
        watch(connection, Sight.ALL);
        assertSays(connection, "snapshot 2 a late", "event 3 late created");
    }

    @Test
    void snapshotHasWhatRunsWhatEndedLatelyAndWhatWasNamed() {
        JobId old = store.run("old", ANNA);
        store.to(old, JobState.COMPLETED, EventType.COMPLETED);
        clock.pass(Duration.ofMinutes(11));
        JobId fresh = store.run("fresh", ANNA);
        store.to(fresh, JobState.FAILED, EventType.FAILED);
        store.create("waits", ANNA);
        assertThat(live(Sight.ALL).texts().getFirst()).isEqualTo("snapshot 7 fresh waits");
        assertThat(live(Sight.ALL, old).texts().getFirst()).isEqualTo("snapshot 7 old");
    }

    @Test
    void bigSnapshotsComeInParts() {
        IntStream.range(0, 20).forEach(i -> store.create("j" + i, "x".repeat(200) + i, ANNA));
        hub(outbox(1 << 20));
        var connection = connection();
        watch(connection, Sight.ALL);
        await().until(() -> connection.count() == 4);
        var parts = connection.messages();
        assertThat(parts).allSatisfy(part -> assertThat(part.text().length).isLessThan(1100));
        assertThat(parts.subList(0, 3)).allSatisfy(part -> {
            assertThat(TestingConnection.text(part)).startsWith("snapshot 20 more");
            assertThat(part.position()).isNull();
        });
        assertThat(TestingConnection.text(parts.getLast())).startsWith("snapshot 20 x");
        assertThat(String.join(" ", connection.texts()).split("x{200}")).hasSize(21);
    }

    @Test
    void whoNamesItsPositionGetsWhatItMissed() {
        JobId job = store.run("a", ANNA);
        store.note(job, "1");
        var connection = connection();
        hub().join(connection, Sight.ALL, new Position("e1", 2), Set.of());
        assertSays(connection, "resumed 2", "event 3 a note1");
    }

    @Test
    void foreignEpochGetsGapAndSnapshot() {
        store.run("a", ANNA);
        var connection = connection();
        hub().join(connection, Sight.ALL, new Position("other", 2), Set.of());
        assertSays(connection, "gap 2", "snapshot 2 a");
    }

    @Test
    void positionsOutsideTheLogGetGapAndSnapshot() {
        store.run("a", ANNA);
        store.run("b", ANNA);
        store.forgetUpTo(2);
        var early = connection();
        var edge = connection();
        var future = connection();
        hub().join(early, Sight.ALL, new Position("e1", 1), Set.of());
        hub().join(edge, Sight.ALL, new Position("e1", 2), Set.of());
        hub().join(future, Sight.ALL, new Position("e1", 5), Set.of());
        assertSays(early, "gap 4", "snapshot 4 a b");
        assertSays(edge, "resumed 2", "event 3 b created", "event 4 b started");
        assertSays(future, "gap 4", "snapshot 4 a b");
    }

    @Test
    void longReplayIsReadInPagesAtTheReadersPace() {
        JobId job = store.run("a", ANNA);
        IntStream.range(0, 10_000).forEach(i -> store.note(job, "x".repeat(100)));
        var connection = connection();
        connection.stall();
        hub().join(connection, Sight.ALL, new Position("e1", 0), Set.of());
        await().until(() -> connection.count() == 1);
        store.note(job, "live");
        assertThat(hub().counters().outboxBytes()).isLessThan(128 << 10);
        connection.go();
        await().until(() -> connection.events().size() == 10_003);
        assertThat(connection.events())
                .isEqualTo(LongStream.rangeClosed(1, 10_003).boxed().toList());
        assertThat(store.longestRead()).isLessThanOrEqualTo(256);
    }

    @Test
    void whatIsTrimmedDuringAReplayClosesSlow() {
        JobId job = store.run("a", ANNA);
        IntStream.range(0, 10_000).forEach(i -> store.note(job, "x".repeat(100)));
        var connection = connection();
        connection.stall();
        hub().join(connection, Sight.ALL, new Position("e1", 0), Set.of());
        await().until(() -> connection.count() == 1);
        store.forgetUpTo(9_000);
        connection.go();
        await().until(() -> connection.code() == 4010);
        var seen = connection.events();
        assertThat(seen)
                .isEqualTo(LongStream.rangeClosed(1, seen.size()).boxed().toList());
    }

    @Test
    void watcherThatDropsAThousandTimesSeesEachEventOnce() throws Exception {
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var jobs = IntStream.range(0, 8)
                    .mapToObj(i -> store.run("j" + i, i % 2 == 0 ? ANNA : BERT))
                    .toList();
            hub();
            var going = new AtomicBoolean(true);
            for (JobId job : jobs) {
                pool.execute(() -> {
                    while (going.get()) {
                        store.note(job, "");
                        LockSupport.parkNanos(100_000);
                    }
                });
            }
            var random = new Random(7);
            var seen = new ArrayList<Long>();
            var position = new Position("e1", store.position());
            long first = position.seq();
            for (int i = 0; i < 1000; i++) {
                var connection = new TestingConnection(random.nextBoolean() ? pool : null);
                connections.add(connection);
                var watcher = hub().join(connection, Sight.of(ANNA), position, Set.of());
                int enough = random.nextInt(6);
                await().pollInterval(Duration.ofNanos(20_000))
                        .pollDelay(Duration.ZERO)
                        .until(() -> connection.events().size() >= enough);
                watcher.leave();
                var got = connection.events();
                seen.addAll(got);
                if (!got.isEmpty()) {
                    position = new Position("e1", got.getLast());
                }
            }
            going.set(false);
            var expected = store.read(first, position.seq(), null, Integer.MAX_VALUE).stream()
                    .filter(event -> event.owner().equals(ANNA))
                    .map(Event::seq)
                    .toList();
            assertThat(seen).isEqualTo(expected).hasSizeGreaterThan(1000);
        }
    }

    /// So many that several threads tell them.
    @Test
    void hundredsOfWatchersGetEverythingInOrderWhileOthersComeAndGoAndOneIsStuck() throws Exception {
        int rounds = 150;
        JobId job = running("a", ANNA);
        var stuck = live(Sight.ALL, job);
        stuck.stall();
        Set<String> tellers = ConcurrentHashMap.newKeySet();
        Executor here = completion -> {
            tellers.add(Thread.currentThread().getName());
            completion.run();
        };
        try (ExecutorService later = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = IntStream.range(0, 400)
                    .mapToObj(i -> new TestingConnection(i % 10 == 9 ? later : here))
                    .toList();
            connections.addAll(all);
            all.forEach(one -> watch(one, Sight.ALL, job));
            await().until(() -> all.stream().allMatch(one -> one.count() > 0));
            var going = new AtomicBoolean(true);
            var guests = Stream.of(here, later, here, later)
                    .map(completer -> later.submit(() -> comeAndGo(job, completer, going)))
                    .toList();
            for (int i = 1; i <= rounds; i++) {
                int told = 1 + 2 * i;
                store.note(job, "");
                hub().tick(List.of(at(job, i)));
                await().until(() -> all.getFirst().count() == told);
            }
            all.forEach(one -> assertHasAll(one, rounds));
            assertThat(stuck.count())
                    .as("its snapshot, and what it does not take")
                    .isEqualTo(2);
            going.set(false);
            for (var guest : guests) {
                assertThat(guest.get()).as("visits").isPositive();
            }

            stuck.go();
            assertHasAll(stuck, rounds);
            assertThat(stuck.of(Message.Type.PROGRESS)).hasSizeBetween(1, 2);
            store.to(job, JobState.COMPLETED, EventType.COMPLETED);
            String end = "event " + store.position() + " a completed";
            Stream.concat(all.stream(), Stream.of(stuck))
                    .forEach(one -> await().untilAsserted(
                                    () -> assertThat(one.texts()).last().isEqualTo(end)));
        }
        assertThat(hub().counters().watchers()).isEqualTo(401);
        assertThat(hub().counters().slow()).isZero();
        if (Runtime.getRuntime().availableProcessors() > 1) {
            assertThat(tellers)
                    .anyMatch(name -> name.startsWith("sluice-realtime-events-"))
                    .anyMatch(name -> name.startsWith("sluice-realtime-ticks-"));
        }
    }

    /// All of `rounds` events after the second, which was the last one when it came, and progress up to the latest.
    private static void assertHasAll(TestingConnection connection, int rounds) {
        assertTold(connection, "progress a=" + rounds);
        await().until(() -> connection.events().size() == rounds);
        assertFollow(connection, 2);
        assertThat(connection.of(Message.Type.PROGRESS))
                .extracting(
                        frame -> Integer.parseInt(TestingConnection.text(frame).replace("progress a=", "")))
                .isSorted()
                .doesNotHaveDuplicates();
    }

    /// It has seen each event after `seq`, as far as it has seen any.
    private static void assertFollow(TestingConnection connection, long seq) {
        var seen = connection.events();
        assertThat(seen)
                .isEqualTo(LongStream.rangeClosed(seq + 1, seq + seen.size())
                        .boxed()
                        .toList());
    }

    /// Watches for a few events, leaves, and comes back anew or to where everybody is.
    ///
    /// @return how often
    private int comeAndGo(JobId job, Executor completer, AtomicBoolean going) {
        int visits = 0;
        while (going.get()) {
            var connection = new TestingConnection(completer);
            connections.add(connection);
            var since = visits % 2 == 0 ? null : new Position("e1", store.position());
            int enough = visits % 4;
            var watcher = hub().join(connection, Sight.ALL, since, Set.of(job));
            await().until(() -> !going.get() || connection.events().size() >= enough);
            watcher.leave();
            var messages = connection.messages();
            Position first = messages.isEmpty() ? null : messages.getFirst().position();
            if (first != null) {
                assertFollow(connection, first.seq());
            }
            visits++;
        }
        return visits;
    }

    @Test
    void whoReadsNothingIsClosedSlowAndOthersGetEverything() {
        JobId job = store.run("a", ANNA);
        hub(outbox(4096));
        var stuck = live(Sight.ALL);
        stuck.stall();
        var other = live(Sight.ALL);
        IntStream.range(0, 200).forEach(i -> store.note(job, "x".repeat(50)));
        await().until(() -> stuck.code() == 4010);
        await().until(() -> other.events().size() == 200);
        assertThat(hub().counters().slow()).isEqualTo(1);
        assertThat(hub().counters().watchers()).isEqualTo(1);
        assertThat(frames.events.sum()).as("each is written down once").isEqualTo(202);
    }

    @Test
    void sendThatNeverEndsIsClosedSlow() {
        JobId job = store.run("a", ANNA);
        var stuck = live(Sight.ALL);
        stuck.stall();
        store.note(job, "");
        await().until(() -> stuck.count() == 2);
        clock.pass(Duration.ofSeconds(29));
        hub().check();
        assertThat(stuck.code()).isZero();
        clock.pass(Duration.ofSeconds(2));
        hub().check();
        assertThat(stuck.code()).isEqualTo(4010);
    }

    @Test
    void stalledWatcherWakesToOneFrameWithTheLatestValues() {
        JobId a = running("a", ANNA);
        JobId b = running("b", ANNA);
        var connection = live(Sight.ALL);
        connection.stall();
        var other = live(Sight.ALL);
        hub().tick(List.of(at(a, 1), at(b, 1)));
        await().until(() -> connection.count() == 2);
        for (int i = 2; i < 6; i++) {
            hub().tick(List.of(at(a, i)));
            assertTold(other, "progress a=" + i);
        }
        assertThat(connection.count()).isEqualTo(2);
        connection.go();
        await().until(() -> connection.count() == 3);
        assertThat(connection.texts().getLast()).isEqualTo("progress a=5");
        assertThat(hub().counters().conflated()).isGreaterThanOrEqualTo(1);
    }

    @Test
    void transitionsComeBeforeTheProgressThatWaits() {
        JobId a = running("a", ANNA);
        var connection = live(Sight.ALL);
        connection.stall();
        var other = live(Sight.ALL);
        hub().tick(List.of(at(a, 1)));
        await().until(() -> connection.count() == 2);
        hub().tick(List.of(at(a, 2)));
        assertTold(other, "progress a=2");
        store.note(a, "!");
        assertTold(other, "event 3 a note!");
        connection.go();
        assertSays(connection, "snapshot 2 a", "progress a=1", "event 3 a note!", "progress a=2");
    }

    @Test
    void jobThatEndedGetsNoProgressAfterItsFinalEvent() {
        JobId a = running("a", ANNA);
        JobId b = running("b", ANNA);
        var connection = live(Sight.ALL);
        connection.stall();
        var other = live(Sight.ALL);
        hub().tick(List.of(at(a, 1), at(b, 1)));
        await().until(() -> connection.count() == 2);
        hub().tick(List.of(at(a, 2), at(b, 2)));
        assertTold(other, "progress a=2 b=2");
        store.to(a, JobState.CANCELLED, EventType.CANCELLED);
        assertTold(other, "event 5 a cancelled");
        hub().tick(List.of(at(a, 3), at(b, 3)));
        assertTold(other, "progress b=3");
        connection.go();
        await().until(() -> connection.count() == 4);
        assertThat(connection.texts().subList(2, 4)).containsExactly("event 5 a cancelled", "progress b=3");
        assertThat(hub().latest(a)).isEmpty();
    }

    @Test
    void jobsOfOthersAreNeverTold() {
        JobId a = store.run("a", ANNA);
        JobId b = store.run("b", BERT);
        var bert = live(Sight.of(BERT));
        var bertNamed = live(Sight.of(BERT), a);
        hub().tick(List.of(at(a, 1), at(b, 1)));
        assertTold(bert, "progress b=1");
        store.note(a, "secret");
        store.note(b, "mine");
        assertTold(bert, "event 6 b notemine");
        assertThat(bert.texts()).containsExactly("snapshot 4 b", "progress b=1", "event 6 b notemine");
        assertThat(bertNamed.texts()).containsExactly("snapshot 4");
    }

    @Test
    void progressOfWatchersOfOneViewIsWrittenOnce() {
        JobId a = running("a", ANNA);
        var all = IntStream.range(0, 50).mapToObj(i -> live(Sight.ALL, a)).toList();
        hub().tick(List.of(at(a, 0)));
        all.forEach(one -> assertTold(one, "progress a=0"));
        long before = frames.progress.sum();
        hub().tick(List.of(at(a, 1)));
        all.forEach(one -> assertTold(one, "progress a=1"));
        assertThat(frames.progress.sum() - before).isEqualTo(1);
    }

    @Test
    void subscribedJobComesAsASnapshotAndThenItsEvents() {
        JobId a = store.run("a", ANNA);
        JobId b = store.run("b", ANNA);
        var connection = connection();
        var watcher = watch(connection, Sight.ALL, a);
        await().until(() -> connection.count() == 1);
        store.note(b, "unseen");
        store.note(a, "live");
        assertTold(connection, "event 6 a notelive");
        await().until(() -> hub().switchboard().position() == 6);
        watcher.subscribe(Set.of(b));
        assertTold(connection, "snapshot 6 b");
        store.note(b, "seen");
        assertTold(connection, "event 7 b noteseen");
        watcher.unsubscribe(Set.of(a));
        store.note(a, "unseen");
        store.note(b, "last");
        assertTold(connection, "event 9 b notelast");
        assertThat(connection.texts())
                .filteredOn(text -> !text.startsWith("snapshot"))
                .containsExactly("event 6 a notelive", "event 7 b noteseen", "event 9 b notelast");
    }

    @Test
    void whoWatchesAllMayLeaveJobsOut() {
        JobId a = store.run("a", ANNA);
        JobId b = store.run("b", ANNA);
        var connection = connection();
        var watcher = watch(connection, Sight.ALL);
        await().until(() -> connection.count() == 1);
        watcher.unsubscribe(Set.of(a));
        store.note(a, "");
        store.note(b, "");
        assertSays(connection, "snapshot 4 a b", "event 6 b note");
    }

    @Test
    void namingTooManyJobsIsRefused() {
        hub(outbox(4096));
        var watcher = watch(connection(), Sight.ALL, new JobId("a"));
        var three = Set.of(new JobId("b"), new JobId("c"), new JobId("d"));
        assertThatThrownBy(() -> watcher.subscribe(three)).isInstanceOf(ProblemException.class);
    }

    @Test
    void pingIsAnsweredAndSilenceIsBroken() {
        var connection = connection();
        var watcher = watch(connection, Sight.ALL);
        await().until(() -> connection.count() == 1);
        watcher.pong();
        assertSays(connection, "snapshot 0", "pong");
        clock.pass(Duration.ofSeconds(26));
        hub().check();
        assertThat(connection.pings()).isEqualTo(1);
    }

    @Test
    void drainSendsAllAwayAndWhoeverComesLater() throws Exception {
        hub(outbox(4096));
        var all = IntStream.range(0, 7).mapToObj(i -> live(Sight.ALL)).toList();
        hub().drain();
        var late = connection();
        watch(late, Sight.ALL);
        assertThat(all).allSatisfy(one -> assertThat(one.code()).isEqualTo(4011));
        assertThat(late.code()).isEqualTo(4011);
        assertThat(hub().counters().watchers()).isZero();
    }

    @Test
    void listenerHearsItsJobInOrderUntilItIsTakenAway() {
        JobId a = store.run("a", ANNA);
        JobId b = store.run("b", ANNA);
        var heard = new CopyOnWriteArrayList<String>();
        var listener = new JobListener() {
            @Override
            public void event(Event event) {
                heard.add(event.type().word());
            }

            @Override
            public void progress(Progress latest) {
                heard.add("at " + latest.bytes());
            }
        };
        var registration = hub().onJob(a, listener);
        hub().tick(List.of(at(a, 5), at(b, 6)));
        await().until(() -> heard.contains("at 5"));
        store.to(a, JobState.COMPLETED, EventType.COMPLETED);
        await().until(() -> heard.contains("completed"));
        hub().tick(List.of(at(a, 6)));
        registration.close();
        store.note(a, "");
        var other = live(Sight.ALL);
        store.note(b, "");
        await().until(() -> !other.events().isEmpty());
        assertThat(heard).containsExactly("at 5", "completed");
    }
}
