package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is in a folder, sequences folded: a line for a folder, a file, or all frames of a sequence.
///
/// @param path absolute
/// @param more whether there are lines beyond those that are told
public record FolderListing(String path, List<Entry> entries, boolean more) {
    private static final int MOST_LINES = 2_000;
    /// Sizes of longer sequences are not added up: each file costs a call.
    private static final int MOST_SIZES = 20_000;

    public FolderListing {
        entries = List.copyOf(entries);
    }

    /// @param kind `folder`, `file`, `link`, `other` or `sequence`
    /// @param name as a source of an operation names it in its folder
    /// @param files how many it stands for
    /// @param bytes of all; absent of folders, and of what is too much to be looked at
    /// @param missing frames of a sequence that are not there; absent where none is missing
    /// @param modified of a sequence, of its first file
    public record Entry(
            String kind,
            String name,
            int files,
            @Nullable Long bytes,
            @Nullable String missing,
            @Nullable Instant modified) {}

    /// Reads a folder that lies in one of the roots. Folders are told first.
    ///
    /// @throws ProblemException `not_found`, `forbidden`, or `invalid_request` where it is no folder
    public static FolderListing of(Path folder, List<Path> roots, StopToken stop) {
        try (Reach.Access access = Reach.within(roots).access()) {
            return new Reader(folder, access, stop).read();
        } catch (NoSuchFileException e) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "there is no folder " + folder, e);
        } catch (NotDirectoryException e) {
            throw new ProblemException(
                    new Problem(ErrorCode.INVALID_REQUEST, folder + " is no folder", Map.of("field", "path")), e);
        } catch (AccessDeniedException e) {
            throw new ProblemException(ErrorCode.FORBIDDEN, folder + " cannot be read: " + e.getReason(), e);
        } catch (IOException e) {
            throw new ProblemException(ErrorCode.INTERNAL, folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static final class Reader {
        private final Path folder;
        private final Reach.Access access;
        private final StopToken stop;
        private int sizes;

        Reader(Path folder, Reach.Access access, StopToken stop) {
            this.folder = folder;
            this.access = access;
            this.stop = stop;
        }

        FolderListing read() throws IOException {
            var folders = new ArrayList<Entry>();
            var others = new ArrayList<Entry>();
            List<Folded> all = Folding.of(
                    access.names(folder, stop).stream().map(Path::toString).toList());
            for (Folded folded : all) {
                stop.check();
                if (folders.size() + others.size() == MOST_LINES) {
                    break;
                }
                Stat first = stat(folded.names().getFirst());
                if (first == null) {
                    continue;
                }
                if (folded.isSequence() && first.isFile()) {
                    others.add(sequence(folded, first));
                    continue;
                }
                // Numbered folders are no sequence.
                for (String name : folded.names()) {
                    Stat stat = stat(name);
                    if (stat != null) {
                        (stat.isFolder() ? folders : others).add(entry(name, stat));
                    }
                }
            }
            boolean more = folders.size() + others.size() >= MOST_LINES;
            folders.addAll(others);
            return new FolderListing(folder.toString(), folders, more);
        }

        private @Nullable Stat stat(String name) throws IOException {
            sizes++;
            return access.stat(folder.resolve(name)).orElse(null);
        }

        private Entry sequence(Folded folded, Stat first) throws IOException {
            long bytes = first.size();
            boolean known = sizes + folded.names().size() <= MOST_SIZES;
            for (String name : known ? folded.names().subList(1, folded.names().size()) : List.<String>of()) {
                Stat stat = stat(name);
                bytes += stat == null ? 0 : stat.size();
            }
            return new Entry(
                    "sequence",
                    folded.text(),
                    folded.names().size(),
                    known ? bytes : null,
                    folded.missing().isEmpty() ? null : folded.missing(),
                    modified(first));
        }

        private static Entry entry(String name, Stat stat) {
            String kind = stat.isFolder() ? "folder" : stat.isFile() ? "file" : stat.isLink() ? "link" : "other";
            return new Entry(kind, name, 1, stat.isFile() ? stat.size() : null, null, modified(stat));
        }

        private static Instant modified(Stat stat) {
            return Instant.EPOCH.plus(stat.modifiedNanos(), ChronoUnit.NANOS);
        }
    }
}
