package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// One thing that an operation does, as planned.
///
/// @param number its place among the steps, from 0
/// @param source absolute
/// @param target absolute; for [Act#IMPOSSIBLE] as far as it is known
/// @param stat what the source was when it was planned; null where there is none
/// @param twin the number of an earlier step: for [Act#HARD_LINK] that which makes the first name, for [Act#RENAME]
///     that which has parked the source; else -1
/// @param replaces whether there may be a file under the target's name, which this one takes the place of; for
///     [Act#FOLDER] whether it is there already and stays as it is
/// @param why for [Act#SKIP] and [Act#IMPOSSIBLE]: what is in the way
record Step(
        int number,
        Act act,
        Path source,
        Path target,
        @Nullable Stat stat,
        int twin,
        boolean replaces,
        @Nullable Problem why) {

    static Step impossible(Path source, Path target, @Nullable Stat stat, ErrorCode code, String message) {
        return new Step(-1, Act.IMPOSSIBLE, source, target, stat, -1, false, new Problem(code, message));
    }

    static Step skip(Path source, Path target, @Nullable Stat stat, ErrorCode code, String message) {
        return new Step(-1, Act.SKIP, source, target, stat, -1, false, new Problem(code, message));
    }

    static Step of(Act act, Path source, Path target, Stat stat) {
        return new Step(-1, act, source, target, stat, -1, false, null);
    }

    Step twin(int earlier) {
        return new Step(number, act, source, target, stat, earlier, replaces, why);
    }

    Step numbered(int place) {
        return new Step(place, act, source, target, stat, twin, replaces, why);
    }

    Step to(Path another) {
        return new Step(number, act, source, another, stat, twin, replaces, why);
    }

    Step found(Stat now) {
        return new Step(number, act, source, target, now, twin, replaces, why);
    }

    Step replacing() {
        return new Step(number, act, source, target, stat, twin, true, why);
    }

    Step linkedTo(int first) {
        return new Step(number, Act.HARD_LINK, source, target, stat, first, replaces, why);
    }

    /// From where it is now to where it was.
    Step back(Act how, Stat now) {
        return new Step(-1, how, /* source= */ target, /* target= */ source, now, -1, false, null);
    }

    /// The same file as a copy of its own.
    Step copied() {
        return new Step(number, Act.COPY, source, target, stat, -1, replaces, why);
    }

    /// What the source was.
    ///
    /// @throws IllegalStateException where the plan found none
    Stat found() {
        Stat known = stat;
        if (known == null) {
            throw new IllegalStateException("step " + number + " has no source");
        }
        return known;
    }

    /// The folder that the source lies in.
    Path from() {
        return parent(source);
    }

    /// The folder that the target comes into.
    Path into() {
        return parent(target);
    }

    /// Only the root has none, and nothing is ever put in its place.
    private static Path parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? path : parent;
    }

    /// The bytes that this step moves.
    long bytes() {
        return act == Act.COPY ? found().size() : 0;
    }

    /// Whether somebody who counts files counts this.
    boolean isFile() {
        return act != Act.FOLDER && act != Act.PARK;
    }
}
