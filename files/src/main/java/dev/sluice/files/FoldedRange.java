package dev.sluice.files;

import java.util.Arrays;

/// Writes frames in as few characters as the notation of [FrameSet] allows without parts that overlap.
///
/// It goes through the frames once and keeps, for each number of first frames, the shortest text that says them: what
/// the text without the last frame costs and this frame alone, or a range that ends in it. Such a range begins where
/// the steps became even, or one frame later where that frame ends another range; any other beginning is longer.
final class FoldedRange {
    private final Frame[] frames;
    private final int[] widths;
    /// The characters of the shortest text of the first so many frames, with a comma after each part.
    private final long[] lengths;
    /// Where the last part of that text begins.
    private final int[] begins;

    /// @param frames in order, each once
    FoldedRange(Frame[] frames) {
        this.frames = frames;
        widths = new int[frames.length];
        Arrays.setAll(widths, i -> frames[i].toString().length());
        lengths = new long[frames.length + 1];
        begins = new int[frames.length + 1];
    }

    String text() {
        int even = 0;
        long before = 0;
        int width = 0;
        for (int i = 0; i < frames.length; i++) {
            long step = step(i);
            if (step == 0) {
                even = i;
            } else if (step != before) {
                even = i - 1;
                width = stepped(i).length();
            }
            before = step;
            lengths[i + 1] = lengths[i] + widths[i] + 1;
            begins[i + 1] = i;
            if (step != 0) {
                end(i, even, width);
            }
        }
        return written();
    }

    /// How far frame `i` is from the one before, or 0 where no range can have both.
    private long step(int i) {
        if (i == 0 || frames[i].decimals() != frames[i - 1].decimals()) {
            return 0;
        }
        long step = frames[i].units() - frames[i - 1].units();
        return step < Frame.BOUND ? step : 0;
    }

    private void end(int i, int even, int width) {
        int begin = even;
        if (even + 1 < i) {
            long earlier = length(even, i, width);
            long later = length(even + 1, i, width);
            // Of texts of one length, the one in which frames without a step stay together.
            begin = later < earlier || (later == earlier && width > 0) ? even + 1 : even;
        }
        long length = length(begin, i, width);
        if (length <= lengths[i + 1]) {
            lengths[i + 1] = length;
            begins[i + 1] = begin;
        }
    }

    private long length(int begin, int end, int width) {
        return lengths[begin] + widths[begin] + 1 + widths[end] + width + 1;
    }

    /// The step of a range that ends in a frame, as it is written: not at all where it is one.
    private String stepped(int end) {
        int decimals = frames[end].decimals();
        long step = step(end);
        if (step == Frame.tenTo(decimals)) {
            return "";
        }
        while (decimals > 0 && step % 10 == 0) {
            step /= 10;
            decimals--;
        }
        return "x" + new Frame(step, decimals);
    }

    private String range(int begin, int end) {
        return begin == end ? frames[end].toString() : frames[begin] + "-" + frames[end] + stepped(end);
    }

    private String written() {
        int parts = 0;
        var ends = new int[frames.length];
        for (int end = frames.length; end > 0; end = begins[end]) {
            ends[parts++] = end;
        }
        var text = new StringBuilder();
        while (parts > 0) {
            int end = ends[--parts];
            text.append(text.isEmpty() ? "" : ",").append(range(begins[end], end - 1));
        }
        return text.toString();
    }
}
