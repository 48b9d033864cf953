package dev.sluice.house;

import dev.sluice.core.CancelSource;
import dev.sluice.core.Engine.Asked;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Stopped;
import dev.sluice.upload.Opening;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Many clients and a person at once on few files, and a crash somewhere, several times over. The seed decides
/// what everyone wants to do and at which call the process dies; who comes first is up to the machine.
final class Race implements Runnable {
    private static final int CLIENTS = 4;
    private static final int LIVES = 3;
    private static final long LONGEST_MILLIS = 60_000;

    private final House house;
    private final Random random;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Race(House house, Random random, boolean shared) {
        this.house = house;
        this.random = random;
    }

    @Override
    public void run() {
        for (int life = 0; life < LIVES; life++) {
            TestingNode node = house.start("a");
            if (life == 0) {
                house.submit(node, random, 2, true);
                house.submit(node, random, 2, false);
            }
            if (random.nextInt(4) != 0) {
                node.faults.plan(
                        new Faults.Plan(Faults.What.CRASH, 1 + random.nextInt(200), random.nextBoolean(), null));
            }
            live(node);
            house.alive().forEach(survivor -> survivor.faults.kill());
            house.bury();
        }
        house.settle();
        house.check();
        house.bringHome();
        house.settle();
        house.check();
    }

    private void live(TestingNode node) {
        var threads = new ArrayList<Thread>();
        for (int n = 0; n < CLIENTS; n++) {
            var own = new Random(random.nextLong());
            threads.add(started("client-" + n, () -> client(node, own)));
        }
        var persons = new Random(random.nextLong());
        threads.add(started("person", () -> person(node, persons)));
        for (Thread thread : threads) {
            if (!Steps.within(LONGEST_MILLIS, () -> !thread.isAlive())) {
                throw house.broken(thread.getName() + " hangs at " + List.of(thread.getStackTrace()));
            }
        }
        Throwable found = failure.get();
        if (found instanceof AssertionError broken) {
            throw broken;
        }
        if (found != null) {
            throw new IllegalStateException(found);
        }
    }

    private Thread started(String name, Runnable work) {
        return Thread.ofPlatform().name(name).start(() -> {
            try {
                work.run();
            } catch (Crash e) {
                house.tell(name + " " + e.getMessage());
            } catch (RuntimeException | AssertionError e) {
                failure.compareAndSet(null, e);
            }
        });
    }

    private Cargo any(Random own) {
        return house.cargo.get(own.nextInt(house.cargo.size()));
    }

    // ---- Everyone

    private void client(TestingNode node, Random own) {
        for (int n = 0; n < 6; n++) {
            Cargo cargo = any(own);
            Opening opening = own.nextInt(5) == 0
                    ? List.of(Opening.values()).get(own.nextInt(Opening.values().length))
                    : Opening.RESUME;
            attempt(Thread.currentThread().getName() + " opens " + cargo + " " + opening, () -> {
                Hold hold = Hold.open(house, cargo, node, opening);
                try {
                    transfer(hold, own);
                } finally {
                    hold.close();
                }
            });
        }
    }

    private static void transfer(Hold hold, Random own) {
        int chunks = own.nextInt(6);
        for (int n = 0; n < chunks && hold.missing() > 0; n++) {
            hold.write(1 + own.nextInt((int) hold.missing()));
        }
        if (own.nextBoolean()) {
            if (hold.missing() > 0) {
                hold.write((int) hold.missing());
            }
            hold.finish();
        }
    }

    private void person(TestingNode node, Random own) {
        for (int n = 0; n < 15; n++) {
            Cargo cargo = any(own);
            switch (own.nextInt(8)) {
                case 0 ->
                    attempt("cancel " + cargo, () -> {
                        node.engine.cancel(cargo.id, Asked.now(CancelSource.WEBSOCKET));
                        cargo.cancelWasAnswered();
                    });
                case 1, 2 -> attempt("pause " + cargo, () -> node.engine.pause(cargo.id));
                case 3, 4 -> attempt("resume " + cargo, () -> node.engine.resume(cargo.id));
                case 5 -> attempt("retry " + cargo, () -> Play.retry(node, cargo));
                case 6 ->
                    attempt("time", () -> {
                        house.clock.pass(Duration.ofSeconds(own.nextInt(20)));
                        node.steps.renewLease();
                    });
                default ->
                    attempt("sweep", () -> {
                        node.steps.tick();
                        node.steps.sweep();
                    });
            }
        }
    }

    private void attempt(String what, Runnable action) {
        try {
            action.run();
            house.tell(what);
        } catch (ProblemException | Stopped e) {
            house.tell(what + ": " + e.getMessage());
        }
    }
}
