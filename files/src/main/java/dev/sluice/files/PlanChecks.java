package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Looks at each step of a plan for what stands in its way, and decides by the policy where a target exists.
final class PlanChecks {
    private final OperationSpec spec;
    private final Surroundings surroundings;
    private final StopToken stop;
    private final List<Conflict> conflicts;
    private final Map<Path, Step> byTarget = new HashMap<>();
    private final Map<String, Step> byFolded = new HashMap<>();
    private final Set<Path> leaving = new HashSet<>();
    private final Map<Long, Long> needed = new HashMap<>();
    private final Map<Long, Path> disks = new HashMap<>();
    private final Set<Path> probed = new HashSet<>();
    private final Set<Stat.Identity> counted = new HashSet<>();
    private final Set<Path> copied = new HashSet<>();

    PlanChecks(OperationSpec spec, Surroundings surroundings, StopToken stop, List<Conflict> conflicts) {
        this.spec = spec;
        this.surroundings = surroundings;
        this.stop = stop;
        this.conflicts = conflicts;
    }

    /// The steps, each as the policy wants it.
    List<Step> checked(List<Step> steps) throws IOException {
        for (Step step : steps) {
            if (step.act() == Act.RENAME && !step.source().equals(step.target())) {
                leaving.add(step.source());
            } else if (step.act().copies()) {
                copied.add(step.source());
            }
        }
        var checked = new ArrayList<Step>(steps.size());
        for (Step step : steps) {
            stop.check();
            Step now = isDone(step) ? check(step) : step;
            if (now.act() == Act.SKIP) {
                // What was to come to its place comes later: such is their order.
                leaving.remove(step.source());
            }
            checked.add(now);
        }
        for (Map.Entry<Long, Long> disk : needed.entrySet()) {
            checkSpace(disks.get(disk.getKey()), disk.getValue());
        }
        return checked;
    }

    private static boolean isDone(Step step) {
        return step.act() != Act.SKIP && step.act() != Act.IMPOSSIBLE && step.act() != Act.PARK;
    }

    private Step check(Step planned) throws IOException {
        Step step = planned;
        Path name = step.target().getFileName();
        int length = name == null ? 0 : FreeName.bytes(name.toString());
        if (length > FreeName.LONGEST) {
            block(
                    Conflict.Kind.NAME_TOO_LONG,
                    step,
                    "the name of " + step.target() + " has " + length + " bytes; " + FreeName.LONGEST
                            + " are the most");
            return step;
        }
        Optional<Stat> there = surroundings.stat(step.target());
        if (there.isPresent() && step.act() != Act.FOLDER && !leaving.contains(step.target())) {
            step = decide(step, there.get());
        } else if (there.isPresent() && step.act() == Act.FOLDER && !there.get().isFolder() && !isLinkToFolder(step)) {
            block(Conflict.Kind.TARGET_EXISTS, step, step.target() + " is a file, and a folder is to be there");
        } else if (there.isPresent() && step.act() == Act.FOLDER) {
            step = step.replacing();
        }
        if (isDone(step)) {
            checkTwo(step);
            checkFolder(step);
            addNeeded(step);
        }
        return step;
    }

    private boolean isLinkToFolder(Step step) throws IOException {
        return surroundings.nearest(step.target().resolve("x")).equals(step.target());
    }

    // ---- The target exists

    private Step decide(Step step, Stat there) throws IOException {
        if (there.identity().equals(step.found().identity())) {
            return same(step);
        }
        if (there.isFolder()) {
            block(Conflict.Kind.TARGET_EXISTS, step, step.target() + " is a folder that is there already");
            return step;
        }
        return switch (spec.policy()) {
            case FAIL -> {
                block(Conflict.Kind.TARGET_EXISTS, step, step.target() + " is there already");
                yield step;
            }
            case SKIP -> skip(step, step.target() + " is there already");
            case OVERWRITE -> replace(step);
            case NEWER ->
                step.found().modifiedNanos() > there.modifiedNanos()
                        ? replace(step)
                        : skip(step, step.target() + " is there already and not older");
            case RENAME -> numbered(step);
        };
    }

