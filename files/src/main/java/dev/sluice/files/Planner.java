package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.JobId;
import dev.sluice.core.Meter;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds out what an operation will do: which files there are, where each goes, by which act, and what stands in the
/// way. Touches nothing.
final class Planner implements AutoCloseable {
    private final OperationSpec spec;
    private final Journals journals;
    private final Temps temps;
    private final StopToken stop;
    private final Meter meter;
    private final Reach reach;
    private final Reach.Access access;
    private final List<Conflict> conflicts = new ArrayList<>();
    private final List<Step> folders = new ArrayList<>();
    private final List<Step> files = new ArrayList<>();
    private final List<Step> renames = new ArrayList<>();
    private final Map<Stat.Identity, Step> named = new HashMap<>();

    Planner(OperationSpec spec, Journals journals, Temps temps, StopToken stop, Meter meter) {
        this.spec = spec;
        this.journals = journals;
        this.temps = temps;
        this.stop = stop;
        this.meter = meter;
        this.reach = spec.reach();
        this.access = reach.access();
    }

    @Override
    public void close() {
        access.close();
    }

    /// @throws dev.sluice.core.ProblemException where what was asked for makes no sense
    /// @throws dev.sluice.core.Stopped where the token has fired
    Plan plan() throws IOException {
        var surroundings = new Surroundings(access);
        for (Sources.Root root : roots(surroundings)) {
            stop.check();
            if (isInReach(root)) {
                add(root, surroundings);
            }
        }
        var steps = new ArrayList<Step>(folders.size() + files.size() + renames.size());
        folders.forEach(step -> steps.add(step.numbered(steps.size())));
        steps.addAll(RenameOrder.of(renames, steps.size(), temps));
        files.forEach(step -> steps.add(step.numbered(steps.size())));
        var checks = new PlanChecks(spec, surroundings, stop, conflicts);
        return new Plan(linked(checks.checked(steps)), conflicts);
    }

    private List<Sources.Root> roots(Surroundings surroundings) throws IOException {
        String undone = spec.undoes();
        if (undone != null) {
            return undoing(new JobId(undone), surroundings);
        }
        var sources = new Sources(spec, access, stop, conflicts);
        List<Sources.Root> roots = sources.roots();
        files.addAll(sources.missing());
        return roots;
    }

    /// All that another operation has brought somewhere goes back to where it was, and so do its folders.
    private List<Sources.Root> undoing(JobId undone, Surroundings surroundings) throws IOException {
        var roots = new ArrayList<Sources.Root>();
        try (Journal journal = Journal.read(journals.of(undone))) {
            for (Step step : journal.steps().orElse(List.of())) {
                Mark mark = journal.mark(step);
                if (!mark.isDone() || step.act() == Act.PARK) {
                    continue;
                }
                Optional<Stat> now =
                        reach.covers(step.target()) ? surroundings.stat(step.target()) : Optional.<Stat>empty();
                if (step.act() == Act.FOLDER) {
                    now.filter(stat -> stat.isFolder() && mark.phase() == Mark.Phase.LEFT)
                            .ifPresent(stat -> folders.add(step.back(Act.FOLDER, stat)));
                } else if (mark.phase() != Mark.Phase.LEFT && hasStayed(step, surroundings)) {
                    stayed(Sources.Root.back(step), now);
                } else if (now.isPresent() && !isStill(step, now.get())) {
                    changed(Sources.Root.back(step), now.get());
                } else {
                    roots.add(Sources.Root.back(step));
                }
            }
        }
        return roots;
    }

    /// Whether a file is what the step has put there. What was renamed is so whatever was written into it since.
    private static boolean isStill(Step step, Stat now) {
        return step.act().copies()
                ? Copies.isOf(step, now)
                : now.identity().equals(step.found().identity()) || now.isAsBefore(step.found());
    }

    /// Whether what was copied never went away: a cancel came first.
    private boolean hasStayed(Step step, Surroundings surroundings) throws IOException {
        return step.act().copies()
                && reach.covers(step.source())
                && surroundings
                        .stat(step.source())
                        .filter(stat -> stat.isAsBefore(step.found()))
                        .isPresent();
    }

    private void stayed(Sources.Root back, Optional<Stat> now) {
        String message = back.target() + " has not gone; its copy " + back.source() + " stays";
        conflicts.add(new Conflict(Conflict.Kind.TARGET_EXISTS, back.source(), back.target(), false, message));
        files.add(Step.skip(back.source(), back.target(), now.orElse(null), ErrorCode.CONFLICT, message));
    }

    private void changed(Sources.Root back, Stat now) {
        String message = back.source() + " is not what was put there, and stays";
        conflicts.add(new Conflict(Conflict.Kind.SOURCE_CHANGED, back.source(), back.target(), false, message));
        files.add(Step.impossible(back.source(), back.target(), now, ErrorCode.SOURCE_CHANGED, message));
    }

