package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.BatchId;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Event;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.NewJob;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// What the event log promises on either database.
abstract class EventContract extends StateContract {
    EventContract(Ground ground) {
        super(ground);
    }

    @Test
    void aFreshLogIsEmptyAndItsEpochLasts() {
        String epoch = state.events().epoch();
        assertThat(epoch).hasSizeGreaterThan(8);
        assertThat(state.events().position()).isZero();
        assertThat(state.events().floor()).isEqualTo(1);
        download();
        state.close();
        state = open(SETTINGS);
        assertThat(state.events().epoch()).isEqualTo(epoch);
        assertThat(state.events().position()).isEqualTo(1);
    }

    @Test
    void eventsAreReadBetweenTwoPositions() {
        Job a = running();
        Job b = running();
        assertThat(state.events().read(1, 3, null, 10)).extracting(Event::seq).containsExactly(2L, 3L);
        assertThat(state.events().read(0, 9, b.id(), 10)).extracting(Event::seq).containsExactly(3L, 4L);
        assertThat(state.events().read(0, 9, a.id(), 1)).extracting(Event::seq).containsExactly(1L);
    }

    @Test
    void oldEventsAreDroppedFromTheOldestOn() {
        for (int i = 0; i < 650; i++) {
            Instant at = i < 450 ? NOW : NOW.plusSeconds(3_000);
            state.jobs().submit(List.of(job(DOWNLOAD, ANNA, null, "j" + i)), null, null, at);
        }
        state.events().trim();
        assertThat(state.events().floor()).isEqualTo(1);
        clock.set(NOW.plusSeconds(3_601));
        state.events().trim();
        assertThat(state.events().floor()).isEqualTo(451);
        assertThat(state.events().read(0, 1_000, null, 1_000)).hasSize(200);
        clock.set(NOW.plusSeconds(90_000));
        state.events().trim();
        assertThat(state.events().floor()).isEqualTo(651);
        assertThat(state.events().position()).isEqualTo(650);
    }

    @Test
    void noMoreEventsAreHeldThanTheLogIsToHold() {
        state.close();
        state = open(new State.Settings(Set.of(), Duration.ofDays(1), 10, Duration.ofSeconds(15)));
        for (int i = 0; i < 30; i++) {
            download();
        }
        state.events().trim();
        assertThat(state.events().floor()).isEqualTo(21);
    }

    @Test
    void numbersHaveNoGapsAndListenersSeeEachOnceInOrder() throws Exception {
        var heard = new ConcurrentLinkedQueue<Long>();
        state.events().subscribe(group -> group.forEach(event -> heard.add(event.seq())));
        state.events().subscribe(group -> {
            throw new IllegalStateException("a listener that fails, on purpose");
        });
        Runnable writer = () -> {
            for (int round = 0; round < 3; round++) {
                Job job = running();
                NewJob taken = job(DOWNLOAD, ANNA, new BatchId("nowhere"), "x");
                fails(ErrorCode.NOT_FOUND, "nowhere", () -> made(taken));
                change(job.id(), JobState.RUNNING, JobState.COMPLETED);
            }
        };
        assertThat(readBeside(Collections.nCopies(100, writer))).isEqualTo(600);
        assertThat(heard)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 600).boxed().toList());
    }

    @Test
    void whatAnotherWriterHasToldReachesOurListenersInOrder() {
        var heard = new ConcurrentLinkedQueue<Long>();
        state.events().subscribe(group -> group.forEach(event -> heard.add(event.seq())));
        download();
        try (State other = open(SETTINGS)) {
            for (int i = 0; i < 3; i++) {
                other.jobs().submit(List.of(job(DOWNLOAD, ANNA, null, "o")), null, null, NOW);
            }
        }
        download();
        assertThat(heard).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void numbersHaveNoGapsWhileTwoNodesWrite() throws Exception {
        var heard = new ConcurrentLinkedQueue<Long>();
        state.events().subscribe(group -> group.forEach(event -> heard.add(event.seq())));
        try (State other = open(SETTINGS)) {
            var writers = new ArrayList<Runnable>();
            for (int i = 0; i < 20; i++) {
                State node = i % 2 == 0 ? state : other;
                writers.add(() -> {
                    for (int round = 0; round < 10; round++) {
                        node.jobs().submit(List.of(job(DOWNLOAD, ANNA, null, "n")), null, null, NOW);
                    }
                });
            }
            assertThat(readBeside(writers)).isEqualTo(200);
        }
        download();
        assertThat(heard)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 201).boxed().toList());
    }

    /// Reads all the while that others write: each event once, in the order of their numbers.
    ///
    /// @return the number of the last one
    private long readBeside(List<Runnable> writers) throws Exception {
        var done = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Long> reader = threads.submit(() -> {
                long seen = 0;
                while (!done.get() || seen < state.events().position()) {
                    for (Event event : state.events().read(seen, Long.MAX_VALUE, null, 100)) {
                        assertThat(event.seq()).isEqualTo(seen + 1);
                        seen = event.seq();
                    }
                }
                return seen;
            });
            try {
                var writing = new ArrayList<Future<?>>();
                writers.forEach(writer -> writing.add(threads.submit(writer)));
                for (Future<?> one : writing) {
                    one.get();
                }
            } finally {
                done.set(true);
            }
            return reader.get();
        }
    }
}
