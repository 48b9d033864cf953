package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// What one batch left in a folder, with the hash of each file: a manifest of ASC MHL 2.0, the American Society of
/// Cinematographers' Media Hash List (github.com/ascmitc/mhl-specification). It lies in the folder's `ascmhl/`, which a
/// [ManifestChain] holds together.
///
/// Hashes of folders, which its schema leaves to the writer, are neither written nor looked at.
///
/// @param unknown the files that it tells only by hashes of which there is no [HashKind], with the words for those
/// @param ignored patterns of what belongs in no manifest
record Manifest(Creation creation, List<Entry> entries, Map<String, String> unknown, List<String> ignored) {
    /// What is ignored by the manifests that are written here: what the reference implementation ignores.
    static final List<String> IGNORED = List.of(".DS_Store", "ascmhl", "ascmhl/");

    Manifest {
        entries = List.copyOf(entries);
        unknown = Map.copyOf(unknown);
        ignored = List.copyOf(ignored);
    }

    /// One hash of one file.
    ///
    /// @param path below the folder, with `/`
    /// @param size in bytes; null where a foreign manifest does not tell it, as `modified`
    record Entry(
            String path, @Nullable Long size, @Nullable Instant modified, HashKind kind, String hash, Action action) {
        Entry {
            requirePath(path);
            if (size != null && size < 0) {
                throw new ProblemException(
                        ErrorCode.INVALID_REQUEST, "a manifest cannot tell " + size + " bytes of " + shown(path));
            }
            if (!kind.fits(hash)) {
                throw new ProblemException(
                        ErrorCode.INVALID_REQUEST,
                        "a manifest cannot tell \"" + shown(hash) + "\" of " + shown(path) + ": this is no "
                                + kind.word());
            }
        }

        Entry as(Action other) {
            return new Entry(path, size, modified, kind, hash, other);
        }
    }

    /// How a hash stands to the earlier ones of its file.
    enum Action {
        /// The first that anybody knows.
        ORIGINAL,
        VERIFIED,
        /// Another than before, and it should not be.
        FAILED
    }

    /// Who made a manifest, when, and with what.
    record Creation(Instant at, String host, String tool, String version) {
        Creation {
            requireText("the name of the host", host);
            requireText("the name of the tool", tool);
            requireText("the version of the tool", version);
        }

        static Creation bySluice(Instant at, String host) {
            String version = Manifest.class.getPackage().getImplementationVersion();
            return new Creation(at, host, "Sluice", version == null ? "development" : version);
        }
    }

    /// Puts a manifest of `entries` into `folder`, as the next generation of its chain: whole or not at all, safe from
    /// a power cut. An entry whose hash an earlier generation knows is written as verified. One at a time for one
    /// folder.
    ///
    /// @return the manifest's file
    /// @throws ProblemException where the entries cannot be told in a manifest, or the chain there is broken
    static Path write(Path folder, Creation who, List<Entry> entries) throws IOException {
        return ManifestChain.read(folder, new StopToken()).append(who, entries);
    }

    /// @throws ProblemException where the file is no manifest that can be understood
    static Manifest read(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS))) {
            return ManifestReader.read(in, file, new StopToken());
        }
    }

    /// The path of `file` below `folder` as a manifest tells it.
    ///
    /// @throws ProblemException where it cannot be told: not UTF-8, or with characters that XML does not have
    static String pathOf(Path folder, Path file) {
        String path = slashed(folder, file);
        requirePath(path);
        if (!folder.resolve(path).equals(file)) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "a manifest cannot tell the name " + shown(path) + ", which is not UTF-8: rename the file, or go"
                            + " without a manifest");
        }
        return path;
    }

    /// As [#pathOf], for people: also where a manifest could not tell it.
    static String slashed(Path folder, Path file) {
        var path = new StringJoiner("/");
        folder.relativize(file).forEach(name -> path.add(name.toString()));
        return path.toString();
    }

    private static void requirePath(String path) {
        for (String name : path.split("/", -1)) {
            if (name.isEmpty() || name.equals(".") || name.equals("..")) {
                throw new ProblemException(
                        ErrorCode.INVALID_REQUEST,
                        "a manifest cannot tell the path " + shown(path) + ": it must lead from its folder down to a"
                                + " file");
            }
        }
        requireText("the path " + shown(path), path);
    }

    /// XML 1.0 (§2.2) has no other control characters than tab and the ends of lines, not even escaped, and no halves
    /// of surrogate pairs.
    private static void requireText(String what, String text) {
        text.codePoints().filter(character -> !isText(character)).findFirst().ifPresent(character -> {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "a manifest cannot tell %s: it has the character U+%04X, which XML cannot hold; rename it, or go without a manifest"
                            .formatted(what, character));
        });
    }

    static boolean isText(int character) {
        return character == '\t'
                || character == '\n'
                || character == '\r'
                || (character >= ' ' && character < Character.MIN_SURROGATE)
                || (character > Character.MAX_SURROGATE && character < 0xFFFE)
                || character >= Character.MIN_SUPPLEMENTARY_CODE_POINT;
    }

    /// Fit to stand in a message: what a terminal would act on, and what it could not show, is a `?`.
    static String shown(String text) {
        var shown = new StringBuilder(text.length());
        text.codePoints()
                .forEach(character -> shown.appendCodePoint(
                        Character.isISOControl(character) || !isText(character) ? '?' : character));
        return shown.toString();
    }
}
