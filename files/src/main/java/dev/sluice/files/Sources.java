package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// Finds the files and folders that somebody means, and where each is to go. Links are not followed at the end of a
/// path.
final class Sources {
    private final OperationSpec spec;
    private final Reach.Access access;
    private final StopToken stop;
    private final List<Conflict> conflicts;
    private final List<Step> missing = new ArrayList<>();

    /// @param conflicts takes what was not found
    Sources(OperationSpec spec, Reach.Access access, StopToken stop, List<Conflict> conflicts) {
        this.spec = spec;
        this.access = access;
        this.stop = stop;
        this.conflicts = conflicts;
    }

    /// A file or folder, and the path that it is to have.
    record Root(Path source, Path target) {
        /// What a step has brought somewhere goes back.
        static Root back(Step done) {
            Path now = done.target();
            return new Root(now, done.source());
        }
    }

    /// What somebody named, before it is known where it goes.
    private record Found(
            Path path, @Nullable Frame frame, @Nullable FramePattern pattern) {}

    /// @throws ProblemException where it makes no sense; what is merely not there is a conflict
    List<Root> roots() throws IOException {
        String mapping = spec.mapping();
        if (mapping != null) {
            return mapped(pairs(path(mapping)));
        }
        var found = new ArrayList<Found>();
        for (String source : spec.sources()) {
            found.addAll(expand(source));
        }
        Renaming renaming = spec.renaming();
        if (renaming != null) {
            return found.stream()
                    .map(one -> new Root(
                            one.path(), one.path().resolveSibling(renaming.apply(name(one.path()), one.pattern()))))
                    .toList();
        }
        return found.isEmpty() ? List.of() : withTargets(found, required(spec.target()));
    }

    /// Only a copy can become several.
    private List<Root> mapped(List<Mapping.Pair> pairs) {
        var lines = new HashMap<Path, Long>();
        var roots = new ArrayList<Root>(pairs.size());
        for (Mapping.Pair pair : pairs) {
            Path source = path(pair.source());
            Long earlier = spec.verb() == Verb.COPY ? null : lines.putIfAbsent(source, pair.line());
            if (earlier != null) {
                throw new ProblemException(
                        ErrorCode.INVALID_REQUEST,
                        name(path(String.valueOf(spec.mapping()))) + ", line " + pair.line() + ", column "
                                + pair.column() + ": " + source + " stands in line " + earlier
                                + " already, and can get one new name only");
            }
            roots.add(new Root(source, path(pair.target())));
        }
        return roots;
    }

    /// A link that lies within reach may lead out of it.
    private List<Mapping.Pair> pairs(Path mapping) throws IOException {
        return spec.within() == null
                ? Mapping.read(mapping)
                : Mapping.read(access.entry(mapping), LinkOption.NOFOLLOW_LINKS);
    }

    private static String required(@Nullable String target) {
        if (target == null || target.isBlank()) {
            throw new ProblemException(ErrorCode.INVALID_REQUEST, "the operation has no target");
        }
        return target;
    }

