package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Meter;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What `sluice verify FOLDER` does: hashes every file that the folder's manifests tell, and finds what changed, is
/// gone or was added. Manifests of folders further down count too, for what lies below them. Nothing is written, and
/// no link is followed.
///
/// It is run once. Stops within 1 MiB of each thread.
final class FolderVerification {
    private static final int STEP = 1024 * 1024;

    private final Path folder;
    private final int threads;
    private final BeforeReading cache;
    private final StopToken stop;
    private final Meter meter;
    private final AtomicLong bytes = new AtomicLong();

    /// @param threads how many files are read at once, each on a platform thread
    FolderVerification(Path folder, int threads, BeforeReading cache, StopToken stop, Meter meter) {
        if (threads < 1) {
            throw new IllegalArgumentException("somebody has to read: " + threads + " threads");
        }
        this.folder = folder;
        this.threads = threads;
        this.cache = cache;
        this.stop = stop;
        this.meter = meter;
    }

    /// What is done to a file before it is read: to let go of what the page cache has of it, so that the disk answers.
    @FunctionalInterface
    interface BeforeReading {
        BeforeReading NOTHING = file -> {};

        void prepare(Path file) throws IOException;
    }

    /// What was found, by path.
    ///
    /// @param files how many were hashed to their end
    /// @param bytes how much was read
    record Result(List<Finding> findings, long files, long bytes) {
        Result {
            findings = List.copyOf(findings);
        }

        boolean clean() {
            return findings.stream().allMatch(finding -> finding.state() == Finding.State.VERIFIED);
        }
    }

    /// @throws ProblemException where the folder has no manifests
    /// @throws dev.sluice.core.Stopped where the token has fired
    Result run() throws IOException {
        Path root = root();
        var known = new Known(ManifestChain.read(root, stop));
        if (known.isEmpty()) {
            throw new ProblemException(
                    ErrorCode.NOT_FOUND,
                    "there are no manifests in " + folder + " to verify it by: it has no folder " + ManifestChain.FOLDER
                            + " with one in it. `sluice copy … --mhl` writes one with a copy");
        }
        var tree = new Tree(root);
        Files.walkFileTree(root, tree);
        for (Path nested : tree.nested) {
            known.add(Manifest.slashed(root, nested), ManifestChain.read(nested, stop));
        }

        var findings = new ArrayList<Finding>(known.faults);
        List<Check> checks = compare(known, tree, findings);
        meter.total(checks.stream().mapToLong(check -> check.found.size).sum());
        List<Finding> checked = hash(checks);
        findings.addAll(checked);
        findings.sort(Comparator.comparing(Finding::path));
        long files = checked.stream().filter(finding -> finding.found() != null).count();
        return new Result(findings, files, bytes.get());
    }

