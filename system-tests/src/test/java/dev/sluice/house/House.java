package dev.sluice.house;

import dev.sluice.core.Debt;
import dev.sluice.core.Event;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.JobQuery;
import dev.sluice.core.JobState;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.Durability;
import dev.sluice.testing.SettableClock;
import dev.sluice.upload.FileRequest;
import dev.sluice.upload.Opening;
import dev.sluice.upload.UploadFacts;
import dev.sluice.upload.Uploads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/// One folder and one database through the lives of several processes, what clients have been told, and whether
/// the promises hold.
final class House implements AutoCloseable {
    private static final int TRIES = 25;

    final SettableClock clock = new SettableClock(Instant.parse("2026-11-01T00:00:00Z"));
    final List<Cargo> cargo = new ArrayList<>();
    private final Map<String, TestingNode> nodes = new LinkedHashMap<>();
    private final Ground ground;
    private final Path folder;
    private final Durability durability;
    private final List<String> story = new ArrayList<>();
    private int submitted;

    House(Ground ground, Path folder, Durability durability) {
        this.ground = ground;
        this.folder = folder;
        this.durability = durability;
        ground.lay(folder);
    }

    /// A promise was broken.
    AssertionError broken(String what) {
        return new AssertionError(what + "\n  " + String.join("\n  ", told()));
    }

    synchronized void tell(String line) {
        story.add(line);
    }

    private synchronized List<String> told() {
        return List.copyOf(story.subList(Math.max(0, story.size() - 120), story.size()));
    }

    // ---- Processes

    List<TestingNode> alive() {
        return nodes.values().stream().filter(node -> !node.faults.dead()).toList();
    }

    TestingNode start(String name) {
        var node = new TestingNode(ground, folder, name, durability, clock);
        node.breakTransactionAt(0);
        nodes.put(name, node);
        node.steps.start();
        return node;
    }

    /// Buries the dead.
    ///
    /// @return their names
    Set<String> bury() {
        var dead = new HashSet<String>();
        nodes.forEach((name, node) -> {
            if (node.faults.dead()) {
                dead.add(name);
            }
        });
        dead.forEach(name -> {
            TestingNode node = nodes.remove(name);
            if (node != null) {
                node.kill();
            }
        });
        return dead;
    }

    void submit(TestingNode node, Random random, int files, boolean batch) {
        var requests = new ArrayList<FileRequest>();
        var contents = new ArrayList<byte[]>();
        for (int n = 0; n < files; n++) {
            int size = random.nextInt(12) == 0 ? (1 << 20) + random.nextInt(1 << 20) : random.nextInt(40_000);
            boolean announced = random.nextInt(4) != 0;
            contents.add(Cargo.bytes(++submitted, random.nextInt(15) == 0 ? 0 : size));
            long length = contents.getLast().length;
            requests.add(new FileRequest(
                    random.nextBoolean() ? "same.bin" : "file-" + submitted + ".bin",
                    announced ? length : null,
                    "application/octet-stream",
                    null));
        }
        Uploads.Initiated made = node.uploads.initiate(Owner.LOCAL, requests, batch, null);
        for (int n = 0; n < files; n++) {
            boolean announced = requests.get(n).size() != null;
            cargo.add(new Cargo(made.files().get(n).id(), made.batch(), announced, contents.get(n)));
        }
    }

    // ---- Settling

    /// Lets everything come to rest that would do so with time alone: clients are gone by now.
    void settle() {
        bury();
        if (alive().isEmpty()) {
            start("a");
        }
        for (TestingNode node : alive()) {
            node.faults.forget();
            node.faults.cut(false);
            node.faults.diesOfDatabaseFailures(false);
            node.breakTransactionAt(0);
        }
        String unrest = "";
        for (int attempt = 0; attempt < TRIES; attempt++) {
            for (TestingNode node : alive()) {
                node.steps.renewLease();
                node.steps.sweep();
                if (!Steps.within(5_000, node.steps::idle)) {
                    throw broken("paying debts does not end");
                }
            }
            unrest = unrest();
            if (unrest.isEmpty()) {
                return;
            }
            clock.pass(Duration.ofSeconds(1));
        }
        throw broken("it does not come to rest: " + unrest);
    }

    private String unrest() {
        TestingNode node = alive().getFirst();
        for (Job job : all(node)) {
            List<Debt> debts = node.state.debts().of(job.id());
            if (job.state() == JobState.RUNNING) {
                return job.id() + " runs without a client";
            }
            if (debts.stream().anyMatch(debt -> job.state().ended() || debt.when() != Debt.When.ENDED)) {
                return job.id() + " is " + job.state() + " and owes " + debts;
            }
        }
        return "";
    }

