package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.FullDisk;
import dev.sluice.core.Problem;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Copies some files, all of them one stage after the other: bytes, sync, verification, names, and for a move the
/// sources go. So thousands of files wait for few syncs, and the journal is written for many at a time. Used by one
/// thread.
final class GroupOfCopies {
    private static final Logger log = LoggerFactory.getLogger(GroupOfCopies.class);
    private static final int SYNC_ALL = 4;
    /// File systems whose `syncfs` writes all of them and tells what it could not: that of a network share, or one
    /// in user space, may do nothing and say yes.
    private static final Set<String> SYNCING = Set.of("ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "tmpfs");

    private final Run run;
    private final OperationSpec spec;
    private final Journal journal;
    private final StopToken stop;
    private final Reach.Access sources;
    private final Reach.Access targets;
    private final Bytes bytes;
    private final Journal.Group lines;

    private GroupOfCopies(Run run, Reach.Access sources, Reach.Access targets) {
        this.run = run;
        this.spec = run.spec();
        this.journal = run.journal();
        this.stop = run.stop();
        this.sources = sources;
        this.targets = targets;
        this.bytes = new Bytes(stop, run.meter(), run.pace(), spec.verify());
        this.lines = journal.group();
    }

    /// One thread's work: groups, as long as `next` has some.
    static void work(Run run, GroupsOfSteps next) throws IOException {
        try (Reach.Access sources = run.reach().access();
                Reach.Access targets = run.reach().access()) {
            var copies = new GroupOfCopies(run, sources, targets);
            List<Step> group = next.take();
            while (!group.isEmpty()) {
                stopIfAborted(run);
                try (Devices.Places places = run.claim(group)) {
                    assert places != null;
                    copies.copy(group);
                }
                group = next.take();
            }
        }
    }

    private static void stopIfAborted(Run run) {
        run.stop().check();
        run.checkAborted();
    }

    /// A file whose bytes are whole, beside its target.
    private record Ready(
            Step step, Path part, Stat source, @Nullable String hash, long began) {}

    private void copy(List<Step> group) throws IOException {
        var ready = new ArrayList<Ready>(group.size());
        try (Linux.Descriptor disk = toSyncAtOnce(group)) {
            for (Step step : group) {
                stopIfAborted(run);
                Ready one = copied(step);
                if (one != null) {
                    ready.add(one);
                }
            }
            sync(ready, disk);
            verify(ready);
            place(ready);
        } catch (Stopped e) {
            if (e.reason() != StopReason.FENCED) {
                ready.stream()
                        .filter(one -> !e.reason().keeps() || !Bytes.canGoOn(one.step()))
                        .forEach(one -> discard(one.part()));
            }
            throw e;
        } finally {
            if (stop.reason().filter(StopReason.FENCED::equals).isEmpty()) {
                lines.write();
            }
        }
    }

    // ---- Bytes

    /// @return null where it failed
    private @Nullable Ready copied(Step step) {
        long began = System.nanoTime();
        run.meter().current(step.source().toString());
        for (int attempt = 1; ; attempt++) {
            long before = run.meter().bytes();
            try {
                return step.act() == Act.LINK ? link(step, began) : file(step, began);
            } catch (IOException e) {
                run.meter().back(Math.max(0, Math.min(run.meter().bytes() - before, step.bytes())));
                discard(run.temps().part(step));
                if (!Faults.mayPass(e) || attempt == Run.TRIES) {
                    fail(step, e);
                    return null;
                }
                pause(attempt);
            } catch (Stopped e) {
                if (e.reason() == StopReason.CANCELLED || (e.reason().keeps() && !Bytes.canGoOn(step))) {
                    discard(run.temps().part(step));
                }
                throw e;
            }
        }
    }

    private void pause(int attempt) {
        run.pause(attempt);
        stop.check();
    }

    /// Once more where it changed between the plan and now; whoever changes while it is being read fails.
    private Ready file(Step step, long began) throws IOException {
        Path from = sources.entry(step.source());
        Path part = targets.entry(run.temps().part(step));
        Stat expected = step.found();
        long done = begun(step, from, part);
        for (int look = 0; look < 2; look++) {
            int made = permissions(expected);
            Bytes.Copied copied = bytes.copy(from, part, done, expected.size(), made, spec.power());
            Stat now = Stat.of(from);
            if (now.isUnchanged(expected) && copied.bytes() == now.size()) {
                run.attributes(from, part, now, made);
                Step known = look == 0 ? step : lines.found(step, now);
                return new Ready(known, run.temps().part(step), now, copied.hash(), began);
            }
            Files.deleteIfExists(part);
            done = 0;
            uncount(copied.bytes());
            if (!now.isFile()) {
                break;
            }
            expected = now;
        }
        throw new SourceChanged(step.source());
    }

    /// Bytes that were copied in vain.
    private void uncount(long bytes) {
        run.meter().back(spec.verify() == null ? bytes : bytes - bytes / 2);
    }

    /// The permissions that the hidden file is made with: we have to be able to write into it, also later on.
    private static int permissions(Stat source) {
        return source.permissions() | 0600;
    }

    /// How much of the file an earlier run has copied.
    private long begun(Step step, Path from, Path part) throws IOException {
        if (!run.isResumed() || !Bytes.canGoOn(step)) {
            return 0;
        }
        Optional<Stat> there = targets.stat(run.temps().part(step));
        if (there.isEmpty()) {
            return 0;
        }
        long done = there.get().size();
        if (done > 0 && done <= step.found().size() && Stat.of(from).isUnchanged(step.found())) {
            int made = Permissions.given(permissions(step.found()));
            Files.setAttribute(part, "unix:mode", made, LinkOption.NOFOLLOW_LINKS);
            return done;
        }
        Files.delete(part);
        return 0;
    }

    private static final class SourceChanged extends IOException {
        private static final long serialVersionUID = 1L;

        SourceChanged(Path source) {
            super(source + " changed while it was being read");
        }
    }

    private Ready link(Step step, long began) throws IOException {
        Path from = sources.entry(step.source());
        Path part = targets.entry(run.temps().part(step));
        Files.createSymbolicLink(part, Files.readSymbolicLink(from));
        Attributes.times(part, step.found());
        return new Ready(step, run.temps().part(step), Stat.of(from), null, began);
    }

    // ---- To the device

    private boolean isSynced() {
        return spec.power() || spec.verify() != null;
    }

    /// The file system, where all files are to be synced by one call. It is opened before their first byte: the kernel
    /// tells a descriptor what could not be written since then, and others' calls take that from nobody.
    private Linux.@Nullable Descriptor toSyncAtOnce(List<Step> group) {
        if (!isSynced() || group.size() < SYNC_ALL || !Linux.known()) {
            return null;
        }
        try {
            Path folder = targets.folder(group.getFirst().into());
            return SYNCING.contains(Files.getFileStore(folder).type())
                    ? Linux.open(folder, Linux.O_RDONLY | Linux.O_DIRECTORY)
                    : null;
        } catch (IOException e) {
            log.debug("each file is synced by itself: {}", e.toString());
            return null;
        }
    }

    private void sync(List<Ready> ready, Linux.@Nullable Descriptor disk) {
        if (ready.isEmpty() || !isSynced()) {
            return;
        }
        stop.check();
        if (disk != null && isFileSystemSynced(disk)) {
            return;
        }
        List<Ready> written = List.copyOf(ready);
        ready.clear();
        for (Ready one : written) {
            stop.check();
            Ready synced = synced(one);
            if (synced != null) {
                ready.add(synced);
            }
        }
    }

    /// @return false also where some file of it, perhaps none of these, could not be written
    private static boolean isFileSystemSynced(Linux.Descriptor disk) {
        try {
            Linux.syncFileSystem(disk);
            return true;
        } catch (IOException e) {
            log.debug("each file is synced by itself: {}", e.toString());
            return false;
        }
    }

    /// What the device did not take, the page cache may have forgotten: to ask it once more would be answered with yes
    /// and mean nothing. The file is copied anew.
    ///
    /// @return null where it failed
    private @Nullable Ready synced(Ready written) {
        Ready one = written;
        for (int attempt = 1; one != null; attempt++) {
            try {
                if (one.step().act() == Act.COPY) {
                    Bytes.sync(targets.entry(one.part()));
                }
                return one;
            } catch (IOException e) {
                discard(one.part());
                uncount(one.source().size());
                if (!Faults.mayPass(e) || attempt == Run.TRIES) {
                    fail(one.step(), e);
                    return null;
                }
                pause(attempt);
                one = copied(one.step());
            }
        }
        return null;
    }

    private void verify(List<Ready> ready) throws IOException {
        HashKind kind = spec.verify();
        if (kind == null) {
            return;
        }
        for (Ready one : List.copyOf(ready)) {
            if (one.hash() == null) {
                continue;
            }
            stop.check();
            run.meter().current(one.step().target().toString());
            try {
                compare(one, kind);
            } catch (IOException e) {
                ready.remove(one);
                discard(one.part());
                fail(one.step(), e);
            }
        }
    }

    /// A disk that cannot be read just now says nothing about what is on it.
    private void compare(Ready one, HashKind kind) throws IOException {
        for (int attempt = 1; ; attempt++) {
            long before = run.meter().bytes();
            try {
                Path part = targets.entry(one.part());
                String found = bytes.readBack(part, kind, one.source().size());
                if (!found.equals(one.hash())) {
                    throw new Mismatch("read back, its " + kind.word() + " is " + found + " and not " + one.hash());
                }
                return;
            } catch (EOFException e) {
                throw new Mismatch("read back, " + e.getMessage(), e);
            } catch (IOException e) {
                if (!Faults.mayPass(e) || attempt == Run.TRIES) {
                    throw e;
                }
                run.meter().back(Math.max(0, run.meter().bytes() - before));
                pause(attempt);
            }
        }
    }

    private static final class Mismatch extends IOException {
        private static final long serialVersionUID = 1L;

        Mismatch(String what) {
            super(what);
        }

        Mismatch(String what, EOFException cause) {
            super(what, cause);
        }
    }

    // ---- Names

    private void place(List<Ready> ready) throws IOException {
        if (ready.isEmpty()) {
            return;
        }
        stop.check();
        ready.forEach(one -> lines.begun(one.step(), one.hash()));
        lines.write(spec.power());
        var placed = new ArrayList<Ready>(ready.size());
        for (Ready one : ready) {
            if (place(one)) {
                placed.add(one);
            }
        }
        ready.clear();
        if (spec.power()) {
            syncFolders(placed);
        }
        for (Ready one : placed) {
            lines.done(one.step(), Duration.ofNanos(System.nanoTime() - one.began()), one.hash());
            run.tally().over();
        }
        if (run.leavesAtOnce()) {
            lines.write();
            new Leaving(journal, sources, targets, spec.power(), stop, run.tally()::stayed)
                    .leave(placed.stream().map(Ready::step).toList());
        }
    }

    /// @return whether it has its name; else it is over with it
    private boolean place(Ready one) {
        try {
            return placed(one);
        } catch (IOException e) {
            discard(one.part());
            fail(one.step(), e);
            return false;
        }
    }

    private boolean placed(Ready one) throws IOException {
        Step step = one.step();
        Path part = targets.entry(one.part());
        Path target = targets.entry(step.target());
        try {
            if (step.replaces() && isNewerNow(one, target)) {
                run.skipped(step, lines, step.target() + " is there already and not older");
                discard(one.part());
                return false;
            }
            if (step.replaces()) {
                replace(step, part, target);
            } else {
                Placing.free(part, target);
            }
            return true;
        } catch (FileAlreadyExistsException e) {
            return taken(one, part);
        }
    }

    /// Whether somebody has written into the target since the plan, which compared it with what is now older.
    private boolean isNewerNow(Ready one, Path target) throws IOException {
        return spec.policy() == Policy.NEWER
                && Stat.ifThere(target)
                        .filter(there -> there.modifiedNanos() >= one.source().modifiedNanos())
                        .isPresent();
    }

    private void replace(Step step, Path part, Path target) throws IOException {
        Placing.replace(part, target, run.keepsOld() ? targets.entry(run.temps().old(step)) : null);
    }

    private void replaceAppeared(Step step, Path part, Path target) throws IOException {
        Step replacing = lines.replacing(step);
        lines.write(spec.power());
        replace(replacing, part, target);
    }

    /// A target has appeared since the plan: it is as if it had been there.
    private boolean taken(Ready one, Path part) throws IOException {
        Step step = one.step();
        Path target = targets.entry(step.target());
        if (run.hasAlike(step) && spec.policy() != Policy.SKIP) {
            fail(
                    step,
                    new Problem(
                            ErrorCode.CONFLICT,
                            "another source of this operation became " + step.target()
                                    + ": on that disk case means nothing"));
            discard(one.part());
            return false;
        }
        switch (spec.policy()) {
            case FAIL ->
                fail(
                        step,
                        new Problem(ErrorCode.CONFLICT, step.target() + " appeared while its source was being copied"));
            case SKIP -> run.skipped(step, lines, step.target() + " is there already");
            case NEWER -> {
                if (Stat.of(target).modifiedNanos() < one.source().modifiedNanos()) {
                    replaceAppeared(step, part, target);
                    return true;
                }
                run.skipped(step, lines, step.target() + " is there already and not older");
            }
            case OVERWRITE -> {
                replaceAppeared(step, part, target);
                return true;
            }
            case RENAME ->
                fail(
                        step,
                        new Problem(
                                ErrorCode.CONFLICT,
                                step.target()
                                        + " appeared while its source was being copied; try again for another number"));
        }
        discard(one.part());
        return false;
    }

    private void syncFolders(List<Ready> placed) throws IOException {
        Set<Path> folders = new LinkedHashSet<>();
        placed.forEach(one -> folders.add(one.step().into()));
        for (Path folder : folders) {
            Bytes.syncFolder(targets.folder(folder));
        }
    }

    // ---- What goes wrong

    private void fail(Step step, IOException e) {
        if (e instanceof SourceChanged) {
            fail(step, new Problem(ErrorCode.SOURCE_CHANGED, String.valueOf(e.getMessage())));
            return;
        }
        if (e instanceof Mismatch) {
            fail(step, new Problem(ErrorCode.CHECKSUM_MISMATCH, step.target() + ": " + e.getMessage()));
            return;
        }
        Problem problem = Faults.problem(
                isAboutSource(step) ? step.source().toString() : step.target().toString(), e);
        fail(step, problem);
        if (FullDisk.isMeantBy(e)) {
            run.abort(problem);
        }
    }

    private boolean isAboutSource(Step step) {
        try {
            Stat.of(sources.entry(step.source()));
            return false;
        } catch (NoSuchFileException | NotDirectoryException e) {
            return true;
        } catch (IOException e) {
            return true;
        }
    }

    private void fail(Step step, Problem problem) {
        run.failed(step, problem, lines);
    }

    private void discard(Path part) {
        try {
            Path there = targets.entry(part);
            if (Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
                Files.deleteIfExists(there);
            }
        } catch (IOException e) {
            run.leftBehind(part, e);
        }
    }
}
