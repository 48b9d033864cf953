package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A file's name with a place for the frame, and perhaps the frames that are meant. Immutable.
///
/// | place | numbers |
/// |---|---|
/// | `#`, `##`, `@`, `@@@` | four digits for each `#`, one for each `@`: at least 4, 8, 1, 3 |
/// | `%04d`, `%d`, `$F4`, `$F` | at least 4, 1, 4, 1 |
/// | `<UDIM>` | 1001 to 9999 |
/// | `<UVTILE>` | the same tile as `u1_v1` |
///
/// All but the last two count only where a dot or the end of the name follows: `icon@2x.png` and `100%done.txt` have no
/// place. Directly before the place may stand the frames, as [FrameSet] writes them: `shot.1001-1240#.exr`. These begin
/// with a whole frame (in `shot_010.1001-1240#.exr` the first dot is the name's); a `-` before it is a sign only after
/// one of `._ -` or at the beginning, and so is a lone number only there a frame: `scene2#.exr` has none.
/// Everything else in the name stands for itself.
///
/// A pattern knows exactly the names that it makes: `#` knows 1001 and 10001, not 101 and not 01001. The zeros
/// follow the sign, as in `-0001`. Frames between frames are written as they are: `shot.1001.25.exr`.
final class FramePattern {
    static final int MAX_PADDING = 64;
    private static final int MAX_LENGTH = 16_384;
    private static final long FIRST_TILE = 1001;
    private static final long LAST_TILE = 9999;
    private static final int TILES_IN_A_ROW = 10;

    private static final Pattern PLACE = Pattern.compile(
            "(?<![#@])(?<hashes>[#@]++)(?=\\.|$)|%(?<printf>[0-9]*+)d(?=\\.|$)|\\$F(?<houdini>[0-9]*+)(?=\\.|$)"
                    + "|<(?:(?<udim>UDIM|udim)|UVTILE|uvtile)>");
    private static final Pattern TILE = Pattern.compile("u([1-9]|10)_v([1-9][0-9]{0,2})");

    private static final String SEPARATED = "(?<=^|[._ -])";
    private static final String NUMBER = "[0-9]+(?:\\.[0-9]+)?";
    private static final String FIRST = "(?<![0-9])(?:" + SEPARATED + "-)?[0-9]+";
    private static final String TO = "--?" + NUMBER + "(?:[xy:]" + NUMBER + ")?";
    private static final Pattern FIRST_OF_SEVERAL = Pattern.compile(FIRST + "(?:" + TO + ")?$");
    private static final Pattern ONLY = Pattern.compile(FIRST + TO + "$|" + SEPARATED + "-?[0-9]+$");
    /// What was meant to be a range.
    private static final Pattern BROKEN = Pattern.compile("[0-9]--?[0-9]+[xy:,][-0-9xy:,]*$");

    private enum Style {
        NUMBER,
        UDIM,
        UVTILE
    }

    private final String prefix;
    private final String suffix;
    private final Style style;
    private final int padding;
    private final @Nullable FrameSet frames;
    private final String text;

    private FramePattern(
            String prefix, Style style, int padding, String suffix, @Nullable FrameSet frames, String text) {
        this.prefix = prefix;
        this.style = style;
        this.padding = padding;
        this.suffix = suffix;
        this.frames = frames;
        this.text = text;
    }

    /// The pattern of names in which at least so many digits stand between two texts.
    static FramePattern of(String prefix, int padding, String suffix) {
        return new FramePattern(prefix, Style.NUMBER, padding, suffix, null, prefix + place(padding) + suffix);
    }

    /// The place for so many digits: `#` for each four where that comes out even, `@` for each otherwise.
    static String place(int padding) {
        return padding % 4 == 0 ? "#".repeat(padding / 4) : "@".repeat(padding);
    }

    /// Empty where the name has no place for a frame.
    ///
    /// @throws ProblemException where it has two, or one that is wrong
    static Optional<FramePattern> parse(String name) {
        Matcher places = PLACE.matcher(name);
        if (!places.find()) {
            return Optional.empty();
        }
        if (name.length() > MAX_LENGTH) {
            throw wrong(name, "is longer than " + MAX_LENGTH + " characters; give it fewer frames at a time");
        }
        int begin = places.start();
        int end = places.end();
        int padding = padding(places, name);
        Style style = padding > 0 ? Style.NUMBER : places.group("udim") != null ? Style.UDIM : Style.UVTILE;
        if (places.find()) {
            throw wrong(name, "has two places for the frame; leave one");
        }
        String before = name.substring(0, begin);
        int range = rangeIn(before);
        String prefix = before.substring(0, range);
        if (BROKEN.matcher(prefix).find()) {
            throw wrong(name, "has a broken frame range; write it as 1001-1240, 1-10x2, 1-10y3 or 1-10:4");
        }
        FrameSet frames = range == begin ? null : FrameSet.parse(before.substring(range));
        return Optional.of(new FramePattern(
                prefix, style, style == Style.NUMBER ? padding : 4, name.substring(end), frames, name));
    }

