package dev.sluice.storage;

import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// How a file is known to be the object that was stored: it has the object's size, and was last written to when
/// the object was. Unlike an inode's number these two are not used again once a file is gone, and they stay
/// when a folder moves to another disk by a copy that keeps times.
final class Stamp {
    private Stamp() {}

    static String of(BasicFileAttributes file) {
        return file.lastModifiedTime().toInstant().toString();
    }

    static boolean fits(ObjectRef ref, BasicFileAttributes there) {
        return there.isRegularFile()
                && there.size() == ref.size()
                && (ref.stamp() == null || fits(Instant.parse(ref.stamp()), there));
    }

    private static boolean fits(Instant written, BasicFileAttributes there) {
        Instant found = there.lastModifiedTime().toInstant();
        // An archive such as tar gives back whole seconds.
        return found.equals(written) || found.equals(written.truncatedTo(ChronoUnit.SECONDS));
    }
}