    private Path path(String text) {
        try {
            return spec.basePath().resolve(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new ProblemException(ErrorCode.INVALID_REQUEST, "\"" + text + "\" is no path: " + e.getReason(), e);
        }
    }

    private static String name(Path path) {
        Path name = path.getFileName();
        return name == null ? "" : name.toString();
    }

    // ---- Where it goes

    private List<Root> withTargets(List<Found> found, String text) throws IOException {
        Path target = path(text);
        Optional<FramePattern> pattern = FramePattern.parse(name(target));
        if (pattern.isPresent() && !isThere(target)) {
            FramePattern names = pattern.get();
            return found.stream().map(one -> framed(one, target, names)).toList();
        }
        if (text.endsWith("/") || isFolder(target)) {
            return found.stream()
                    .map(one -> new Root(one.path(), target.resolve(one.path().getFileName())))
                    .toList();
        }
        if (found.size() == 1) {
            return List.of(new Root(found.getFirst().path(), target));
        }
        throw new ProblemException(
                ErrorCode.INVALID_REQUEST,
                "there are " + found.size() + " sources, and " + target
                        + " is no folder; put a / at its end to have it made");
    }

    private static Root framed(Found one, Path target, FramePattern pattern) {
        Frame frame = one.frame();
        if (frame == null) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "the target " + target + " wants a frame, and " + one.path() + " has none; name a sequence");
        }
        return new Root(one.path(), target.resolveSibling(pattern.name(frame)));
    }

    private boolean isThere(Path path) throws IOException {
        return access.stat(path).isPresent();
    }

    /// Also a link that leads to one.
    private boolean isFolder(Path path) throws IOException {
        Optional<Stat> found = access.stat(path);
        return found.isPresent()
                && (found.get().isFolder() || (found.get().isLink() && Files.isDirectory(access.entry(path))));
    }

    // ---- What is meant

    private List<Found> expand(String text) throws IOException {
        stop.check();
        Path path = path(text);
        try {
            if (isThere(path)) {
                return List.of(found(path));
            }
        } catch (FileSystemException e) {
            if (!spec.reach().covers(path)) {
                throw e;
            }
            String message = path + " cannot be looked at: " + Faults.reason(e);
            conflicts.add(new Conflict(Conflict.Kind.UNREADABLE, path, null, false, message));
            missing.add(Step.impossible(path, path, null, Faults.code(e), message));
            return List.of();
        }
        Optional<FramePattern> sequence = FramePattern.parse(name(path));
        if (sequence.isPresent()) {
            return sequence(path, sequence.get());
        }
        if (isGlob(text)) {
            List<Found> found = glob(path, known(text, path));
            if (!found.isEmpty()) {
                return found;
            }
        }
        missing(Conflict.Kind.MISSING_SOURCE, path, "there is no " + path);
        return List.of();
    }

    private static Found found(Path path) {
        return new Found(path, Numbered.of(name(path)).map(Numbered::frame).orElse(null), null);
    }

    private void missing(Conflict.Kind kind, Path path, String message) {
        conflicts.add(new Conflict(kind, path, null, false, message));
        missing.add(Step.impossible(path, path, null, ErrorCode.NOT_FOUND, message));
    }

    /// What was named and is not there.
    List<Step> missing() {
        return missing;
    }

    private List<Found> sequence(Path path, FramePattern pattern) throws IOException {
        var frames = new TreeMap<Frame, Path>();
        Path folder = path.resolveSibling("");
        for (Path name : names(folder)) {
            pattern.match(name.toString()).ifPresent(frame -> frames.putIfAbsent(frame, folder.resolve(name)));
        }
        Optional<FrameSet> asked = pattern.frames();
        var absent = new ArrayList<Frame>();
        if (asked.isPresent()) {
            for (Frame frame : asked.get().frames()) {
                if (!frames.containsKey(frame)) {
                    absent.add(frame);
                }
            }
            frames.keySet().removeIf(frame -> !asked.get().contains(frame));
        }
        if (frames.isEmpty()) {
            missing(Conflict.Kind.MISSING_SOURCE, path, "there is no frame of " + path);
        } else if (!absent.isEmpty()) {
            missing(
                    Conflict.Kind.MISSING_FRAMES,
                    path,
                    "of " + path + " " + absent.size() + (absent.size() == 1 ? " frame is" : " frames are")
                            + " missing: " + FrameSet.fold(absent));
        }
        return frames.entrySet().stream()
                .map(one -> new Found(one.getValue(), one.getKey(), pattern))
                .toList();
    }

    private static boolean isGlob(String text) {
        return text.contains("*") || text.contains("?") || text.contains("[") || text.contains("{");
    }

    /// How many names of a path come from the folder that it was told in, and are no patterns whatever they look like.
    private int known(String text, Path path) {
        Path base = spec.basePath().toAbsolutePath().normalize();
        return !Path.of(text).isAbsolute() && path.startsWith(base)
                ? Math.min(base.getNameCount(), path.getNameCount() - 1)
                : 0;
    }

    /// Walks down from the last folder that the pattern names plainly.
    ///
    /// @param known so many names of it are plain
    private List<Found> glob(Path pattern, int known) throws IOException {
        Path from = pattern.getRoot();
        int plain = 0;
        while (plain < pattern.getNameCount() - 1
                && (plain < known || !isGlob(pattern.getName(plain).toString()))) {
            from = from.resolve(pattern.getName(plain));
            plain++;
        }
        Path rest = pattern.subpath(plain, pattern.getNameCount());
        var found = new ArrayList<Found>();
        try {
            match(from, rest, 0, found);
        } catch (PatternSyntaxException e) {
            return List.of();
        }
        return found;
    }

    private void match(Path folder, Path pattern, int at, List<Found> found) throws IOException {
        stop.check();
        String part = pattern.getName(at).toString();
        boolean last = at == pattern.getNameCount() - 1;
        if (part.equals("**")) {
            if (!last) {
                match(folder, pattern, at + 1, found);
            }
            for (Path name : names(folder)) {
                Path below = folder.resolve(name);
                if (access.stat(below).filter(Stat::isFolder).isPresent()) {
                    match(below, pattern, at, found);
                } else if (last) {
                    found.add(found(below));
                }
            }
            return;
        }
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + part);
        for (Path name : names(folder)) {
            if (!matcher.matches(name) || (name.toString().startsWith(".") && !part.startsWith("."))) {
                continue;
            }
            Path below = folder.resolve(name);
            if (last) {
                found.add(found(below));
            } else if (isFolder(below)) {
                match(below, pattern, at + 1, found);
            }
        }
    }

    /// None where there is no such folder.
    private List<Path> names(Path folder) throws IOException {
        try {
            return access.names(folder, stop);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        }
    }
}
