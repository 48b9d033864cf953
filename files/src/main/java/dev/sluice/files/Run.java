package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.FullDisk;
import dev.sluice.core.Meter;
import dev.sluice.core.Note;
import dev.sluice.core.Outcome;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Session;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One run of an operation: from its plan, or from where its journal says that the last run ended, to its end. On one
/// thread, but for copies.
final class Run implements AutoCloseable {
    /// So often a thing is tried whose disk may be away for a moment only.
    static final int TRIES = 3;

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
    private final TargetFolders targetFolders;
    private final AtomicBoolean attributesLost = new AtomicBoolean();
    private volatile @Nullable Tally tally;
    private volatile @Nullable Problem aborted;
    private volatile boolean leftBehind;
    private volatile @Nullable Set<Path> alike;
    private boolean resumed;

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
        this.targetFolders = new TargetFolders(targets, journal);
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
        announce(steps);
        session.stage(Operations.TRANSFER);
        folders(steps);
        new Renames(this, steps, sources, targets, targetFolders).go();
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
        var counted = new Tally(meter(), steps, journal);
        tally = counted;
        if (counted.bytes() > 0) {
            session.total(counted.bytes());
        }
        session.facts(OperationFacts.planned(spec, counted.files(), counted.bytes()));
    }

    // ---- Doing it

    private void folders(List<Step> steps) throws IOException {
        List<Step> open = steps.stream()
                .filter(step -> step.act() == Act.FOLDER && !journal.mark(step).isOver())
                .toList();
        Journal.Group lines = journal.group();
        open.forEach(lines::begun);
        lines.write(spec.power());
        try {
            for (Step step : open) {
                stop().check();
                make(step.target(), () -> targetFolders.make(step))
                        .ifPresentOrElse(why -> lines.failed(step, why), () -> lines.done(step, Duration.ZERO, null));
            }
            syncFolders();
        } finally {
            if (isOurs()) {
                lines.write();
            }
        }
    }

    /// Whether the journal is not somebody else's by now.
    private boolean isOurs() {
        return stop().reason().filter(StopReason.FENCED::equals).isEmpty();
    }

    @FunctionalInterface
    private interface Making {
        void make() throws IOException;
    }

    /// A folder that cannot be made fails what is to come into it, and nothing else. On a full disk nothing more has
    /// a chance.
    ///
    /// @return why it could not be made
    private Optional<Problem> make(Path folder, Making making) {
        Optional<Problem> missing = targetFolders.whyMissing(folder);
        for (int attempt = 1; missing.isEmpty(); attempt++) {
            try {
                making.make();
                return Optional.empty();
            } catch (IOException e) {
                if (!Faults.mayPass(e) || attempt == TRIES) {
                    Problem why = Faults.problem("the folder " + folder + " could not be made", e);
                    if (FullDisk.isMeantBy(e)) {
                        throw new ProblemException(why, e);
                    }
                    targetFolders.noteMissing(folder, why);
                    tally().folderFailed(why);
                    return Optional.of(why);
                }
            }
            pause(attempt);
            stop().check();
        }
        return missing;
    }

    private void syncFolders() throws IOException {
        if (spec.power()) {
            targetFolders.sync();
        }
    }

    /// Whether another step's target differs from this one's in case or composition only.
    boolean hasAlike(Step step) {
        Set<Path> known = alike;
        if (known == null) {
            var folded = new HashMap<String, Path>();
            known = new HashSet<>();
            for (Step one : journal.steps().orElse(List.of())) {
                Path other = folded.putIfAbsent(folded(one.target()), one.target());
                if (other != null && !other.equals(one.target())) {
                    known.add(other);
                    known.add(one.target());
                }
            }
            alike = known;
        }
        return known.contains(step.target());
    }

    private static String folded(Path path) {
        return Normalizer.normalize(path.toString(), Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
    }

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
        SortedSet<Path> folders = parents(open);
        folders.addAll(parents(twins));
        for (Path folder : folders) {
            var unused = make(folder, () -> targetFolders.makeAbove(folder.resolve("x")));
        }
        syncFolders();
        List<Step> possible = withFolder(open);
        if (!possible.isEmpty()) {
            work(new GroupsOfSteps(possible), devices.width(devicesOf(possible)));
            checkAborted();
        }
        hardLinks(withFolder(twins), steps);
        if (leavesAtOnce()) {
            leaveRest(steps);
        }
    }

    /// Without those whose folder could not be made: they fail.
    private List<Step> withFolder(List<Step> steps) throws IOException {
        Journal.Group lines = journal.group();
        var possible = new ArrayList<Step>(steps.size());
        for (Step step : steps) {
            targetFolders
                    .whyMissing(step.into())
                    .ifPresentOrElse(why -> failed(step, why, lines), () -> possible.add(step));
        }
        lines.write();
        return possible;
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
            tally().over();
        }
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
            if (Linux.known()) {
                // A copy keeps a core in the kernel; cancels, watchers and the collector must not wait for it.
                Linux.stepAside();
            }
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

    /// Second names; where the disk knows none, further copies.
    private void hardLinks(List<Step> twins, List<Step> steps) throws IOException {
        Journal.Group lines = journal.group();
        twins.forEach(lines::begun);
        lines.write(spec.power());
        var copies = new ArrayList<Step>();
        var linked = new ArrayList<Step>();
        try {
            for (Step step : twins) {
                stop().check();
                Step first = steps.get(step.twin());
                try {
                    if (journal.mark(first).isDone() && link(step, first)) {
                        linked.add(step);
                    } else {
                        copies.add(step.copied());
                    }
                } catch (IOException e) {
                    failed(step, Faults.problem(step.target().toString(), e), lines);
                }
            }
        } finally {
            // Also where it was stopped in between.
            if (isOurs()) {
                noteLinked(linked, lines);
            }
        }
        if (!copies.isEmpty()) {
            work(new GroupsOfSteps(copies), devices.width(devicesOf(copies)));
            checkAborted();
        }
    }

    private void noteLinked(List<Step> linked, Journal.Group lines) throws IOException {
        if (spec.power()) {
            for (Path folder : parents(linked)) {
                Bytes.syncFolder(targets.folder(folder));
            }
        }
        for (Step step : linked) {
            lines.done(step, Duration.ZERO, null);
            tally().over();
        }
        lines.write();
    }

    /// @return false where there are no second names
    private boolean link(Step step, Step first) throws IOException {
        Path part = targets.entry(temps.part(step));
        Files.deleteIfExists(part);
        try (Reach.Access another = reach.access()) {
            Files.createLink(part, another.entry(first.target()));
        } catch (NoSuchFileException e) {
            throw e;
        } catch (FileSystemException | UnsupportedOperationException e) {
            log.debug("[{}] no second name for {}: {}", session.id(), first.target(), e.toString());
            return false;
        }
        Path target = targets.entry(step.target());
        try {
            if (step.replaces()) {
                Placing.replace(part, target, keepsOld() ? targets.entry(temps.old(step)) : null);
            } else {
                Placing.free(part, target);
            }
            return true;
        } catch (IOException e) {
            Files.deleteIfExists(part);
            throw e;
        }
    }

    private void leaveRest(List<Step> steps) throws IOException {
        var rest = steps.stream()
                .filter(step -> step.act().copies())
                .filter(step ->
                        journal.mark(step).isDone() && journal.mark(step).phase() != Mark.Phase.LEFT)
                .toList();
        if (!rest.isEmpty()) {
            new Leaving(journal, sources, targets, spec.power(), stop(), tally()::stayed).leave(rest);
        }
    }

    // ---- The end

    private void finish(List<Step> steps) throws IOException {
        List<Step> folders =
                steps.stream().filter(step -> step.act() == Act.FOLDER).toList();
        for (Step step : folders.reversed()) {
            stop().check();
            if (!step.replaces() && journal.mark(step).phase() == Mark.Phase.DONE) {
                settleFolder(step);
            }
        }
        if (leavesAtOnce()) {
            new Leaving(journal, sources, targets, spec.power(), stop(), tally()::stayed).leaveFolders(folders);
        }
        stop().check();
        List<String> manifests = manifests(steps);
        if (spec.power()) {
            journal.force();
        }
        session.facts(OperationFacts.ended(spec, journal, manifests));
        if (attributesLost.get()) {
            session.note(new Note(
                    Note.Level.WARNING,
                    "attributes_lost",
                    "some files had permissions, times, access lists or extended attributes that cannot be kept where they are now",
                    Map.of()));
        }
        if (spec.verify() != null
                && steps.stream()
                        .anyMatch(step ->
                                step.act() == Act.RENAME && journal.mark(step).isDone())) {
            session.note(new Note(
                    Note.Level.WARNING,
                    "not_verified",
                    "what stays on its disk is renamed and not read: it has no digest and stands in no manifest",
                    Map.of()));
        }
        Problem failure = tally().failure();
        if (failure != null) {
            throw new ProblemException(failure, null);
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
        if (sources.stat(step.source()).isEmpty()) {
            // An earlier run has done this, and then removed the source.
            return;
        }
        attributes(
                sources.entry(step.source()),
                targets.entry(step.target()),
                step.found(),
                TargetFolders.permissions(step));
    }

    /// Gives a copy what its source has beside the bytes.
    ///
    /// @param made the permissions that it was made with
    void attributes(Path from, Path to, Stat source, int made) throws IOException {
        if (spec.verb() == Verb.MOVE) {
            Attributes.owner(from, to);
        }
        if (!Attributes.copy(from, to, source, made)) {
            attributesLost.set(true);
        }
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

    /// Who counts, once it is planned.
    Tally tally() {
        Tally known = tally;
        if (known == null) {
            throw new IllegalStateException("the operation is not planned yet");
        }
        return known;
    }

    void skipped(Step step, Journal.Group lines, String why) {
        log.debug("[{}] {} skipped: {}", session.id(), step.source(), why);
        lines.skipped(step, new Problem(ErrorCode.CONFLICT, why));
        tally().over();
    }

    void failed(Step step, Problem why, Journal.Group lines) {
        lines.failed(step, why);
        tally().failed(step, why);
    }

    /// Waits before a try after the first, or until the operation is stopped.
    void pause(int attempt) {
        var stopped = new CountDownLatch(1);
        try (StopToken.Registration hung = stop().onStop(why -> stopped.countDown())) {
            assert hung != null;
            var unused = stopped.await(100L << (2 * attempt), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
