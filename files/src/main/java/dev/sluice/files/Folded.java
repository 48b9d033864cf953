package dev.sluice.files;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A sequence of files in one folder, or a file that belongs to none.
///
/// @param text what it is called: `shot.1001-1240#.exr`, or the file's name
/// @param pattern of all the names and without a range; null for a file that belongs to no sequence
/// @param frames those that are there, in order
/// @param missing those between the first and the last that are not, as [FrameSet] writes them; or empty
/// @param names in the order of the frames
record Folded(String text, @Nullable FramePattern pattern, List<Frame> frames, String missing, List<String> names) {
    static Folded alone(String name) {
        return new Folded(name, null, List.of(), "", List.of(name));
    }

    boolean isSequence() {
        return pattern != null;
    }
}
