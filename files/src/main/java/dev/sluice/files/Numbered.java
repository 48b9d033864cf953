package dev.sluice.files;

import java.util.Optional;

/// A file's name, taken apart at the frame in it: the last digits before the extension, where nothing else stands
/// between. So `shot_v2.1001.exr`, `name1001.exr` and `name.1001.tar.gz` have frame 1001, `shot.1001` too, but
/// `shot_v2_final.exr` and `clip.mp4` have none.
///
/// A `-` before the digits is a sign only after one of `._ -` or at the beginning: `shot.-0001.exr` is frame -1,
/// `shot-0001.exr` frame 1. Frames between frames cannot be told from other numbers here.
///
/// @param width how many digits the frame is written with
record Numbered(String prefix, Frame frame, int width, String suffix) {
    /// What separates the words of a name.
    static final String SEPARATORS = "._ -";

    static Optional<Numbered> of(String name) {
        int stem = stem(name);
        int end = stem;
        while (end > 0 && !Frame.isDigit(name.charAt(end - 1))) {
            end--;
        }
        int begin = end;
        while (begin > 0 && Frame.isDigit(name.charAt(begin - 1))) {
            begin--;
        }
        if (begin == end || (end < stem && name.charAt(end) != '.') || end - begin > FramePattern.MAX_PADDING) {
            return Optional.empty();
        }
        int width = end - begin;
        Frame frame = Frame.read(name, begin, end);
        if (frame == null) {
            return Optional.empty();
        }
        if (frame.units() != 0 && isSign(name, begin - 1)) {
            begin--;
            frame = new Frame(-frame.units(), 0);
        }
        return Optional.of(new Numbered(name.substring(0, begin), frame, width, name.substring(end)));
    }

    /// How long a name is without its extension. Digits alone are none, and what was packed after `tar` is one with it.
    static int stem(String name) {
        int dot = name.lastIndexOf('.');
        if (dot <= 0 || isNumber(name, dot + 1)) {
            return name.length();
        }
        return dot > 4 && name.regionMatches(true, dot - 4, ".tar", 0, 4) ? dot - 4 : dot;
    }

    private static boolean isNumber(String name, int from) {
        for (int i = from; i < name.length(); i++) {
            if (!Frame.isDigit(name.charAt(i))) {
                return false;
            }
        }
        return from < name.length();
    }

    private static boolean isSign(String name, int at) {
        return at >= 0 && name.charAt(at) == '-' && (at == 0 || SEPARATORS.indexOf(name.charAt(at - 1)) >= 0);
    }

    FramePattern pattern() {
        return FramePattern.of(prefix, width, suffix);
    }
}