    /// How many digits are asked for, or 0 for a tile.
    private static int padding(Matcher place, String name) {
        String hashes = place.group("hashes");
        String printf = place.group("printf");
        String houdini = place.group("houdini");
        long padding;
        if (hashes != null) {
            padding = hashes.length() + 3 * hashes.chars().filter(c -> c == '#').count();
        } else if (printf != null) {
            if (!printf.isEmpty() && !printf.startsWith("0")) {
                throw wrong(name, "asks with %" + printf + "d for spaces before the frame; write %0" + printf + "d");
            }
            padding = digits(printf);
        } else if (houdini != null) {
            padding = digits(houdini);
        } else {
            return 0;
        }
        if (padding > MAX_PADDING) {
            throw wrong(name, "asks for more than " + MAX_PADDING + " digits; ask for fewer");
        }
        return (int) padding;
    }

    private static long digits(String number) {
        if (number.isEmpty()) {
            return 1;
        }
        return number.length() > 9 ? Long.MAX_VALUE : Math.max(1, Integer.parseInt(number));
    }

    /// Where the frames begin that stand at the end of a text; its length where none do.
    static int rangeIn(String text) {
        int range = text.length();
        int end = text.length();
        while (true) {
            int comma = text.lastIndexOf(',', end - 1);
            String part = text.substring(comma + 1, end);
            if (comma < 0 || !FrameSet.PART.matcher(part).matches()) {
                Matcher first = (end == text.length() ? ONLY : FIRST_OF_SEVERAL).matcher(part);
                return first.find() ? comma + 1 + first.start() : range;
            }
            range = comma + 1;
            end = comma;
        }
    }

    private static ProblemException wrong(String name, String what) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, "the pattern " + Quoted.of(name) + " " + what);
    }

    /// The frame that a file's name has, whether or not it is one of [#frames()]; empty where the name is none of this
    /// pattern.
    Optional<Frame> match(String fileName) {
        int from = prefix.length();
        int to = fileName.length() - suffix.length();
        if (from >= to || !fileName.startsWith(prefix) || !fileName.endsWith(suffix)) {
            return Optional.empty();
        }
        if (style == Style.UVTILE) {
            return tile(fileName.substring(from, to));
        }
        Frame frame = Frame.read(fileName, from, to);
        if (frame == null || (style == Style.UDIM && !isTile(frame))) {
            return Optional.empty();
        }
        boolean negative = fileName.charAt(from) == '-';
        int first = negative ? from + 1 : from;
        int digits = to - first - (frame.decimals() == 0 ? 0 : frame.decimals() + 1);
        boolean asMade = digits == padding || (digits > padding && fileName.charAt(first) != '0');
        return asMade && negative == frame.units() < 0 ? Optional.of(frame) : Optional.empty();
    }

    private static Optional<Frame> tile(String text) {
        Matcher tile = TILE.matcher(text);
        if (!tile.matches()) {
            return Optional.empty();
        }
        long u = Long.parseLong(tile.group(1));
        long v = Long.parseLong(tile.group(2));
        Frame frame = Frame.of(FIRST_TILE + u - 1 + TILES_IN_A_ROW * (v - 1));
        return isTile(frame) ? Optional.of(frame) : Optional.empty();
    }

    private static boolean isTile(Frame frame) {
        return frame.decimals() == 0 && frame.units() >= FIRST_TILE && frame.units() <= LAST_TILE;
    }

    /// The name of the file with this frame.
    ///
    /// @throws ProblemException where it is no tile and the pattern has a place for tiles only
    String name(Frame frame) {
        if (style != Style.NUMBER && !isTile(frame)) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "frame " + frame + " cannot stand in " + Quoted.of(text) + ": tiles are " + FIRST_TILE + " to "
                            + LAST_TILE + "; use # in its place");
        }
        if (style != Style.UVTILE) {
            return prefix + frame.padded(padding) + suffix;
        }
        long tile = frame.units() - FIRST_TILE;
        return prefix + 'u' + (tile % TILES_IN_A_ROW + 1) + "_v" + (tile / TILES_IN_A_ROW + 1) + suffix;
    }

    /// The same place between other texts.
    FramePattern between(String otherPrefix, String otherSuffix) {
        return new FramePattern(otherPrefix, style, padding, otherSuffix, frames, text);
    }

    /// The frames that are asked for; empty where it is those that are there.
    Optional<FrameSet> frames() {
        return Optional.ofNullable(frames);
    }

    /// How many digits a frame has at least.
    int padding() {
        return padding;
    }

    String prefix() {
        return prefix;
    }

    String suffix() {
        return suffix;
    }

    /// The pattern as it was written.
    @Override
    public String toString() {
        return text;
    }
}