    private Path root() throws IOException {
        Path root;
        try {
            root = folder.toRealPath();
        } catch (NoSuchFileException e) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "there is no folder " + folder + " to verify", e);
        }
        if (!Files.isDirectory(root)) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST, folder + " is no folder: verify the one that has its manifests");
        }
        return root;
    }

    // ---- What should be there

    /// What the manifests tell, by path below the verified folder.
    private static final class Known {
        final Map<String, Manifest.Entry> entries = new HashMap<>();
        /// Files with hashes of kinds that are not known here only.
        final Map<String, String> unknown = new HashMap<>();
        final List<Finding> faults = new ArrayList<>();
        final List<String> ignored = new ArrayList<>();
        private boolean empty;

        Known(ManifestChain chain) {
            empty = chain.generations().isEmpty() && chain.faults().isEmpty();
            entries.putAll(chain.newest());
            chain.generations()
                    .forEach(generation -> unknown.putAll(generation.manifest().unknown()));
            faults.addAll(chain.faults());
            if (!chain.generations().isEmpty()) {
                ignored.addAll(chain.generations().getLast().manifest().ignored());
            }
        }

        boolean isEmpty() {
            return empty;
        }

        void add(String below, ManifestChain chain) {
            var nested = new Known(chain);
            nested.entries.forEach((path, entry) -> entries.put(below + "/" + path, entry));
            nested.unknown.forEach((path, words) -> unknown.put(below + "/" + path, words));
            nested.faults.forEach(fault -> faults.add(fault.under(below)));
        }
    }

    // ---- What is there

    private record Found(Path file, long size, boolean regular) {}

    /// The folder as it is, but for the folders of manifests.
    private final class Tree extends SimpleFileVisitor<Path> {
        private final Path root;
        final Map<String, Found> files = new LinkedHashMap<>();
        /// Files and folders that cannot be looked at, and why.
        final Map<String, String> unreadable = new HashMap<>();
        final List<Path> nested = new ArrayList<>();

        Tree(Path root) {
            this.root = root;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            stop.check();
            if (!directory.equals(root) && directory.endsWith(ManifestChain.FOLDER)) {
                Path owner = Objects.requireNonNull(directory.getParent());
                if (!owner.equals(root)) {
                    nested.add(owner);
                }
                return FileVisitResult.SKIP_SUBTREE;
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            stop.check();
            files.put(Manifest.slashed(root, file), new Found(file, attributes.size(), attributes.isRegularFile()));
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            unreadable.put(Manifest.slashed(root, file), Finding.reason(e));
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) {
            if (e != null) {
                unreadable.put(Manifest.slashed(root, directory), Finding.reason(e));
            }
            return FileVisitResult.CONTINUE;
        }

        /// Why this file could not be looked at: itself or a folder above it.
        @Nullable
        String whyUnreadable(String path) {
            for (String above = path; ; above = above.substring(0, above.lastIndexOf('/'))) {
                String why = unreadable.get(above);
                if (why != null || above.indexOf('/') < 0) {
                    return why;
                }
            }
        }
    }

    // ---- Both beside each other

    private record Check(Manifest.Entry expected, String path, Found found) {}

    /// What can be told without reading, into `findings`.
    ///
    /// @return what has to be read, in the order of the folder
    private List<Check> compare(Known known, Tree tree, List<Finding> findings) {
        var ignored = new IgnoredFiles(known.ignored);
        var checks = new ArrayList<Check>();
        tree.files.forEach((path, found) -> {
            Manifest.Entry expected = known.entries.get(path);
            String words = known.unknown.get(path);
            if (expected != null && found.regular) {
                checks.add(new Check(expected, path, found));
            } else if (expected != null) {
                findings.add(new Finding(
                        path,
                        Finding.State.CHANGED,
                        expected.hash(),
                        null,
                        "this is a link, a socket or a device now, and no file any more"));
            } else if (words != null) {
                findings.add(new Finding(
                        path,
                        Finding.State.UNREADABLE,
                        null,
                        null,
                        "its manifest tells it by " + words + " only, which cannot be checked here"));
            } else if (found.regular && !ignored.matches(tree.root.relativize(found.file))) {
                findings.add(
                        new Finding(path, Finding.State.UNREGISTERED, null, null, "no manifest tells of this file"));
            }
        });
        tree.unreadable.forEach((path, why) -> {
            if (!known.entries.containsKey(path) && !known.unknown.containsKey(path)) {
                findings.add(new Finding(path, Finding.State.UNREADABLE, null, null, why));
            }
        });
        known.entries.forEach((path, expected) -> {
            if (!tree.files.containsKey(path)) {
                findings.add(absent(path, expected.hash(), tree.whyUnreadable(path)));
            }
        });
        known.unknown.keySet().forEach(path -> {
            if (!tree.files.containsKey(path) && !known.entries.containsKey(path)) {
                findings.add(absent(path, null, tree.whyUnreadable(path)));
            }
        });
        return checks;
    }

    private static Finding absent(String path, @Nullable String expected, @Nullable String whyUnreadable) {
        return whyUnreadable == null
                ? new Finding(path, Finding.State.MISSING, expected, null, "this file is gone")
                : new Finding(path, Finding.State.UNREADABLE, expected, null, whyUnreadable);
    }

    // ---- Reading

    private List<Finding> hash(List<Check> checks) {
        var findings = new Finding[checks.size()];
        var next = new AtomicInteger();
        var done = new AtomicLong();
        meter.items(0, findings.length);
        int readers = Math.max(1, Math.min(threads, findings.length));
        try (var pool = Executors.newFixedThreadPool(
                readers, Thread.ofPlatform().daemon().name("verify-", 1).factory())) {
            Runnable reader = () -> {
                try (Arena arena = Arena.ofConfined()) {
                    ByteBuffer buffer = arena.allocate(STEP).asByteBuffer();
                    for (int i = next.getAndIncrement(); i < findings.length; i = next.getAndIncrement()) {
                        findings[i] = check(checks.get(i), buffer);
                        meter.items(done.incrementAndGet(), findings.length);
                    }
                } finally {
                    // Whatever ends one of them ends all.
                    next.set(findings.length);
                }
            };
            CompletableFuture.allOf(IntStream.range(0, readers)
                            .mapToObj(i -> CompletableFuture.runAsync(reader, pool))
                            .toArray(CompletableFuture[]::new))
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException stopped) {
                throw stopped;
            }
            throw e;
        }
        meter.items(findings.length, findings.length);
        return Arrays.asList(findings);
    }

    private Finding check(Check check, ByteBuffer buffer) {
        String expected = check.expected.hash();
        meter.current(check.path);
        try {
            cache.prepare(check.found.file);
            String found = hash(check.found.file, check.expected.kind(), buffer);
            if (found.equals(expected)) {
                return new Finding(check.path, Finding.State.VERIFIED, expected, found, "");
            }
            return new Finding(check.path, Finding.State.CHANGED, expected, found, changed(check));
        } catch (NoSuchFileException e) {
            return new Finding(
                    check.path, Finding.State.MISSING, expected, null, "this file vanished during the verification");
        } catch (IOException e) {
            return new Finding(check.path, Finding.State.UNREADABLE, expected, null, Finding.reason(e));
        }
    }

    private static String changed(Check check) {
        Long told = check.expected.size();
        return told == null || told == check.found.size
                ? "this file holds something else than it did"
                : "this file has " + check.found.size + " bytes instead of " + told;
    }

    private String hash(Path file, HashKind kind, ByteBuffer buffer) throws IOException {
        Digest digest = kind.start();
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            while (true) {
                stop.check();
                int read = in.read(buffer.clear());
                if (read < 0) {
                    return digest.hex();
                }
                digest.update(buffer.flip());
                bytes.addAndGet(read);
                meter.add(read);
            }
        }
    }
}