    private boolean isInReach(Sources.Root root) {
        for (Path path : List.of(root.source(), root.target())) {
            if (!reach.covers(path)) {
                conflicts.add(new Conflict(
                        Conflict.Kind.OUT_OF_REACH,
                        root.source(),
                        root.target(),
                        true,
                        path + " is in none of the folders that are open to requests (files.roots)"));
                return false;
            }
        }
        return true;
    }

    private void add(Sources.Root root, Surroundings surroundings) throws IOException {
        Optional<Stat> found = surroundings.stat(root.source());
        if (found.isEmpty()) {
            conflicts.add(new Conflict(
                    Conflict.Kind.MISSING_SOURCE, root.source(), root.target(), false, "there is no " + root.source()));
            files.add(Step.impossible(
                    root.source(), root.target(), null, ErrorCode.NOT_FOUND, "there is no " + root.source()));
            return;
        }
        Stat stat = found.get();
        if (stat.isFolder() && surroundings.isInside(root.target(), root.source())) {
            boolean same = root.target().equals(root.source());
            conflicts.add(new Conflict(
                    same ? Conflict.Kind.SAME_FILE : Conflict.Kind.TARGET_INSIDE_SOURCE,
                    root.source(),
                    root.target(),
                    true,
                    same
                            ? root.source() + " would be put in its own place"
                            : "the target " + root.target() + " lies in its own source " + root.source()));
            return;
        }
        boolean renames = spec.verb() != Verb.COPY && surroundings.canRename(root.source(), root.target());
        if (spec.verb() == Verb.RENAME && !renames) {
            conflicts.add(new Conflict(
                    Conflict.Kind.OUT_OF_REACH,
                    root.source(),
                    root.target(),
                    true,
                    root.target() + " is on another disk than " + root.source() + "; use move"));
            return;
        }
        add(root.source(), root.target(), stat, renames, surroundings);
    }

    private void add(Path source, Path target, Stat stat, boolean byRename, Surroundings surroundings)
            throws IOException {
        stop.check();
        meter.items(folders.size() + files.size() + renames.size(), 0);
        if (!stat.isFolder()) {
            addFile(source, target, stat, byRename);
        } else if (byRename
                && (spec.verb() == Verb.RENAME || surroundings.stat(target).isEmpty())) {
            renames.add(Step.of(Act.RENAME, source, target, stat));
        } else {
            addFolder(source, target, stat, byRename, surroundings);
        }
    }

    private void addFile(Path source, Path target, Stat stat, boolean byRename) {
        if (byRename) {
            renames.add(Step.of(Act.RENAME, source, target, stat));
        } else if (stat.isFile()) {
            files.add(Step.of(Act.COPY, source, target, stat));
        } else if (stat.isLink()) {
            files.add(Step.of(Act.LINK, source, target, stat));
        } else {
            String message = source + " is neither a file nor a folder nor a link, and is left where it is";
            conflicts.add(new Conflict(Conflict.Kind.NOT_A_FILE, source, target, false, message));
            files.add(Step.skip(source, target, stat, ErrorCode.INVALID_REQUEST, message));
        }
    }

    private void addFolder(Path source, Path target, Stat stat, boolean byRename, Surroundings surroundings)
            throws IOException {
        folders.add(Step.of(Act.FOLDER, source, target, stat));
        meter.current(source.toString());
        for (Path name : list(source, target, stat)) {
            Path below = source.resolve(name);
            Optional<Stat> found;
            try {
                found = surroundings.stat(below);
            } catch (FileSystemException e) {
                unreadable(below, target.resolve(name), null, e);
                continue;
            }
            if (found.isPresent()) {
                add(below, target.resolve(name), found.get(), byRename, surroundings);
            }
        }
    }

    private List<Path> list(Path folder, Path target, Stat stat) {
        try {
            return access.names(folder, stop);
        } catch (IOException e) {
            unreadable(folder, target, stat, e);
            return List.of();
        }
    }

    private void unreadable(Path folder, Path target, @Nullable Stat stat, IOException why) {
        String message = (stat == null ? "" : "the folder ") + folder + " cannot be read: " + Faults.reason(why);
        conflicts.add(new Conflict(Conflict.Kind.UNREADABLE, folder, target, false, message));
        files.add(Step.impossible(folder, target, stat, Faults.code(why), message));
    }

    /// Where one file has several names among the sources, its copy gets as many.
    private List<Step> linked(List<Step> steps) {
        var linked = new ArrayList<Step>(steps.size());
        for (Step step : steps) {
            boolean shared = step.act() == Act.COPY && step.found().links() > 1;
            Step first = shared ? named.putIfAbsent(step.found().identity(), step) : null;
            linked.add(first == null ? step : step.linkedTo(first.number()));
        }
        return linked;
    }
}
