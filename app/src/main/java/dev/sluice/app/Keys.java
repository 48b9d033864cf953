package dev.sluice.app;

import io.smallrye.config.WithName;
import java.lang.reflect.Method;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// The keys of all settings, read off [Settings]: `server.port`, and `storages.*.path` where any name may
/// stand.
final class Keys {
    private Keys() {}

    static Set<String> all() {
        var keys = new TreeSet<String>();
        collect(Settings.class, "", keys);
        return keys;
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

    private static void collect(Class<?> group, String prefix, Set<String> keys) {
        for (Method setting : group.getMethods()) {
            var named = setting.getAnnotation(WithName.class);
            String key = prefix + (named != null ? named.value() : kebab(setting.getName()));
            if (setting.isAnnotationPresent(Doc.class)) {
                keys.add(key);
            } else if (Map.class.equals(setting.getReturnType())) {
                collect(Settings.StorageSettings.class, key + ".*.", keys);
            } else {
                collect(setting.getReturnType(), key + ".", keys);
            }
        }
    }

    private static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
