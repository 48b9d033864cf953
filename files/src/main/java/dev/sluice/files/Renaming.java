package dev.sluice.files;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How a new name is made of an old one. What is not said stays as it is.
///
/// First `replace` becomes `with`, wherever it stands in the name. Then the frame is found: the last digits before
/// the extension. It moves by `offset` and gets `padding`, else at least as many digits as it had. Every run of
/// spaces, dots, underscores and hyphens before the frame becomes `separator`, but a run at the very beginning
/// stays (a hidden file stays hidden), and one directly before the frame that has a dot becomes a dot: `my
/// shot_v2.1001.exr` with `-` is `my-shot-v2.1001.exr`. In a name without a frame that is done up to the extension.
/// At last the letters get their case.
///
/// `to` is the whole new name instead: only `offset` and `letterCase` go with it.
///
/// @param to a pattern that takes the frame (`take.%05d.exr`), or a name
/// @param offset what is added to the frame
/// @param padding how many digits the frame has at least
/// @param letterCase of the whole name, the extension included
/// @param with what stands in the place of `replace`; null: nothing
public record Renaming(
        @Nullable String to,
        long offset,
        @Nullable Integer padding,
        @Nullable LetterCase letterCase,
        @Nullable String separator,
        @Nullable String replace,
        @Nullable String with) {

    /// The case of letters, the same in every language.
    public enum LetterCase {
        LOWER,
        UPPER
    }

    /// Stands in a text for what no text can say: a name whose bytes are no UTF-8.
    private static final char UNSAYABLE = '\uFFFD';

    private static final Pattern RUN = Pattern.compile("[" + Numbered.SEPARATORS + "]+");

    public Renaming {
        if (padding != null && (padding < 1 || padding > FramePattern.MAX_PADDING)) {
            throw wrong("padding", "a padding is 1 to " + FramePattern.MAX_PADDING + " digits, not " + padding);
        }
        if (replace != null && replace.isEmpty()) {
            throw wrong("replace", "nothing cannot be replaced; say what is to be");
        }
        if (with != null && replace == null) {
            throw wrong("replace", "what " + Quoted.of(with) + " is to replace is not said; say replace too");
        }
        if (to != null) {
            if (padding != null || separator != null || replace != null) {
                throw wrong("to", "to is the whole new name: padding, separator and replace do not go with it");
            }
            Optional<FramePattern> pattern = FramePattern.parse(to);
            if (pattern.isEmpty() && offset != 0) {
                throw wrong(
                        "to",
                        "the name " + Quoted.of(to) + " has no place for a frame that could be moved; "
                                + "write one as in take.#.exr");
            }
            if (pattern.flatMap(FramePattern::frames).isPresent()) {
                throw wrong(
                        "to",
                        "the pattern " + Quoted.of(to) + " has a frame range, but takes the frames of the "
                                + "old names; leave the range out, and move the frames by an offset");
            }
        }
    }

    private static ProblemException wrong(String field, String message) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, message, Map.of("field", field));
    }

    /// The new name.
    ///
    /// @throws ProblemException where it needs a frame and the name has none, or where it could be no file's name
    public String apply(String name) {
        return apply(name, null);
    }

    /// The new name of a file of a sequence.
    ///
    /// @param written the sequence's pattern, which knows what the name alone does not tell: where the frame is, also
    ///     one between frames, and to how many digits it is padded (100 moved by -1 is 099 or 99); null where it is
    ///     not known
    String apply(String name, @Nullable FramePattern written) {
        String made = to == null ? changed(name, written) : named(to, name, written);
        if (letterCase != null) {
            made = switch (letterCase) {
                case LOWER -> made.toLowerCase(Locale.ROOT);
                case UPPER -> made.toUpperCase(Locale.ROOT);
            };
        }
        if (made.isEmpty()
                || made.equals(".")
                || made.equals("..")
                || made.indexOf('/') >= 0
                || made.indexOf('\0') >= 0) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    Quoted.of(name) + " would become " + Quoted.of(made) + ", which can be no file's name");
        }
        if (name.indexOf(UNSAYABLE) >= 0 && made.indexOf(UNSAYABLE) >= 0) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    Quoted.of(name) + " is not UTF-8, and what of it would stay would become another name: say the"
                            + " whole new name with to");
        }
        return made;
    }

    private String named(String target, String name, @Nullable FramePattern written) {
        FramePattern pattern = FramePattern.parse(target).orElse(null);
        return pattern == null
                ? target
                : pattern.name(
                        place(name, written).orElseThrow(() -> noFrame(name)).moved(offset));
    }

    private String changed(String name, @Nullable FramePattern written) {
        String replaced = replace == null ? name : name.replace(replace, with == null ? "" : with);
        Place place = (replaced.equals(name) ? place(name, written) : placeAfterReplacing(name, replaced, written))
                .orElse(null);
        if (place == null) {
            if (offset != 0 || padding != null) {
                throw noFrame(name);
            }
            int stem = Numbered.stem(replaced);
            return separated(replaced.substring(0, stem), false) + replaced.substring(stem);
        }
        Frame frame = place.moved(offset);
        String prefix = separated(place.pattern().prefix(), true);
        String suffix = place.pattern().suffix();
        String made = padding == null
                ? place.pattern().between(prefix, suffix).name(frame)
                : FramePattern.of(prefix, padding, suffix).name(frame);
        requireSameReading(replaced, place.frame(), made, frame);
        return made;
    }

    /// Where the frame stands in a name.
    private record Place(FramePattern pattern, Frame frame) {
        Frame moved(long offset) {
            return frame.plus(offset);
        }
    }

    private static Optional<Place> place(String name, @Nullable FramePattern written) {
        if (written != null) {
            Optional<Place> known = written.match(name).map(frame -> new Place(written, frame));
            if (known.isPresent()) {
                return known;
            }
        }
        return Numbered.of(name).map(numbered -> new Place(numbered.pattern(), numbered.frame()));
    }

    /// What was replaced before and behind the frame leaves it where it is; else it is looked for anew.
    private Optional<Place> placeAfterReplacing(String name, String replaced, @Nullable FramePattern written) {
        if (written != null && replace != null && written.match(name).isPresent()) {
            String by = with == null ? "" : with;
            FramePattern around = written.between(
                    written.prefix().replace(replace, by), written.suffix().replace(replace, by));
            Optional<Frame> frame = around.match(replaced);
            if (frame.equals(written.match(name))) {
                return frame.map(same -> new Place(around, same));
            }
        }
        return place(replaced, null);
    }

    private String separated(String text, boolean beforeFrame) {
        if (separator == null) {
            return text;
        }
        String by = separator;
        return RUN.matcher(text).replaceAll(run -> {
            if (run.start() == 0) {
                return Matcher.quoteReplacement(run.group());
            }
            boolean dot =
                    beforeFrame && run.end() == text.length() && run.group().indexOf('.') >= 0;
            return Matcher.quoteReplacement(dot ? "." : by);
        });
    }

    /// Without a separator `take 2 1001` would become take 21001, and after some a `-` would turn into a sign.
    private static void requireSameReading(String old, Frame frame, String made, Frame moved) {
        boolean plain = Numbered.of(old).map(Numbered::frame).equals(Optional.of(frame));
        if (plain && !Numbered.of(made).map(Numbered::frame).equals(Optional.of(moved))) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    Quoted.of(old) + " would become " + Quoted.of(made) + ", in which frame " + moved
                            + " cannot be read again; choose another separator or replacement");
        }
    }

    private static ProblemException noFrame(String name) {
        return new ProblemException(
                ErrorCode.INVALID_REQUEST,
                Quoted.of(name) + " has no frame, and its new name needs one: digits directly before the extension");
    }
}
