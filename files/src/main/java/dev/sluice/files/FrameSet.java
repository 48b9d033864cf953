package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.RandomAccess;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The frames that somebody asks for, in the order in which they are asked for, each once. Immutable.
///
/// The notation is that of [fileseq](https://github.com/justinfx/fileseq), parts between commas:
///
/// | part | frames |
/// |---|---|
/// | `1001`, `-5`, `1001.25` | this one |
/// | `1001-1240`, `-10--5`, `10-1` | from one to the other, downwards too |
/// | `1-10x2`, `1-2x0.25` | each second, each fourth of one: 1, 3, 5, 7, 9 |
/// | `1-10y3` | those that `x3` leaves out: 2, 3, 5, 6, 8, 9 |
/// | `1-10:3` | `x3`, then what `x2` adds, then `x1`: 1, 4, 7, 10, 3, 5, 9, 2, 6, 8 |
///
/// All frames of a set are written with as many decimals as the part that has most of them.
final class FrameSet {
    /// More than eleven hours of film: who asks for more mistyped.
    static final int MAX_FRAMES = 1_000_000;

    private static final String NUMBER = "[0-9]+(?:\\.[0-9]+)?";
    /// One part.
    static final Pattern PART =
            Pattern.compile("(-?" + NUMBER + ")(?:-(-?" + NUMBER + ")(?:([xy:])(" + NUMBER + "))?)?");

    private final int decimals;
    private final long[] units;
    private final long[] sorted;

    private FrameSet(int decimals, long[] units, long[] sorted) {
        this.decimals = decimals;
        this.units = units;
        this.sorted = sorted;
    }

