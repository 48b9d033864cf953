package dev.sluice.storage;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.sluice.core.Commit;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/// How a complete part becomes visible under its name and is taken away from there again.
///
/// The part is hard-linked to the target, which the kernel does at once or not at all and never over another
/// file. The part stays until the upload is discarded: that both names are one file is the proof that what
/// stands at the target is what this upload put there, after a crash too.
///
/// Where there are no hard links, an empty file made under the target's name keeps the place for the instant
/// until the part is renamed over it, and a [Mark] written before tells what went where.
final class Placing {
    static final int CANDIDATES = 100;

    private final Folder folder;
    private final Linker linker;

    Placing(Folder folder, Linker linker) {
        this.folder = folder;
        this.linker = linker;
    }

    /// What stands at a place, seen from one upload.
    enum Standing {
        NOTHING,
        /// Its object, complete.
        OBJECT,
        /// The empty file that keeps its place.
        PLACEHOLDER,
        FOREIGN
    }

    Standing standing(UploadFiles files, Path place) throws IOException {
        BasicFileAttributes there = folder.look(place);
        if (there == null) {
            return Standing.NOTHING;
        }
        BasicFileAttributes part = folder.look(files.part());
        if (part != null && sameFile(files.part(), part, place, there)) {
            return Standing.OBJECT;
        }
        Mark mark = Mark.read(files.mark());
        if (mark == null || !place.endsWith(mark.key()) || !there.isRegularFile()) {
            return Standing.FOREIGN;
        }
        if (part == null) {
            return mark.describes(there) ? Standing.OBJECT : Standing.FOREIGN;
        }
        // The mark's own time comes from the same clock, in the same grain, and the placeholder was made after it.
        BasicFileAttributes marked = folder.look(files.mark());
        boolean keptForUs = marked != null
                && there.size() == 0
                && there.lastModifiedTime().compareTo(marked.lastModifiedTime()) >= 0;
        return keptForUs ? Standing.PLACEHOLDER : Standing.FOREIGN;
    }

    private static boolean sameFile(Path a, BasicFileAttributes ofA, Path b, BasicFileAttributes ofB)
            throws IOException {
        if (!ofA.isRegularFile() || !ofB.isRegularFile()) {
            return false;
        }
        Object key = ofA.fileKey();
        return key == null ? Files.isSameFile(a, b) : key.equals(ofB.fileKey());
    }

    /// Where the upload's object stands already, if a commit went through before.
    Optional<Path> placed(UploadFiles files, ObjectSpec spec) throws IOException {
        BasicFileAttributes part = folder.look(files.part());
        if (part == null) {
            Mark mark = Mark.read(files.mark());
            if (mark == null) {
                return Optional.empty();
            }
            Path place = folder.object(mark.key());
            return standing(files, place) == Standing.OBJECT ? Optional.of(place) : Optional.empty();
        }
        if (names(files.part()) == 1) {
            return Optional.empty();
        }
        for (int n = 1; n <= CANDIDATES; n++) {
            Path place = folder.object(FileNames.candidate(spec, n));
            Standing standing = standing(files, place);
            if (standing == Standing.OBJECT) {
                return Optional.of(place);
            }
            if (standing == Standing.NOTHING) {
                break;
            }
        }
        return Optional.empty();
    }

    private static int names(Path file) throws IOException {
        boolean counted = file.getFileSystem().supportedFileAttributeViews().contains("unix");
        return counted ? (int) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS) : Integer.MAX_VALUE;
    }

    void place(UploadFiles files, Path target, Precondition when) throws IOException, Commit.TargetTaken {
        switch (standing(files, target)) {
            case OBJECT -> {}
            case PLACEHOLDER -> move(files, target);
            case NOTHING, FOREIGN -> {
                if (!link(files, target, when)) {
                    rename(files, target, when);
                }
            }
        }
        folder.sync();
    }

    /// @return false where this file system has no hard links
    private boolean link(UploadFiles files, Path target, Precondition when) throws IOException, Commit.TargetTaken {
        Path name = when == Precondition.ANY ? files.second() : target;
        try {
            if (when == Precondition.ANY) {
                Files.deleteIfExists(name);
            }
            linker.link(name, files.part());
        } catch (FileAlreadyExistsException e) {
            // Over a network a link may be made and its answer lost, so that the second try meets the first one's.
            if (standing(files, name) != Standing.OBJECT) {
                throw new Commit.TargetTaken(target.toString(), e);
            }
        } catch (NoSuchFileException e) {
            throw e;
        } catch (UnsupportedOperationException | IOException e) {
            // How a system says that it has no links differs (EPERM, ENOTSUP, EMLINK, in any language): the other way
            // is tried whatever it said, and fails by itself where links were not the trouble.
            return false;
        }
        if (when == Precondition.ANY) {
            Files.move(name, target, ATOMIC_MOVE);
        }
        return true;
    }

    private void rename(UploadFiles files, Path target, Precondition when) throws IOException, Commit.TargetTaken {
        BasicFileAttributes part = folder.look(files.part());
        if (part == null) {
            throw new NoSuchFileException(files.part().toString());
        }
        dropFormerPlaceholder(files);
        String key = String.valueOf(target.getFileName());
        new Mark(key, part.size(), part.lastModifiedTime().toInstant()).write(files.mark(), folder.survivesPowerCut());
        folder.sync();
        if (when == Precondition.ABSENT) {
            try {
                FileChannel.open(target, CREATE_NEW, WRITE).close();
            } catch (FileAlreadyExistsException e) {
                Files.deleteIfExists(files.mark());
                throw new Commit.TargetTaken(target.toString(), e);
            }
        }
        move(files, target);
    }

    private void move(UploadFiles files, Path target) throws IOException {
        try {
            Files.move(files.part(), target, ATOMIC_MOVE);
        } catch (IOException e) {
            try {
                if (standing(files, target) == Standing.PLACEHOLDER) {
                    Files.deleteIfExists(target);
                }
                Files.deleteIfExists(files.mark());
            } catch (IOException cleanup) {
                e.addSuppressed(cleanup);
            }
            throw e;
        }
    }

    /// A crash may have left one under another name than the one that is wanted now.
    private void dropFormerPlaceholder(UploadFiles files) throws IOException {
        Mark former = Mark.read(files.mark());
        if (former != null) {
            Path place = folder.object(former.key());
            if (standing(files, place) == Standing.PLACEHOLDER) {
                Files.deleteIfExists(place);
            }
        }
    }

    /// Makes the object invisible again where it is this upload's; its part is there afterwards as before the
    /// commit.
    void takeBack(UploadFiles files, Path place) throws IOException {
        switch (standing(files, place)) {
            case NOTHING, FOREIGN -> {}
            case PLACEHOLDER -> Files.deleteIfExists(place);
            case OBJECT -> {
                if (folder.look(files.part()) == null) {
                    Files.move(place, files.part(), ATOMIC_MOVE);
                    Files.deleteIfExists(files.mark());
                } else {
                    Files.deleteIfExists(place);
                }
            }
        }
        folder.sync();
    }
}
