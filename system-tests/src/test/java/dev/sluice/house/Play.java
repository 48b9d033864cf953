package dev.sluice.house;

import dev.sluice.core.CancelSource;
import dev.sluice.core.Engine.Asked;
import dev.sluice.core.Engine.BatchCancelled;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.JobId;
import dev.sluice.core.JobState;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Stopped;
import dev.sluice.upload.Opening;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// What clients, persons, time and faults do to a house, one step after the other, all of it decided by one
/// seed. Between two steps whatever the engine does on threads of its own comes to its end; inside a step a
/// fault strikes, or something else happens, at a chosen call into the stores or the storage.
final class Play implements Runnable {
    private static final int STEPS = 60;

    /// Where faults strike: at any call, or at those after which the most is at stake.
    private static final List<String> CALLS = List.of(
            "", "", "write", "commit", "change", "owe", "amend", "strike", "begin", "resume", "takeBack", "discard");

    private final House house;
    private final Random random;
    private final boolean shared;
    private final Map<Cargo, Hold> holds = new LinkedHashMap<>();

    Play(House house, Random random, boolean shared) {
        this.house = house;
        this.random = random;
        this.shared = shared;
    }

    @Override
    public void run() {
        house.start("a");
        if (shared && random.nextBoolean()) {
            house.start("b");
        }
        for (int n = 0; n < 2; n++) {
            step("submit", this::submit);
        }
        int steps = STEPS / 2 + random.nextInt(STEPS);
        for (int n = 0; n < steps; n++) {
            next();
            rest();
        }
        leave();
        house.settle();
        house.check();
        if (random.nextBoolean()) {
            house.tell("a new process");
            house.alive().forEach(node -> node.faults.kill());
            house.bury();
        }
        house.settle();
        house.bringHome();
        house.settle();
        house.check();
    }

    private void next() {
        int dice = random.nextInt(100);
        if (dice < 5) {
            step("submit", this::submit);
        } else if (dice < 25) {
            open();
        } else if (dice < 55) {
            onHold("write", this::write);
        } else if (dice < 65) {
            onHold("finish", this::finish);
        } else if (dice < 70) {
            onHold("close", this::close);
        } else if (dice < 72) {
            onHold("fail", hold -> hold.fail(new Problem(ErrorCode.UPSTREAM_UNAVAILABLE, "the line is bad")));
        } else if (dice < 82) {
            person();
        } else if (dice < 87) {
            time();
        } else if (dice < 90) {
            step("sweep", () -> any().steps.sweep());
        } else if (dice < 91) {
            step("tick", () -> any().steps.tick());
        } else if (dice < 92) {
            step("kill", () -> any().faults.kill());
        } else if (dice < 94 && shared) {
            TestingNode node = any();
            node.faults.cut(!node.faults.isCut());
            house.tell("cut " + node.faults.isCut());
        } else {
            fault();
        }
    }

    private TestingNode any() {
        List<TestingNode> alive = house.alive();
        return alive.get(random.nextInt(alive.size()));
    }

    private @Nullable Cargo anyCargo() {
        return house.cargo.isEmpty() ? null : house.cargo.get(random.nextInt(house.cargo.size()));
    }

    private void submit() {
        boolean batch = random.nextBoolean();
        house.submit(any(), random, batch ? 1 + random.nextInt(3) : 1, batch);
    }

    // ---- Clients

    private void open() {
        Cargo cargo = anyCargo();
        if (cargo == null) {
            return;
        }
        Opening opening = random.nextInt(3) == 0
                ? List.of(Opening.values()).get(random.nextInt(Opening.values().length))
                : Opening.RESUME;
        Hold before = holds.get(cargo);
        TestingNode node = before == null ? any() : before.node;
        step("open " + cargo + " " + opening, () -> {
            Hold opened = opening(cargo, node, opening, before);
            holds.put(cargo, opened);
        });
    }

