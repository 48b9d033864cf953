package dev.sluice.app;

import io.smallrye.config.WithName;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// The keys of all settings, read off [Settings]: `server.port`, and `storages.*.path` where any name may
/// stand.
final class Keys {
    private static final List<Pattern> SECRETS = secrets();

    private Keys() {}

    static Set<String> all() {
        var keys = new TreeSet<String>();
        collect(Settings.class, "", Doc.class, keys);
        return keys;
    }

    /// Whether a key, in whichever form a source has it, is that of a secret.
    static boolean isSecret(String key) {
        return SECRETS.stream()
                .anyMatch(secret -> secret.matcher(key.replace('.', '-')).matches());
    }

    private static List<Pattern> secrets() {
        var keys = new TreeSet<String>();
        collect(Settings.class, "", Secret.class, keys);
        return keys.stream()
                .map(key -> Pattern.compile(key.replace('.', '-').replace("*", ".+"), Pattern.CASE_INSENSITIVE))
                .toList();
    }

    /// Whether a variable of the environment, such as `SLUICE_SERVER_PORT`, names a setting.
    static boolean isVariable(String name) {
        return all().stream().anyMatch(key -> pattern(key).matcher(name).matches());
    }

    /// Whether a variable begins as those of settings do: `SLUICE_UPLOAD_…`. Others belong to somebody else.
    static boolean looksLikeVariable(String name) {
        return all().stream()
                .filter(key -> key.contains("."))
                .map(key -> Configuration.PREFIX + "_" + key.substring(0, key.indexOf('.')) + "_")
                .anyMatch(start -> name.startsWith(start.toUpperCase(Locale.ROOT)));
    }

    private static Pattern pattern(String key) {
        String variable =
                (Configuration.PREFIX + "." + key).toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9*]", "_");
        return Pattern.compile(variable.replace("*", "[A-Z0-9_]+"));
    }

    private static void collect(Class<?> group, String prefix, Class<? extends Annotation> marked, Set<String> keys) {
        for (Method setting : group.getMethods()) {
            String key = prefix + key(setting);
            if (setting.isAnnotationPresent(Doc.class)) {
                if (setting.isAnnotationPresent(marked)) {
                    keys.add(key);
                }
            } else if (Map.class.equals(setting.getReturnType())) {
                collect(Settings.StorageSettings.class, key + ".*.", marked, keys);
            } else {
                collect(setting.getReturnType(), key + ".", marked, keys);
            }
        }
    }

    /// As the setting is written within its group.
    static String key(Method setting) {
        var named = setting.getAnnotation(WithName.class);
        return named != null ? named.value() : kebab(setting.getName());
    }

    private static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
