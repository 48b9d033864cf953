package dev.sluice.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A folder's `ascmhl/`: the generations of manifests there, and the file that names each by its [C4], so that none can
/// be changed unseen.
///
/// @param generations all that could be read, oldest first, also those that something is wrong with
/// @param faults what is wrong: a manifest that was changed, is gone, is not in the chain, or cannot be read
record ManifestChain(Path folder, List<Generation> generations, List<Link> links, List<Finding> faults) {
    static final String FOLDER = "ascmhl";
    static final String FILE = "ascmhl_chain.xml";

    /// How the files of a generation are named: its number, then anything. The Z says that the time is that of UTC.
    private static final Pattern NAME = Pattern.compile("(\\d{4,9})(_.*)?\\.mhl", Pattern.DOTALL);
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd_HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final int LONGEST_NAME = 255;

    ManifestChain {
        generations = List.copyOf(generations);
        links = List.copyOf(links);
        faults = List.copyOf(faults);
    }

    /// One manifest as the chain's file tells it.
    record Link(int number, String name, String c4) {}

    record Generation(int number, String name, Manifest manifest) {}

    // ---- Reading

    /// The chain of `folder`; without anything in it where there is none.
    static ManifestChain read(Path folder, StopToken stop) throws IOException {
        Path home = folder.resolve(FOLDER);
        if (Files.isSymbolicLink(home)) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    home + " is a link, and links are not followed: put the folder itself in its place");
        }
        if (!Files.isDirectory(home)) {
            return new ManifestChain(folder, List.of(), List.of(), List.of());
        }
        var generations = new ArrayList<Generation>();
        var faults = new ArrayList<Finding>();
        List<Link> links = links(home.resolve(FILE), faults, stop);
        Map<String, Link> open = new LinkedHashMap<>();
        links.forEach(link -> open.put(link.name(), link));

        for (String name : names(home)) {
            stop.check();
            Optional<Link> link = Optional.ofNullable(open.remove(name));
            read(home.resolve(name), link, generations, faults, stop);
        }
        for (Link gone : open.values()) {
            faults.add(new Finding(
                    FOLDER + "/" + gone.name(),
                    Finding.State.MISSING,
                    gone.c4(),
                    null,
                    "the chain names this manifest, and it is gone: what only it told is not checked"));
        }
        return new ManifestChain(folder, generations, links, faults);
    }

    private static List<Link> links(Path file, List<Finding> faults, StopToken stop) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (InputStream in = open(file)) {
            return ManifestReader.readChain(in, file, stop);
        } catch (ProblemException e) {
            faults.add(new Finding(
                    FOLDER + "/" + FILE,
                    Finding.State.UNREADABLE,
                    null,
                    null,
                    e.problem().message()));
            return List.of();
        }
    }

    /// The manifests by number, then by name.
    private static List<String> names(Path home) throws IOException {
        try (Stream<Path> files = Files.list(home)) {
            return files.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .map(file -> file.getFileName().toString())
                    .filter(name -> NAME.matcher(name).matches())
                    .sorted(Comparator.comparingInt(ManifestChain::number).thenComparing(Comparator.naturalOrder()))
                    .toList();
        }
    }

    private static int number(String name) {
        Matcher parts = NAME.matcher(name);
        return parts.matches() ? Integer.parseInt(parts.group(1)) : 0;
    }

    private static void read(
            Path file, Optional<Link> link, List<Generation> generations, List<Finding> faults, StopToken stop) {
        String name = file.getFileName().toString();
        String path = FOLDER + "/" + name;
        var sha512 = C4.start();
        String found;
        try (InputStream in = new DigestInputStream(open(file), sha512)) {
            Manifest manifest = ManifestReader.read(in, file, stop);
            found = C4.of(sha512);
            generations.add(new Generation(number(name), name, manifest));
        } catch (ProblemException e) {
            faults.add(new Finding(
                    path,
                    Finding.State.UNREADABLE,
                    link.map(Link::c4).orElse(null),
                    null,
                    e.problem().message()));
            return;
        } catch (IOException e) {
            faults.add(new Finding(
                    path, Finding.State.UNREADABLE, link.map(Link::c4).orElse(null), null, Finding.reason(e)));
            return;
        }
        if (link.isEmpty()) {
            faults.add(new Finding(
                    path,
                    Finding.State.UNREGISTERED,
                    null,
                    found,
                    "this manifest is not in the chain: it was put here by hand, or whoever wrote it did not come to"
                            + " the end"));
        } else if (!link.get().c4().equals(found)) {
            faults.add(new Finding(
                    path,
                    Finding.State.CHANGED,
                    link.get().c4(),
                    found,
                    "this manifest was changed after it was written: do not rely on the hashes in it"));
        }
    }

    private static InputStream open(Path file) throws IOException {
        return new BufferedInputStream(Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS), 64 * 1024);
    }

    /// The newest hash that is known of each file, but for those that failed: of several in one generation that of the
    /// first [HashKind].
    Map<String, Manifest.Entry> newest() {
        var newest = new HashMap<String, Manifest.Entry>();
        for (Generation generation : generations) {
            var here = new HashMap<String, Manifest.Entry>();
            generation.manifest().entries().stream()
                    .filter(entry -> entry.action() != Manifest.Action.FAILED)
                    .forEach(entry -> here.merge(
                            entry.path(),
                            entry,
                            (one, other) -> one.kind().compareTo(other.kind()) <= 0 ? one : other));
            newest.putAll(here);
        }
        return newest;
    }

    // ---- Writing

    /// See [Manifest#write].
    Path append(Manifest.Creation who, List<Manifest.Entry> entries) throws IOException {
        requireUnbroken();
        List<Manifest.Entry> told = told(entries);
        int number = 1
                + Math.max(
                        generations.stream().mapToInt(Generation::number).max().orElse(0),
                        links.stream().mapToInt(Link::number).max().orElse(0));
        String name = name(number, who);
        Path home = folder.resolve(FOLDER);
        boolean made = make(home);
        Path manifest = home.resolve(name);
        try {
            String c4 = put(home, name, ".sluice-manifest.part", out -> ManifestWriter.write(out, who, told));
            List<Link> longer = new ArrayList<>(links);
            longer.add(new Link(number, name, c4));
            try {
                put(home, FILE, ".sluice-chain.part", out -> ManifestWriter.writeChain(out, longer));
            } catch (IOException | RuntimeException e) {
                suppress(e, () -> Files.deleteIfExists(manifest));
                throw e;
            }
            if (made) {
                sync(folder);
            }
        } catch (IOException | RuntimeException e) {
            if (made) {
                suppress(e, () -> Files.deleteIfExists(home));
            }
            throw e;
        }
        return manifest;
    }

    /// One that was left by a crash before it was in the chain is no reason to refuse.
    private void requireUnbroken() {
        for (Finding fault : faults) {
            if (fault.state() != Finding.State.UNREGISTERED) {
                throw new ProblemException(
                        ErrorCode.CONFLICT,
                        "no manifest can be added to " + folder.resolve(FOLDER) + ", whose chain is broken at "
                                + fault.path() + ": " + fault.message() + ". Repair it, or move the folder " + FOLDER
                                + " away to begin a new chain");
            }
        }
    }

    /// The entries by path, each hash that an earlier generation knows as verified.
    private List<Manifest.Entry> told(List<Manifest.Entry> entries) {
        var earlier = new HashMap<Hashed, String>();
        for (Generation generation : generations) {
            for (Manifest.Entry entry : generation.manifest().entries()) {
                if (entry.action() != Manifest.Action.FAILED) {
                    earlier.put(new Hashed(entry.path(), entry.kind()), entry.hash());
                }
            }
        }
        var told = new LinkedHashMap<Hashed, Manifest.Entry>();
        entries.stream()
                .sorted(Comparator.comparing(Manifest.Entry::path).thenComparing(Manifest.Entry::kind))
                .forEach(entry -> {
                    var hashed = new Hashed(entry.path(), entry.kind());
                    requireTellable(entry);
                    boolean known = entry.action() == Manifest.Action.ORIGINAL
                            && entry.hash().equals(earlier.get(hashed));
                    if (told.putIfAbsent(hashed, known ? entry.as(Manifest.Action.VERIFIED) : entry) != null) {
                        throw new ProblemException(
                                ErrorCode.INVALID_REQUEST,
                                "a manifest cannot tell two " + entry.kind().word() + " hashes of " + entry.path());
                    }
                });
        return List.copyOf(told.values());
    }

    private record Hashed(String path, HashKind kind) {}

    private static void requireTellable(Manifest.Entry entry) {
        if (!entry.kind().inManifests()) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "ASC MHL has no " + entry.kind().word() + ": verify with xxh64 or md5, or go without a manifest");
        }
    }

    /// `0001_A002R2EC_2026-01-16_091500Z.mhl`; a folder's name that is too long for it is cut.
    private String name(int number, Manifest.Creation who) throws IOException {
        Path last = folder.toRealPath().getFileName();
        String start = "%04d_".formatted(number);
        String end = "_" + TIME.format(who.at()) + ".mhl";
        var middle = new StringBuilder();
        int left = LONGEST_NAME - start.length() - end.length();
        for (int character :
                (last == null ? "root" : last.toString()).codePoints().toArray()) {
            String text = Manifest.isText(character) && !Character.isISOControl(character)
                    ? Character.toString(character)
                    : "_";
            left -= text.getBytes(UTF_8).length;
            if (left < 0) {
                break;
            }
            middle.append(text);
        }
        return start + middle + end;
    }

    private static boolean make(Path home) throws IOException {
        try {
            Files.createDirectory(home);
            return true;
        } catch (FileAlreadyExistsException e) {
            if (Files.isDirectory(home, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
            throw new ProblemException(
                    ErrorCode.CONFLICT, home + " is in the way of the manifests: it is no folder; move it away", e);
        }
    }

    private interface Printing {
        void to(OutputStream out) throws IOException;
    }

    /// Makes a file appear whole under its name.
    ///
    /// @return the C4 of what is in it
    private static String put(Path home, String name, String partName, Printing printing) throws IOException {
        Path part = home.resolve(partName);
        Files.deleteIfExists(part);
        try {
            var sha512 = C4.start();
            try (FileChannel channel = FileChannel.open(
                            part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                    var out = new BufferedOutputStream(
                            new DigestOutputStream(Channels.newOutputStream(channel), sha512), 64 * 1024)) {
                printing.to(out);
                out.flush();
                channel.force(true);
            }
            Files.move(part, home.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            sync(home);
            return C4.of(sha512);
        } catch (IOException | RuntimeException e) {
            suppress(e, () -> Files.deleteIfExists(part));
            throw e;
        }
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
            opened.force(true);
        }
    }

    private interface CleanUp {
        void run() throws IOException;
    }

    private static void suppress(Exception first, CleanUp cleanUp) {
        try {
            cleanUp.run();
        } catch (IOException e) {
            first.addSuppressed(e);
        }
    }
}