    /// A second client waits until the first one, which learns that it is fenced, has let go.
    private Hold opening(Cargo cargo, TestingNode node, Opening opening, @Nullable Hold before) {
        if (before == null) {
            return Hold.open(house, cargo, node, opening);
        }
        var opened = new AtomicReference<@Nullable Hold>();
        var failed = new AtomicReference<@Nullable Throwable>();
        Thread second = Thread.ofPlatform().start(() -> {
            try {
                opened.set(Hold.open(house, cargo, node, opening));
            } catch (RuntimeException | Error e) {
                failed.set(e);
            }
        });
        if (!Steps.within(10_000, () -> before.isStopped() || !second.isAlive())) {
            throw house.broken(cargo.id + ": the first client is not told that there is a second");
        }
        if (before.isStopped()) {
            quietly(() -> close(before));
        }
        if (!Steps.within(10_000, () -> !second.isAlive())) {
            throw house.broken(cargo.id + ": the second client waits for ever");
        }
        Hold hold = opened.get();
        if (hold == null) {
            sneak(failed.get());
            throw new IllegalStateException("neither opened nor failed");
        }
        return hold;
    }

    private static void sneak(@Nullable Throwable failure) {
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        if (failure instanceof Error error) {
            throw error;
        }
    }

    private interface Act {
        void on(Hold hold);
    }

    private void onHold(String what, Act act) {
        if (holds.isEmpty()) {
            return;
        }
        Hold hold = List.copyOf(holds.values()).get(random.nextInt(holds.size()));
        step(what + " " + hold.cargo, () -> act.on(hold));
    }

    private void write(Hold hold) {
        int missing = (int) hold.missing();
        if (missing == 0 || (random.nextInt(25) == 0 && hold.cargo.announced)) {
            if (hold.cargo.announced && random.nextInt(3) == 0) {
                hold.writeTooMuch();
            }
            return;
        }
        hold.write(random.nextInt(3) == 0 ? missing : 1 + random.nextInt(missing));
    }

    private void finish(Hold hold) {
        if (hold.missing() > 0 && random.nextInt(20) != 0) {
            hold.write((int) hold.missing());
        }
        if (hold.missing() == 0 || hold.cargo.announced) {
            hold.finish();
            close(hold);
        }
    }

    private void close(Hold hold) {
        holds.remove(hold.cargo);
        hold.close();
    }

    // ---- Persons

    private void person() {
        Cargo cargo = anyCargo();
        if (cargo == null) {
            return;
        }
        Hold hold = holds.get(cargo);
        TestingNode node = hold == null ? any() : hold.node;
        switch (random.nextInt(6)) {
            case 0, 1 -> step("cancel " + cargo, () -> cancel(node, cargo));
            case 2 -> step("pause " + cargo, () -> node.engine.pause(cargo.id));
            case 3 -> step("resume " + cargo, () -> node.engine.resume(cargo.id));
            case 4 -> step("retry " + cargo, () -> retry(node, cargo));
            default -> {
                if (cargo.batch != null && alone(node)) {
                    step("cancel batch of " + cargo, () -> cancelBatch(node, cargo));
                }
            }
        }
    }

    /// A cancel stops the clients of its own node at once; another node's learn of it when they write next.
    private boolean alone(TestingNode node) {
        return holds.values().stream().allMatch(hold -> hold.node == node);
    }

    private void cancel(TestingNode node, Cargo cargo) {
        if (!node.engine.cancel(cargo.id, Asked.now(CancelSource.HTTP_ENDPOINT)).again()) {
            node.cancelling.add(cargo.id);
        }
        cargo.cancelWasAnswered();
    }

    private void cancelBatch(TestingNode node, Cargo cargo) {
        if (cargo.batch == null) {
            return;
        }
        BatchCancelled done = node.engine.cancelBatch(cargo.batch, Asked.now(CancelSource.HTTP_ENDPOINT));
        house.cargo.stream()
                .filter(one -> done.receipts().stream()
                        .anyMatch(receipt -> receipt.id().equals(one.id)))
                .forEach(Cargo::cancelWasAnswered);
    }

    static void retry(TestingNode node, Cargo cargo) {
        if (node.engine.job(cargo.id).state() != JobState.FAILED) {
            node.uploads.retry(cargo.id);
            return;
        }
        cargo.beginAnew();
        try {
            node.uploads.retry(cargo.id);
        } finally {
            cargo.begun();
        }
    }

    // ---- Time and faults