    /// @throws ProblemException where the text is not in the notation, or asks for no frame or for too many
    static FrameSet parse(String text) {
        var parts = new ArrayList<Part>();
        int decimals = 0;
        for (int from = 0; from <= text.length(); ) {
            int comma = text.indexOf(',', from);
            int to = comma < 0 ? text.length() : comma;
            var part = Part.parse(text.substring(from, to).strip(), text);
            decimals = Math.max(decimals, part.decimals());
            parts.add(part);
            if (parts.size() > MAX_FRAMES) {
                throw tooMany(text);
            }
            from = to + 1;
        }
        try {
            return of(parts, decimals, text);
        } catch (ArithmeticException e) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST, "the frames " + Quoted.of(text) + " have too many digits", e);
        }
    }

    private static FrameSet of(List<Part> parts, int decimals, String text) {
        long most = 0;
        for (Part part : parts) {
            most += part.most(decimals);
            if (most > MAX_FRAMES) {
                throw tooMany(text);
            }
        }
        var list = new Units((int) most);
        parts.forEach(part -> part.addTo(list, decimals));
        long[] units = list.all();
        if (units.length == 0) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST, "the frame range " + Quoted.of(text) + " has no frame in it");
        }
        long[] sorted = units.clone();
        Arrays.sort(sorted);
        long[] distinct = withoutRepeats(sorted);
        return new FrameSet(decimals, distinct.length == units.length ? units : firstOnes(units, distinct), distinct);
    }

    private static long[] withoutRepeats(long[] sorted) {
        var distinct = new Units(sorted.length);
        for (int i = 0; i < sorted.length; i++) {
            if (i == 0 || sorted[i] != sorted[i - 1]) {
                distinct.add(sorted[i]);
            }
        }
        return distinct.all();
    }

    private static long[] firstOnes(long[] units, long[] distinct) {
        var seen = new BitSet(distinct.length);
        var first = new Units(distinct.length);
        for (long unit : units) {
            int place = Arrays.binarySearch(distinct, unit);
            if (!seen.get(place)) {
                seen.set(place);
                first.add(unit);
            }
        }
        return first.all();
    }

    private static ProblemException tooMany(String text) {
        return new ProblemException(
                ErrorCode.INVALID_REQUEST,
                "the frame range " + Quoted.of(text) + " has more than " + MAX_FRAMES
                        + " frames; ask for fewer at a time");
    }

    int size() {
        return units.length;
    }

    boolean contains(Frame frame) {
        if (frame.decimals() > decimals) {
            // It can still be one of ours, as 1.50 is 1.5.
            long surplus = Frame.tenTo(frame.decimals() - decimals);
            return frame.units() % surplus == 0 && Arrays.binarySearch(sorted, frame.units() / surplus) >= 0;
        }
        try {
            return Arrays.binarySearch(sorted, frame.scaled(decimals)) >= 0;
        } catch (ArithmeticException e) {
            return false;
        }
    }

    /// The frames in the order in which they were asked for.
    List<Frame> frames() {
        return new Frames();
    }

    @Override
    public String toString() {
        return fold(frames());
    }

    /// The shortest notation of these frames: `1001-1240`, `1-9x2`, `1-5,10-20`; empty where there are none.
    /// Each frame keeps the decimals that it is written with, so that names can be made of it again.
    static String fold(Collection<Frame> frames) {
        Frame[] sorted = frames.stream().sorted().distinct().toArray(Frame[]::new);
        return new FoldedRange(sorted).text();
    }

    private final class Frames extends AbstractList<Frame> implements RandomAccess {
        @Override
        public Frame get(int index) {
            return new Frame(units[index], decimals);
        }

        @Override
        public int size() {
            return units.length;
        }
    }

    /// Longs one after the other, up to a number that is known.
    private static final class Units {
        private final long[] all;
        private int size;

        Units(int most) {
            all = new long[most];
        }

        void add(long unit) {
            all[size++] = unit;
        }

        long[] all() {
            return size == all.length ? all : Arrays.copyOf(all, size);
        }
    }

    private enum Mode {
        STEP,
        FILL,
        STAGGER
    }

    private record Part(Frame first, Frame last, Mode mode, Frame step) {
        static Part parse(String part, String whole) {
            Matcher matcher = PART.matcher(part);
            if (!matcher.matches()) {
                throw new ProblemException(
                        ErrorCode.INVALID_REQUEST,
                        "the frame range " + Quoted.of(whole) + " is broken at " + Quoted.of(part)
                                + "; write it as 1001-1240, 1-10x2, 1-10y3, 1-10:4 or several of these with commas");
            }
            Frame first = Frame.parse(matcher.group(1));
            if (matcher.group(2) == null) {
                return new Part(first, first, Mode.STEP, Frame.of(1));
            }
            Frame last = Frame.parse(matcher.group(2));
            if (matcher.group(3) == null) {
                return new Part(first, last, Mode.STEP, Frame.of(1));
            }
            Mode mode = switch (matcher.group(3)) {
                case "x" -> Mode.STEP;
                case "y" -> Mode.FILL;
                default -> Mode.STAGGER;
            };
            Frame step = Frame.parse(matcher.group(4));
            if (step.units() == 0 || (mode != Mode.STEP && step.decimals() > 0)) {
                throw new ProblemException(
                        ErrorCode.INVALID_REQUEST,
                        "the frame range " + Quoted.of(whole) + " has the step " + step + " in " + Quoted.of(part)
                                + "; a step is 1 or more, and only after x less than one frame");
            }
            return new Part(first, last, mode, step);
        }

        int decimals() {
            return Math.max(step.decimals(), Math.max(first.decimals(), last.decimals()));
        }

        /// How many frames there are at most, and how many are looked at.
        long most(int decimals) {
            long apart = Math.abs(last.scaled(decimals) - first.scaled(decimals));
            return apart / stride(decimals) + 1;
        }

        private long stride(int decimals) {
            return mode == Mode.STEP ? step.scaled(decimals) : Frame.tenTo(decimals);
        }

        void addTo(Units list, int decimals) {
            long start = first.scaled(decimals);
            long towards = last.compareTo(first) < 0 ? -stride(decimals) : stride(decimals);
            int count = (int) most(decimals);
            switch (mode) {
                case STEP -> {
                    for (int i = 0; i < count; i++) {
                        list.add(start + i * towards);
                    }
                }
                case FILL -> {
                    for (int i = 0; i < count; i++) {
                        if (i % step.units() != 0) {
                            list.add(start + i * towards);
                        }
                    }
                }
                case STAGGER -> {
                    var seen = new BitSet(count);
                    for (int stride = (int) Math.min(step.units(), count); stride > 0; stride--) {
                        // As a long: a stride as wide as the range would step over the end of int.
                        for (long i = 0; i < count; i += stride) {
                            if (!seen.get((int) i)) {
                                seen.set((int) i);
                                list.add(start + i * towards);
                            }
                        }
                    }
                }
            }
        }
    }
}