    private Step same(Step step) {
        if (step.act() == Act.RENAME && !step.source().equals(step.target())) {
            // Only the case of its name changes, where case means nothing.
            return step;
        }
        if (step.act() == Act.RENAME) {
            return skip(step, step.source() + " has that name already");
        }
        block(Conflict.Kind.SAME_FILE, step, step.source() + " and " + step.target() + " are one file");
        return step;
    }

    private Step skip(Step step, String why) {
        conflicts.add(new Conflict(Conflict.Kind.TARGET_EXISTS, step.source(), step.target(), false, why));
        return Step.skip(step.source(), step.target(), step.stat(), ErrorCode.CONFLICT, why)
                .numbered(step.number());
    }

    private Step replace(Step step) {
        if (copied.contains(step.target())) {
            block(
                    Conflict.Kind.TARGET_EXISTS,
                    step,
                    step.target() + " would be replaced, and is itself to be copied; do one after the other");
            return step;
        }
        conflicts.add(new Conflict(
                Conflict.Kind.TARGET_EXISTS,
                step.source(),
                step.target(),
                false,
                step.target() + " is there already and is replaced"));
        return step.replacing();
    }

    private Step numbered(Step step) throws IOException {
        for (int number = 1; ; number++) {
            Path candidate = FreeName.numbered(step.target(), number);
            if (!byTarget.containsKey(candidate) && surroundings.stat(candidate).isEmpty()) {
                conflicts.add(new Conflict(
                        Conflict.Kind.TARGET_EXISTS,
                        step.source(),
                        step.target(),
                        false,
                        step.target() + " is there already; the new one is called " + candidate.getFileName()));
                return step.to(candidate);
            }
        }
    }

    // ---- Two for one name

    private void checkTwo(Step step) throws IOException {
        Step other = byTarget.putIfAbsent(step.target(), step);
        if (other != null) {
            if (other.act() != Act.FOLDER || step.act() != Act.FOLDER) {
                block(
                        Conflict.Kind.TWO_SOURCES,
                        step,
                        "both " + other.source() + " and " + step.source() + " would become " + step.target());
            }
            return;
        }
        Step alike = byFolded.putIfAbsent(step.target().toString().toLowerCase(Locale.ROOT), step);
        if (alike != null) {
            boolean one = surroundings.ignoresCase(surroundings.nearest(step.target()));
            conflicts.add(new Conflict(
                    Conflict.Kind.CASE_COLLISION,
                    step.source(),
                    step.target(),
                    one,
                    step.target() + " and " + alike.target() + " differ in case only"
                            + (one ? ", which means nothing on that disk" : "")));
        }
    }

    // ---- Rights and space

    private void checkFolder(Step step) throws IOException {
        Path into = surroundings.nearest(step.target());
        boolean isThere = step.act() == Act.FOLDER && step.replaces();
        if (!isThere && probed.add(into) && !surroundings.isWritable(into)) {
            block(Conflict.Kind.NO_PERMISSION, step, "nothing can be written into " + into);
        }
        Path from = step.source().getParent();
        if (spec.verb() != Verb.COPY && from != null && probed.add(from) && !surroundings.isWritable(from)) {
            block(Conflict.Kind.NO_PERMISSION, step, "nothing can be taken out of " + from);
        }
    }

    private void addNeeded(Step step) throws IOException {
        boolean isSecondName = step.act() == Act.COPY
                && step.found().links() > 1
                && !counted.add(step.found().identity());
        if (step.bytes() > 0 && !isSecondName) {
            Path into = surroundings.nearest(step.target());
            long disk = surroundings.disk(into);
            disks.putIfAbsent(disk, into);
            needed.merge(disk, surroundings.room(step.source(), step.bytes()), Long::sum);
        }
    }

    private void checkSpace(@Nullable Path folder, long bytes) throws IOException {
        long space = folder == null ? Long.MAX_VALUE : surroundings.space(folder);
        if (bytes > space) {
            conflicts.add(new Conflict(
                    Conflict.Kind.NO_SPACE,
                    null,
                    folder,
                    true,
                    bytes + " bytes are needed where " + folder + " is, and " + space + " are free"));
        }
    }

    private void block(Conflict.Kind kind, Step step, String message) {
        conflicts.add(new Conflict(kind, step.source(), step.target(), true, message));
    }
}