    private void time() {
        int[] seconds = {1, 4, 6, 31, 121, 301};
        int passing = seconds[random.nextInt(seconds.length)];
        house.tell("time passes: " + passing + " s");
        // One node may sleep through; of several, those that are awake renew their leases.
        int awake = house.alive().size() > 1 ? 4 : passing;
        for (int passed = 0; passed < passing; passed += awake) {
            house.clock.pass(Duration.ofSeconds(Math.min(awake, passing - passed)));
            for (TestingNode node : house.alive()) {
                step("renew", node.steps::renewLease);
            }
        }
    }

    private void fault() {
        TestingNode node = any();
        boolean after = random.nextBoolean();
        String at = CALLS.get(random.nextInt(CALLS.size()));
        int call = 1 + random.nextInt(at.isEmpty() ? 12 : 3);
        switch (random.nextInt(7)) {
            case 0, 1 -> plan(node, at, new Faults.Plan(Faults.What.CRASH, call, after, null));
            case 2, 3 -> plan(node, at, new Faults.Plan(Faults.What.FAIL, call, after, null));
            case 4, 5 -> meanwhile(node, at, call, after);
            default -> {
                int row = 1 + random.nextInt(10);
                boolean dies = random.nextBoolean();
                house.tell("the transaction of row " + row + " is to break, dying: " + dies);
                node.faults.diesOfDatabaseFailures(dies);
                node.breakTransactionAt(row);
            }
        }
    }

    private void plan(TestingNode node, String at, Faults.Plan plan) {
        house.tell(plan.what() + (plan.after() ? " after " : " before ") + at + " call " + plan.call());
        node.faults.planAt(at, plan);
    }

    private void meanwhile(TestingNode node, String at, int call, boolean after) {
        List<Cargo> held = List.copyOf(holds.keySet());
        Cargo cargo = held.isEmpty() || random.nextInt(3) == 0 ? anyCargo() : held.get(random.nextInt(held.size()));
        if (cargo == null) {
            return;
        }
        int what = random.nextInt(6);
        Runnable action = switch (what) {
            case 0 -> () -> cancel(node, cargo);
            case 1 -> () -> node.engine.pause(cargo.id);
            case 2 ->
                () -> {
                    node.engine.pause(cargo.id);
                    node.engine.resume(cargo.id);
                };
            case 3 ->
                () -> {
                    node.engine.pause(cargo.id);
                    node.faults.kill();
                };
            case 4 ->
                () -> {
                    cancel(node, cargo);
                    node.faults.kill();
                };
            default ->
                () -> {
                    house.clock.pass(Duration.ofSeconds(31));
                    node.steps.sweep();
                };
        };
        house.tell("action " + what + " on " + cargo + (after ? " after " : " before ") + at + " call " + call);
        node.faults.planAt(at, new Faults.Plan(Faults.What.MEANWHILE, call, after, () -> {
            house.tell("now the action on " + cargo);
            Thread other = Thread.ofPlatform().start(() -> node.faults.apart(() -> quietly(action)));
            // It may have to wait for whoever it came upon.
            Steps.within(100, () -> !other.isAlive());
        }));
    }

    // ---- The frame

    private void step(String what, Runnable action) {
        house.tell(what);
        quietly(action);
    }

    private void quietly(Runnable action) {
        try {
            action.run();
        } catch (ProblemException | Stopped | Crash e) {
            house.tell("  " + e.getMessage());
        }
    }

    /// What the engine does by itself comes to its end; after a crash there is a new process.
    private void rest() {
        for (TestingNode node : house.alive()) {
            Steps.within(
                    300,
                    () -> node.faults.dead()
                            || (node.steps.idle() && node.cancelling.stream().allMatch(this::isHeld)));
            node.cancelling.clear();
        }
        for (String name : house.bury()) {
            holds.values().removeIf(hold -> {
                boolean gone = hold.node.faults.dead();
                if (gone) {
                    quietly(hold::close);
                }
                return gone;
            });
            house.tell("a new process " + name);
            house.start(name);
        }
    }

    private boolean isHeld(JobId id) {
        return holds.keySet().stream().anyMatch(cargo -> cargo.id.equals(id));
    }

    private void leave() {
        for (Hold hold : List.copyOf(holds.values())) {
            house.tell("leave " + hold.cargo);
            quietly(() -> close(hold));
        }
    }
}
