package dev.sluice.wire;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The members of one JSON object of a request, taken out one by one: what is missing, of another type or
/// unknown is a [ProblemException] whose message names the field with its path (`files[3].size`) and what was
/// expected, and whose details have it as `field`. Nothing is converted: a number is no string. `null` counts
/// as absent.
///
/// Take what there may be, then call [#end()]. Not safe for use by many threads.
public final class Fields {
    private final String path;
    private final Map<?, ?> members;
    private final Set<String> known = new TreeSet<>();

    Fields(String path, Map<?, ?> members) {
        this.path = path;
        this.members = members;
    }

    /// The names of all members, in their order.
    public List<String> names() {
        return members.keySet().stream().map(String::valueOf).toList();
    }

    /// Whether there is such a member, `null` not counting.
    public boolean has(String name) {
        return take(name) != null;
    }

    /// A text of at least one character.
    public String string(String name) {
        return optionalString(name).orElseThrow(() -> missing(name, "a text"));
    }

    /// A text of at least one character, where there is one.
    public Optional<String> optionalString(String name) {
        return Optional.ofNullable(take(name)).map(value -> stringOf(place(path, name), value));
    }

    /// As [#optionalString], where an empty text counts as absent.
    public Optional<String> optionalOrEmptyString(String name) {
        return "".equals(members.get(name)) && known.add(name) ? Optional.empty() : optionalString(name);
    }

    /// A text, which may be empty, where there is one.
    public Optional<String> text(String name) {
        known.add(name);
        return "".equals(members.get(name)) ? Optional.of("") : optionalString(name);
    }

    /// `true` or `false`, where there is one of them.
    public Optional<Boolean> flag(String name) {
        Object value = take(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!(value instanceof Boolean flag)) {
            throw invalid(place(path, name), "is " + describe(value), "true or false");
        }
        return Optional.of(flag);
    }

    /// A number or a text as it stands, where there is one.
    Optional<Object> scalar(String name) {
        return Optional.ofNullable(take(name)).filter(value -> value instanceof Number || value instanceof String);
    }

    /// An integer from −2⁶³ to 2⁶³−1, where there is one.
    public OptionalLong integer(String name) {
        Object value = take(name);
        if (value == null) {
            return OptionalLong.empty();
        }
        if (!(value instanceof Long number)) {
            throw invalid(place(path, name), "is " + describe(value), "an integer");
        }
        return OptionalLong.of(number);
    }

    /// An integer from 0 to 2⁶³−1.
    public long natural(String name) {
        return optionalNatural(name).orElseThrow(() -> missing(name, "a non-negative integer"));
    }

    /// An integer from 0 to 2⁶³−1, where there is one.
    public OptionalLong optionalNatural(String name) {
        Object value = take(name);
        if (value == null) {
            return OptionalLong.empty();
        }
        if (!(value instanceof Long number) || number < 0) {
            throw invalid(place(path, name), "is " + describe(value), "a non-negative integer");
        }
        return OptionalLong.of(number);
    }

    /// An object, where there is one.
    public Optional<Fields> object(String name) {
        Object value = take(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!(value instanceof Map<?, ?> object)) {
            throw invalid(place(path, name), "is " + describe(value), "an object");
        }
        return Optional.of(new Fields(place(path, name), object));
    }

    /// An array of `min` to `max` objects.
    public List<Fields> objects(String name, int min, int max) {
        List<Fields> objects = new ArrayList<>();
        for (Object element : array(name, min, max, "objects")) {
            String place = place(path, name) + "[" + objects.size() + "]";
            if (!(element instanceof Map<?, ?> object)) {
                throw invalid(place, "is " + describe(element), "an object");
            }
            objects.add(new Fields(place, object));
        }
        return objects;
    }

    /// An array of at most `max` texts.
    public List<String> strings(String name, int max) {
        List<String> strings = new ArrayList<>();
        for (Object element : array(name, 0, max, "texts")) {
            strings.add(stringOf(place(path, name) + "[" + strings.size() + "]", element));
        }
        return strings;
    }

    /// @throws ProblemException `unknown_field` where a member was not asked for
    public void end() {
        for (Object name : members.keySet()) {
            if (!known.contains(name)) {
                String place = place(path, (String) name);
                throw new ProblemException(
                        ErrorCode.UNKNOWN_FIELD,
                        "The field " + place + " is unknown; known here: " + String.join(", ", known) + ".",
                        Map.of("field", place));
            }
        }
    }

    /// The problem of a field that was taken, but whose value does not do.
    ///
    /// @param state what is wrong, after the field's name: `is no media type`
    /// @param expected what would be right: `a media type such as text/plain`
    public ProblemException refuse(String name, String state, String expected) {
        return invalid(place(path, name), state, expected);
    }

    static ProblemException invalid(String place, String state, String expected) {
        return new ProblemException(
                new Problem(
                        ErrorCode.INVALID_REQUEST,
                        "The field " + place + " " + state + "; expected: " + expected + ".",
                        Map.of("field", place)),
                null);
    }

    static String place(String path, String name) {
        String shown = Texts.printable(name.length() > 100 ? name.substring(0, 100) + "…" : name);
        return path.isEmpty() ? shown : path + "." + shown;
    }

    static String describe(Object value) {
        return switch (value) {
            case String text -> text.isEmpty() ? "an empty text" : "a text";
            case Long number -> number < 0 ? "negative" : "an integer";
            case BigInteger number -> number.signum() < 0 ? "negative" : "too large";
            case Double number -> "a number with a fraction or an exponent";
            case Boolean flag -> "a truth value";
            case Map<?, ?> object -> "an object";
            case List<?> array -> "an array";
            default -> "null";
        };
    }

    private List<?> array(String name, int min, int max, String what) {
        Object value = take(name);
        String expected = "an array of " + min + " to " + max + " " + what;
        if (value == null) {
            throw missing(name, expected);
        }
        if (!(value instanceof List<?> elements)) {
            throw invalid(place(path, name), "is " + describe(value), expected);
        }
        if (elements.size() < min || elements.size() > max) {
            throw invalid(place(path, name), "has " + elements.size() + " elements", expected);
        }
        return elements;
    }

    private @Nullable Object take(String name) {
        known.add(name);
        Object value = members.get(name);
        return value == Json.Null.NULL ? null : value;
    }

    private static String stringOf(String place, Object value) {
        if (!(value instanceof String text) || text.isEmpty()) {
            throw invalid(place, "is " + describe(value), "a text");
        }
        if (text.indexOf('\0') >= 0 || !Texts.wellFormed(text)) {
            throw invalid(place, "has characters that no text has", "Unicode text without U+0000");
        }
        return text;
    }

    private ProblemException missing(String name, String expected) {
        return invalid(place(path, name), "is missing", expected);
    }
}