    /// Whatever can still be completed is.
    void bringHome() {
        TestingNode node = alive().getFirst();
        var undone = new ArrayList<Cargo>();
        for (Cargo one : cargo) {
            Job job = node.engine.job(one.id);
            if (job.state() == JobState.PAUSED) {
                node.engine.resume(one.id);
            }
            if (job.state() == JobState.PENDING || job.state() == JobState.PAUSED) {
                undone.add(one);
            }
        }
        for (Cargo one : undone) {
            tell("bring home " + one);
            Hold hold = Hold.open(this, one, node, Opening.RESUME);
            if (hold.missing() > 0) {
                hold.write((int) hold.missing());
            }
            hold.finish();
            hold.close();
        }
    }

    // ---- The promises

    void check() {
        TestingNode node = alive().getFirst();
        List<Job> jobs = all(node);
        var byId = new HashMap<JobId, Job>();
        jobs.forEach(job -> byId.put(job.id(), job));
        for (Cargo one : cargo) {
            Job job = byId.get(one.id);
            if (job == null) {
                throw broken(one.id + " was acknowledged and is lost");
            }
            if (one.isCancelled() && job.state() != JobState.CANCELLED) {
                throw broken(one.id + " was cancelled and is " + job.state());
            }
            if (one.isCompleted() && job.state() != JobState.COMPLETED) {
                throw broken(one.id + " was completed and is " + job.state());
            }
        }
        checkFiles(node, byId);
        checkEvents(node, byId);
    }

    private void checkFiles(TestingNode node, Map<JobId, Job> jobs) {
        var expected = new HashSet<String>();
        for (Cargo one : cargo) {
            Job job = jobs.get(one.id);
            if (job != null && job.state() == JobState.COMPLETED) {
                UploadFacts facts = UploadFacts.of(job);
                expected.add(facts.key());
                checkObject(one, facts);
            }
        }
        for (String name : names()) {
            if (!name.startsWith(".")) {
                if (!expected.contains(name)) {
                    throw broken("\"" + name + "\" is visible and belongs to no completed job");
                }
                continue;
            }
            String upload = name.substring(1, name.lastIndexOf(".sluice-"));
            Job job = jobs.get(new JobId(upload.substring(0, upload.lastIndexOf('-'))));
            if (job == null || job.state().ended()) {
                throw broken(name + " is left, of a job that is " + (job == null ? "gone" : job.state()));
            }
            if (node.state.debts().of(job.id()).stream()
                    .noneMatch(debt -> debt.detail().json().contains(upload))) {
                throw broken(name + " is owed by no debt");
            }
        }
    }

    private void checkObject(Cargo one, UploadFacts facts) {
        try {
            Path file = folder.resolve("files").resolve(facts.key());
            if (!Files.exists(file)) {
                throw broken(one.id + " is completed and its object " + facts.key() + " is not there");
            }
            if (!Arrays.equals(Files.readAllBytes(file), one.content())) {
                throw broken(one.id + " is completed and its object has other bytes");
            }
            if (facts.crc() != one.crc() || facts.size() != one.size()) {
                throw broken(one.id + " is completed with a wrong digest or size: " + facts.crc32() + " instead of "
                        + String.format(Locale.ROOT, "%08x", one.crc()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> names() {
        try (Stream<Path> files = Files.list(folder.resolve("files"))) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void checkEvents(TestingNode node, Map<JobId, Job> jobs) {
        var states = new HashMap<JobId, JobState>();
        var numbers = new HashMap<JobId, Long>();
        long number = 0;
        for (Event event : node.state.events().read(0, node.state.events().position(), null, Integer.MAX_VALUE)) {
            if (event.seq() != ++number) {
                throw broken("event " + number + " is missing, there is " + event);
            }
            JobState now = JobState.valueOf(
                    String.valueOf(event.data().members().get("state")).toUpperCase(Locale.ROOT));
            JobState before = states.put(event.job(), now);
            if (before != null && before != now && !before.next().contains(now)) {
                throw broken(event.job() + " went from " + before + " to " + now);
            }
            numbers.put(event.job(), event.seq());
        }
        if (number != node.state.events().position()) {
            throw broken("the log ends at " + number + " and says "
                    + node.state.events().position());
        }
        jobs.forEach((id, job) -> {
            if (states.get(id) != job.state() || numbers.getOrDefault(id, 0L) != job.seq()) {
                throw broken(id + " is " + job.state() + " at " + job.seq() + ", its last event says " + states.get(id)
                        + " at " + numbers.get(id));
            }
        });
    }

    private static List<Job> all(TestingNode node) {
        return node.state
                .jobs()
                .list(new JobQuery(null, null, null, null, null, 1_000, null))
                .jobs();
    }

    /// The end of a process in good order.
    @Override
    public void close() {
        bury();
        nodes.values().forEach(node -> {
            try {
                node.close();
            } catch (ProblemException e) {
                throw broken("a process does not end: " + e);
            }
        });
    }
}
