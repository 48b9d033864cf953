package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Meter;
import dev.sluice.core.Outcome;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Session;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One run of an operation: from its plan, or from where its journal says that the last run ended, to its end. On one
/// thread, but for copies.
final class Run implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Run.class);

    private final Session session;
    private final OperationSpec spec;
    private final Journal journal;
    private final Journals journals;
    private final Devices devices;
    private final Temps temps;
    private final Reach reach;
    private final Reach.Access sources;
    private final Reach.Access targets;
    private final @Nullable Pace pace;
    private final AtomicLong over = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private volatile @Nullable Problem firstFailure;
    private volatile @Nullable Problem aborted;
    private volatile boolean leftBehind;
    private boolean resumed;
    private volatile long total;
    /// Files that wait in the middle of a circle of new names: it is brought to its end first.
    private int parked;

    Run(Session session, OperationSpec spec, Journal journal, Journals journals, Devices devices) {
        this.session = session;
        this.spec = spec;
        this.journal = journal;
        this.journals = journals;
        this.devices = devices;
        this.temps = new Temps(session.id());
        this.reach = spec.reach();
        this.sources = reach.access();
        this.targets = reach.access();
        Long bandwidth = spec.bandwidth();
        this.pace = bandwidth == null ? null : new Pace(bandwidth);
    }

    @Override
    public void close() {
        sources.close();
        targets.close();
    }

    /// Does what is left to do.
    ///
    /// @throws ProblemException where nothing could be done, or not all of it
    void run() throws IOException {
        List<Step> steps = planned();
        total = steps.stream().filter(Step::isFile).count();
        announce(steps);
        session.stage(Operations.TRANSFER);
        folders(steps);
        renames(steps);
        copies(steps);
        session.stage(Operations.FINISH);
        finish(steps);
    }

    // ---- Planning

    private List<Step> planned() throws IOException {
        Optional<List<Step>> before = journal.steps();
        if (before.isPresent()) {
            resumed = true;
            new Recovery(journal, temps, targets).settle(before.get());
            return journal.steps().orElseThrow();
        }
        Plan plan = plan();
        if (plan.isBlocked()) {
            throw blocked(plan);
        }
        session.stop().check();
        journal.plan(plan.steps(), spec.power());
        return plan.steps();
    }

    private Plan plan() throws IOException {
        try (var planner = new Planner(spec, journals, temps, stop(), meter())) {
            return planner.plan();
        }
    }

    static ProblemException blocked(Plan plan) {
        List<Conflict> blocking =
                plan.conflicts().stream().filter(Conflict::blocks).toList();
        Conflict first = blocking.getFirst();
        String more = blocking.size() == 1 ? "" : ", and " + (blocking.size() - 1) + " more conflicts";
        ErrorCode code = switch (first.kind()) {
            case NO_SPACE -> ErrorCode.DISK_FULL;
            case NO_PERMISSION, OUT_OF_REACH -> ErrorCode.FORBIDDEN;
            default -> ErrorCode.CONFLICT;
        };
        return new ProblemException(code, first.message() + more + "; nothing was touched");
    }

    private void announce(List<Step> steps) {
        long bytes = 0;
        long doneBytes = 0;
        for (Step step : steps) {
            Mark mark = journal.mark(step);
            bytes += step.bytes();
            if (mark.isOver() && step.isFile()) {
                over.incrementAndGet();
                doneBytes += mark.isDone() ? step.bytes() : 0;
                if (mark.phase() == Mark.Phase.FAILED && mark.error() != null) {
                    failures.incrementAndGet();
                    firstFailure = mark.error();
                }
            }
        }
        meter().from(doneBytes);
        if (bytes > 0) {
            session.total(bytes);
        }
        meter().items(over.get(), total);
        session.facts(OperationFacts.planned(spec, total, bytes));
    }

    // ---- Folders and renames

    private void folders(List<Step> steps) throws IOException {
        List<Step> open = open(steps, Act.FOLDER);
        Journal.Group lines = journal.group();
        open.forEach(lines::begun);
        lines.write();
        for (Step step : open) {
            stop().check();
            try {
                make(step);
                lines.done(step, Duration.ZERO, null);
            } catch (IOException e) {
                lines.write();
                throw failure(step, e);
            }
        }
        lines.write();
    }

    private void make(Step step) throws IOException {
        makeAbove(step.target());
        Path target = targets.entry(step.target());
        try {
            Files.createDirectory(target, Permissions.attribute(step.found().permissions() | 0700));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(target)) {
                throw e;
            }
        }
    }

    /// Folders above a target that nobody planned: a path with a `/` at its end may name several that are missing.
    private void makeAbove(Path target) throws IOException {
        Path parent = target.getParent();
        if (parent == null || isFolder(parent)) {
            return;
        }
        makeAbove(parent);
        try {
            Files.createDirectory(targets.entry(parent));
        } catch (FileAlreadyExistsException e) {
            if (!isFolder(parent)) {
                throw e;
            }
        }
    }

    private boolean isFolder(Path path) throws IOException {
        try {
            return Files.isDirectory(targets.folder(path));
        } catch (java.nio.file.NoSuchFileException | java.nio.file.NotDirectoryException e) {
            return false;
        }
    }

    private void renames(List<Step> steps) throws IOException {
        var open = new ArrayList<Step>();
        for (Step step : steps) {
            if ((step.act() == Act.RENAME || step.act() == Act.PARK)
                    && !journal.mark(step).isOver()) {
                open.add(step);
            }
        }
        for (int from = 0; from < open.size(); from += 64) {
            rename(open.subList(from, Math.min(open.size(), from + 64)), steps);
        }
    }

    private void rename(List<Step> group, List<Step> steps) throws IOException {
        Journal.Group lines = journal.group();
        group.forEach(lines::begun);
        lines.write();
        var changed = new TreeSet<Path>();
        try {
            for (Step step : group) {
                if (parked == 0) {
                    stop().check();
                }
                meter().current(step.source().toString());
                long began = System.nanoTime();
                try {
                    rename(step, steps);
                    parked += step.act() == Act.PARK ? 1 : step.twin() >= 0 ? -1 : 0;
                    lines.done(step, Duration.ofNanos(System.nanoTime() - began), null);
                    changed.add(step.into());
                    changed.add(step.from());
                } catch (IOException e) {
                    failed(step, Faults.problem(step.source() + " to " + step.target(), e), lines);
                }
                if (step.isFile()) {
                    counted();
                }
            }
            if (spec.power()) {
                for (Path folder : changed) {
                    Bytes.syncFolder(targets.folder(folder));
                }
            }
        } finally {
            lines.write();
        }
    }

    private void rename(Step step, List<Step> steps) throws IOException {
        makeAbove(step.target());
        Path from = step.twin() < 0 ? step.source() : steps.get(step.twin()).target();
        Path source = sources.entry(from);
        Path target = targets.entry(step.target());
        if (!Stat.of(source).identity().equals(step.found().identity())) {
            throw new IOException("it is not the file that was planned");
        }
        if (!step.replaces()) {
            placeFree(step, source, target);
            return;
        }
        if (keepsOld() && Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            try {
                Placing.keep(target, targets.entry(temps.old(step)));
            } catch (FileAlreadyExistsException e) {
                log.debug("[{}] {} was kept before", session.id(), step.target());
            }
        }
        Placing.over(source, target);
    }

    private static void placeFree(Step step, Path source, Path target) throws IOException {
        try {
            Placing.free(source, target);
        } catch (FileAlreadyExistsException e) {
            // Where case means nothing a new case is no other name.
            if (!step.source().toString().equalsIgnoreCase(step.target().toString())
                    || !Stat.of(target).identity().equals(step.found().identity())) {
                throw e;
            }
            Placing.over(source, target);
        }
    }

    // ---- Copies

    private void copies(List<Step> steps) throws IOException {
        var open = new ArrayList<Step>();
        var twins = new ArrayList<Step>();
        for (Step step : steps) {
            if (journal.mark(step).isOver()) {
                continue;
            }
            switch (step.act()) {
                case COPY, LINK -> open.add(step);
                case HARD_LINK -> twins.add(step);
                case SKIP, IMPOSSIBLE -> settle(step);
                default -> log.debug("[{}] {} is no copy", session.id(), step.source());
            }
        }
        if (!open.isEmpty()) {
            for (Path folder : parents(open)) {
                makeAbove(folder.resolve("x"));
            }
            work(new GroupsOfSteps(open), devices.width(devicesOf(open)));
            checkAborted();
        }
        hardLinks(twins, steps);
        if (leavesAtOnce()) {
            leaveRest(steps);
        }
    }

    private static SortedSet<Path> parents(List<Step> steps) {
        var parents = new TreeSet<Path>();
        steps.forEach(step -> parents.add(step.into()));
        return parents;
    }

    private void settle(Step step) throws IOException {
        Journal.Group lines = journal.group();
        Problem why = step.why();
        if (why == null) {
            throw new IllegalStateException("step " + step.number() + " does not say why it is not done");
        }
        if (step.act() == Act.IMPOSSIBLE) {
            failed(step, why, lines);
        } else {
            lines.skipped(step, why);
        }
        counted();
        lines.write();
    }

    private void work(GroupsOfSteps groups, int threads) {
        try (ExecutorService pool = Executors.newFixedThreadPool(
                threads,
                Thread.ofPlatform()
                        .daemon()
                        .name("copy-" + session.id() + "-", 1)
                        .factory())) {
            var working = new ArrayList<CompletableFuture<@Nullable Void>>();
            for (int thread = 0; thread < threads; thread++) {
                working.add(CompletableFuture.runAsync(() -> workOn(groups), pool));
            }
            CompletableFuture.allOf(working.toArray(CompletableFuture[]::new))
                    .exceptionally(e -> null)
                    .join();
            working.forEach(Outcome::of);
        }
    }

    private void workOn(GroupsOfSteps groups) {
        try {
            GroupOfCopies.work(this, groups);
        } catch (IOException e) {
            Problem problem = Faults.problem("the operation could not go on", e);
            abort(problem);
            throw new ProblemException(problem, e);
        } catch (RuntimeException e) {
            // The others need not go on: somebody has to see to it first.
            abort(new Problem(ErrorCode.INTERNAL, "something broke here; the log says what"));
            throw e;
        }
    }

    private void hardLinks(List<Step> twins, List<Step> steps) throws IOException {
        Journal.Group lines = journal.group();
        twins.forEach(lines::begun);
        lines.write();
        for (Step step : twins) {
            stop().check();
            Step first = steps.get(step.twin());
            try {
                if (!journal.mark(first).isDone()) {
                    throw new IOException("the copy of " + first.source() + ", which is the same file, failed");
                }
                link(step, first);
                lines.done(step, Duration.ZERO, null);
            } catch (IOException e) {
                failed(step, Faults.problem(step.target().toString(), e), lines);
            }
            counted();
        }
        lines.write();
    }

    private void link(Step step, Step first) throws IOException {
        Path part = targets.entry(temps.part(step));
        Files.deleteIfExists(part);
        try (Reach.Access another = reach.access()) {
            Files.createLink(part, another.entry(first.target()));
        }
        Path target = targets.entry(step.target());
        if (step.replaces()) {
            if (keepsOld()) {
                Placing.keep(target, targets.entry(temps.old(step)));
            }
            Placing.over(part, target);
        } else {
            try {
                Placing.free(part, target);
            } catch (IOException e) {
                Files.deleteIfExists(part);
                throw e;
            }
        }
    }

    private void leaveRest(List<Step> steps) throws IOException {
        var rest = steps.stream()
                .filter(step -> step.act().copies())
                .filter(step ->
                        journal.mark(step).isDone() && journal.mark(step).phase() != Mark.Phase.LEFT)
                .toList();
        if (!rest.isEmpty()) {
            new Leaving(journal, sources, stop(), this::failed).leave(rest);
        }
    }

    // ---- The end

    private void finish(List<Step> steps) throws IOException {
        List<Step> folders =
                steps.stream().filter(step -> step.act() == Act.FOLDER).toList();
        for (Step step : folders.reversed()) {
            stop().check();
            if (!step.replaces()) {
                settleFolder(step);
            }
        }
        if (leavesAtOnce() && spec.verb() != Verb.COPY) {
            new Leaving(journal, sources, stop(), this::failed).leaveFolders(folders);
        }
        List<String> manifests = manifests(steps);
        if (spec.power()) {
            journal.force();
        }
        stop().check();
        session.facts(OperationFacts.ended(spec, journal, manifests));
        if (failures.get() > 0) {
            throw new ProblemException(failure(), null);
        }
    }

    private List<String> manifests(List<Step> steps) throws IOException {
        HashKind kind = spec.verify();
        if (!spec.manifest() || kind == null) {
            return List.of();
        }
        try {
            return new Manifests(journal, kind, targets).write(steps);
        } catch (ProblemException e) {
            throw new ProblemException(
                    e.code(), "all is copied, but no manifest: " + e.problem().message(), e);
        }
    }

    private void settleFolder(Step step) throws IOException {
        Path target = targets.entry(step.target());
        Attributes.copy(sources.entry(step.source()), target, step.found());
    }

    private Problem failure() {
        Problem first = firstFailure;
        String one = first == null ? "" : ": " + first.message();
        long failed = failures.get();
        return new Problem(
                ErrorCode.FILES_FAILED,
                failed + " of " + total + (total == 1 ? " file" : " files") + " failed"
                        + (failed == 1 ? one : one + " …") + "; the report says which");
    }

    private ProblemException failure(Step step, IOException e) {
        return new ProblemException(Faults.problem(step.target().toString(), e), e);
    }

    private List<Step> open(List<Step> steps, Act act) {
        return steps.stream()
                .filter(step -> step.act() == act && !journal.mark(step).isOver())
                .toList();
    }

    /// Whether nothing is owed any more.
    boolean isClean() {
        return !leftBehind && spec.onCancel() == OnCancel.KEEP;
    }

    // ---- For the threads that copy

    OperationSpec spec() {
        return spec;
    }

    Journal journal() {
        return journal;
    }

    /// Whether an earlier run has begun it.
    boolean isResumed() {
        return resumed;
    }

    Reach reach() {
        return reach;
    }

    Temps temps() {
        return temps;
    }

    StopToken stop() {
        return session.stop();
    }

    Meter meter() {
        return session.meter();
    }

    @Nullable
    Pace pace() {
        return pace;
    }

    /// A move deletes its sources as it goes, unless all of it may still be taken back.
    boolean leavesAtOnce() {
        return spec.verb() == Verb.MOVE && spec.onCancel() == OnCancel.KEEP;
    }

    /// Whether what is replaced is kept until the operation is over.
    boolean keepsOld() {
        return spec.onCancel() == OnCancel.ROLLBACK;
    }

    Devices.Places claim(List<Step> group) {
        return devices.claim(devicesOf(group), stop());
    }

    private SortedSet<Long> devicesOf(List<Step> steps) {
        var found = new TreeSet<Long>();
        Path last = null;
        for (Step step : steps) {
            found.add(step.found().device());
            Path folder = step.into();
            if (!folder.equals(last)) {
                last = folder;
                try (Reach.Access access = reach.access()) {
                    found.add(Stat.following(access.folder(folder)).device());
                } catch (IOException e) {
                    // Whoever copies into it finds out and says so.
                    log.debug("[{}] {} is not there", session.id(), folder, e);
                }
            }
        }
        return found;
    }

    void counted() {
        meter().items(over.incrementAndGet(), total);
    }

    void skipped(Step step, Journal.Group lines, String why) {
        log.debug("[{}] {} skipped: {}", session.id(), step.source(), why);
        lines.skipped(step, new Problem(ErrorCode.CONFLICT, why));
        counted();
    }

    void failed(Step step, Problem why) {
        failures.incrementAndGet();
        if (firstFailure == null) {
            firstFailure = why;
        }
        log.info("[{}] {} failed: {}", session.id(), step.source(), why.message());
        counted();
    }

    private void failed(Step step, Problem why, Journal.Group lines) {
        lines.failed(step, why);
        failures.incrementAndGet();
        if (firstFailure == null) {
            firstFailure = why;
        }
    }

    /// Nothing more of this operation has a chance.
    void abort(Problem why) {
        if (aborted == null) {
            aborted = why;
        }
    }

    void checkAborted() {
        Problem why = aborted;
        if (why != null) {
            throw new ProblemException(why, null);
        }
    }

    /// What could not be deleted is a debt that is paid later.
    void leftBehind(Path part, IOException why) {
        leftBehind = true;
        log.warn("[{}] {} could not be deleted and is owed", session.id(), part, why);
    }
}
