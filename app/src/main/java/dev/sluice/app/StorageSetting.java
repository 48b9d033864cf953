package dev.sluice.app;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// One setting of a storage, read off [Settings.StorageSettings]: what comes there later is here as well.
///
/// @param key as it is written: `path-style`
/// @param kinds those that have it, in the order of their names; none where all do
/// @param doc what it does
/// @param secret whether it is shown nowhere and never taken from a command's arguments
/// @param yesNo whether it is one or the other
public record StorageSetting(String key, Set<String> kinds, String doc, boolean secret, boolean yesNo) {
    /// `s3: the bucket …`: each sentence of a [Doc] begins with whose setting it is.
    private static final Pattern FOR_KINDS = Pattern.compile("(?:^|\\. )([a-z0-9]+(?:, ?[a-z0-9]+)*): ");

    public static final String KIND = "kind";

    /// All of them, the kind first, then by their kinds and keys.
    public static List<StorageSetting> all() {
        return methods()
                .map(StorageSetting::of)
                .sorted(Comparator.comparing((StorageSetting setting) -> !setting.key.equals(KIND))
                        .thenComparing(setting -> String.join(",", setting.kinds))
                        .thenComparing(setting -> setting.key))
                .toList();
    }

    private static java.util.stream.Stream<Method> methods() {
        return Arrays.stream(Settings.StorageSettings.class.getMethods())
                .filter(method -> method.isAnnotationPresent(Doc.class));
    }

    private static StorageSetting of(Method setting) {
        String doc = Optional.ofNullable(setting.getAnnotation(Doc.class))
                .map(Doc::value)
                .orElse("");
        return new StorageSetting(
                Keys.key(setting),
                kinds(doc),
                doc,
                setting.isAnnotationPresent(Secret.class),
                setting.getReturnType() == boolean.class);
    }

    private static Set<String> kinds(String doc) {
        return FOR_KINDS
                .matcher(doc)
                .results()
                .flatMap(form -> Arrays.stream(form.group(1).split(", ?")))
                .filter(StorageKind.ALL::containsKey)
                .collect(Collectors.collectingAndThen(
                        Collectors.toCollection(TreeSet::new), Collections::unmodifiableSet));
    }

    public boolean isFor(String kind) {
        return kinds.isEmpty() || kinds.contains(kind);
    }

    /// Where a storage is, in words: a folder; `bucket clips in us-east-1 at https://minio.example.com`.
    ///
    /// @param folder the data folder, from which relative paths start
    public static String place(Settings.StorageSettings storage, Path folder) {
        return methods()
                .filter(method -> method.isAnnotationPresent(Place.class))
                .filter(method -> of(method).isFor(storage.kind()))
                .sorted(Comparator.comparingInt(
                        method -> method.getAnnotation(Place.class).order()))
                .map(method -> word(method, storage, folder))
                .flatMap(Optional::stream)
                .collect(Collectors.joining(" "));
    }

    private static Optional<String> word(Method method, Settings.StorageSettings storage, Path folder) {
        String word = method.getAnnotation(Place.class).word();
        Object value = value(method, storage);
        Optional<?> given = value instanceof Optional<?> perhaps ? perhaps : Optional.of(value);
        return given.map(there -> there instanceof Path path
                        ? folder.resolve(path).normalize().toString()
                        : there.toString())
                .filter(text -> !text.isBlank())
                .map(text -> word.isEmpty() ? text : word + " " + text);
    }

    private static Object value(Method method, Settings.StorageSettings storage) {
        try {
            return method.invoke(storage);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("the setting " + method.getName() + " cannot be read", e);
        }
    }
}
