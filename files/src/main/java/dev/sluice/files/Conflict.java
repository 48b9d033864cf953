package dev.sluice.files;

import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Something that stands in the way of an operation, found before anything was touched.
///
/// @param blocks whether nothing of the operation is done for its sake; else only this file is left out, or it is
///     worth knowing
record Conflict(Kind kind, @Nullable Path source, @Nullable Path target, boolean blocks, String message) {
    enum Kind {
        TARGET_EXISTS,
        TWO_SOURCES,
        MISSING_SOURCE,
        SOURCE_CHANGED,
        MISSING_FRAMES,
        CASE_COLLISION,
        SAME_FILE,
        TARGET_INSIDE_SOURCE,
        NAME_TOO_LONG,
        NO_SPACE,
        NO_PERMISSION,
        OUT_OF_REACH,
        UNREADABLE,
        NOT_A_FILE;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
