package dev.sluice.wire;

import dev.sluice.core.BatchId;
import dev.sluice.core.Ids;
import dev.sluice.files.HashKind;
import dev.sluice.files.OnCancel;
import dev.sluice.files.OperationSpec;
import dev.sluice.files.Policy;
import dev.sluice.files.Renaming;
import dev.sluice.files.Verb;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The body of `POST /api/v1/operations`: files that are to be copied, moved or given new names.
///
/// @param base the folder that relative paths are meant from, where the client says one
/// @param power whether what is finished is to survive a power cut, too
/// @param bandwidth the most bytes a second
/// @param batch the client's own word for it
/// @param plan whether it is only to be said what would be done
public record OperationRequest(
        Verb verb,
        List<String> sources,
        @Nullable String target,
        @Nullable String mapping,
        @Nullable String base,
        @Nullable Renaming renaming,
        Policy policy,
        @Nullable HashKind verify,
        boolean manifest,
        boolean power,
        OnCancel onCancel,
        @Nullable Long bandwidth,
        @Nullable BatchId batch,
        boolean plan) {
    private static final int MOST_SOURCES = 100_000;

    public OperationRequest {
        sources = List.copyOf(sources);
    }

    /// @throws ProblemException `invalid_request` or `unknown_field`
    public static OperationRequest parse(byte[] body) {
        Fields fields = Json.object(body);
        Verb verb = choice(fields, "operation", Verb.values(), Verb::word)
                .orElseThrow(() -> fields.refuse("operation", "is missing", words(Verb.values(), Verb::word)));
        var verify = choice(fields, "verify", HashKind.values(), HashKind::word);
        boolean manifest = fields.flag("mhl").orElse(false);
        Renaming renaming =
                fields.object("rename").map(OperationRequest::renaming).orElse(null);
        String target = fields.optionalString("target").orElse(null);
        String mapping = fields.optionalString("mapping").orElse(null);
        if (target != null && (renaming != null || mapping != null)) {
            throw fields.refuse(
                    "target",
                    "stands beside " + (renaming != null ? "rename" : "mapping") + ", which says all targets",
                    "one of them");
        }
        var request = new OperationRequest(
                verb,
                fields.has("sources") ? fields.strings("sources", MOST_SOURCES) : List.of(),
                target,
                mapping,
                fields.optionalString("base").orElse(null),
                renaming,
                choice(fields, "policy", Policy.values(), Policy::word).orElse(Policy.FAIL),
                verify.orElse(manifest ? HashKind.XXH64 : null),
                manifest,
                choice(fields, "durability", Durability.values(), Durability::word)
                        .map(Durability.POWER::equals)
                        .orElse(verb != Verb.COPY),
                choice(fields, "onCancel", OnCancel.values(), OnCancel::word).orElse(OnCancel.KEEP),
                bandwidth(fields),
                batch(fields),
                fields.flag("plan").orElse(false));
        fields.end();
        return request;
    }

    private enum Durability {
        PROCESS,
        POWER;

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    private static Renaming renaming(Fields fields) {
        String to = fields.optionalString("to").orElse(null);
        OptionalLong offset = fields.integer("offset");
        OptionalLong padding = fields.optionalNatural("padding");
        var letterCase = choice(
                fields,
                "case",
                Renaming.LetterCase.values(),
                word -> word.name().toLowerCase(java.util.Locale.ROOT));
        String separator = fields.text("separator").orElse(null);
        String replace = fields.optionalString("replace").orElse(null);
        String with = fields.text("with").orElse(null);
        fields.end();
        if (Stream.of(to, separator, replace, with).allMatch(java.util.Objects::isNull)
                && offset.isEmpty()
                && padding.isEmpty()
                && letterCase.isEmpty()) {
            throw fields.refuse("to", "is missing, and so is all else", "how the new names are made");
        }
        return new Renaming(
                to,
                offset.orElse(0),
                padding.isEmpty() ? null : (Integer) (int) Math.min(Integer.MAX_VALUE, padding.getAsLong()),
                letterCase.orElse(null),
                separator,
                replace,
                with);
    }

    private static @Nullable Long bandwidth(Fields fields) {
        OptionalLong bandwidth = fields.optionalNatural("bandwidth");
        return bandwidth.isEmpty() ? null : (Long) bandwidth.getAsLong();
    }

    private static @Nullable BatchId batch(Fields fields) {
        Optional<String> word = fields.optionalString("batch_id");
        if (word.isPresent() && !Ids.isIdentifier(word.get())) {
            throw fields.refuse("batch_id", "is no id", Ids.SHAPE);
        }
        return word.map(BatchId::new).orElse(null);
    }

    private static <T> Optional<T> choice(Fields fields, String name, T[] values, Function<T, String> word) {
        Optional<String> asked = fields.optionalString(name);
        if (asked.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Arrays.stream(values)
                .filter(value -> word.apply(value).equals(asked.get()))
                .findFirst()
                .orElseThrow(() -> fields.refuse(name, "is another word", words(values, word))));
    }

    private static <T> String words(T[] values, Function<T, String> word) {
        return "one of " + Arrays.stream(values).map(word).collect(Collectors.joining(", "));
    }

    /// All paths that the client names.
    public Stream<String> paths() {
        return Stream.concat(sources.stream(), Stream.of(target, mapping).filter(java.util.Objects::nonNull));
    }

    /// @param from the folder, absolute, that relative paths are meant from
    /// @param within the folders that it may touch; null for all that the operating system's user may
    public OperationSpec spec(String from, @Nullable List<String> within) {
        return new OperationSpec(
                verb, from, sources, target, mapping, renaming, policy, verify, manifest, power, onCancel, bandwidth,
                within, null);
    }
}
