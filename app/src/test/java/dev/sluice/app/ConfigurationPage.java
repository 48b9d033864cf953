package dev.sluice.app;

import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Writes `docs/configuration.md` from [Settings]: keys, types, defaults and meanings are there and nowhere
/// else.
final class ConfigurationPage {
    private static final String HEAD = """
        # Configuration

        Generated from `Settings` (module `app`). Do not edit this page; change the setting, then type

            COMMAND

        ## Where settings come from

        1. Flags of `sluice serve`: `--host`, `--port`, `--allow-origin`, and `--set KEY=VALUE` for any key.
        2. Environment variables: the key in capitals, everything but letters and digits as `_`, with `SLUICE_`
           before it.
        3. A YAML file: the one named by `--config FILE`, else `sluice.yaml` in the data folder where there is one.
        4. The defaults below.

        What comes first wins, key by key. An unknown key in a flag or a file fails the start, and so does a value that cannot
        be read; the message names the key and where it stands. A variable of the environment is a setting where it
        begins as one (`SLUICE_UPLOAD_…`), and then must be one; others are passed over. `sluice config` prints what is in force and where each value comes from; it does not show passwords and secret keys.

        ```yaml
        server:
          port: 8000
          listen: ["127.0.0.1:3001"]
        storages:
          local:
            path: files
          archive:
            path: /mnt/archive
            durability: process
          clips:
            kind: s3
            bucket: clips
            endpoint: https://minio.example.com:9000
            path-style: true
            access-key: sluice            # better: SLUICE_STORAGES_CLIPS_ACCESS_KEY
            secret-key: "…"               # better: SLUICE_STORAGES_CLIPS_SECRET_KEY
          tapes:
            kind: azure
            container: tapes
            account: example
            account-key: "…"              # better: SLUICE_STORAGES_TAPES_ACCOUNT_KEY
          reels:
            kind: gcs
            bucket: reels
            credentials: google.json      # relative to the data folder; nobody else should read it
          team:
            kind: gdrive
            credentials: google.json
            drive: 0ABcDeFgHiJkLmNoPqR    # a shared drive; a service account has no room of its own
            folder: Team/clips
            create-folder: true
        ```

        ## How values are written

        | type | form |
        |---|---|
        | text | as it is |
        | number | digits |
        | yes/no | `true`, `false` |
        | size | bytes, or with a unit: `1048576`, `256 KiB`, `10 GiB` (powers of 1024), `2 GB` (powers of 1000) |
        | time | `500ms`, `60s`, `5m`, `24h`, `7d`, or ISO 8601 (`PT1M30S`) |
        | path | absolute, or relative to the data folder |
        | list | with commas between; in YAML also a list |
        """;

    private static final String STORAGES = """

        `NAME` is a name of your own: clients ask for a storage by it. Where no storage is configured there is one, called
        `local`. Where you name any, only those that you name exist, and `storage` must be one of them.
        """;

    private ConfigurationPage() {}

    /// One setting.
    ///
    /// @param standard its default, or null where there is none
    record Setting(String key, String type, @Nullable String standard, String meaning) {
        String variable() {
            return "SLUICE_" + key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
        }

        private String row() {
            String shown = standard == null ? "–" : "`" + standard.replace(",", ", ") + "`";
            return "| `" + key + "` | " + type + " | " + shown + " | " + meaning + " | `" + variable() + "` |\n";
        }
    }

    /// The whole page.
    ///
    /// @param command that makes it
    static String text(String command) {
        var page = new StringBuilder(HEAD.replace("COMMAND", command));
        Map<String, List<Setting>> groups = settings().stream()
                .collect(Collectors.groupingBy(
                        setting -> setting.key().replaceFirst("\\..*", ""),
                        java.util.TreeMap::new,
                        Collectors.toList()));
        groups.forEach((group, settings) -> {
            page.append("\n## `").append(group).append("`\n");
            if (group.equals("storages")) {
                page.append(STORAGES);
            }
            page.append("\n| key | type | default | meaning | variable |\n|---|---|---|---|---|\n");
            settings.forEach(setting -> page.append(setting.row()));
        });
        return page.toString();
    }

    /// All settings by key; `NAME` stands for a name of the user's own.
    static List<Setting> settings() {
        var settings = new ArrayList<Setting>();
        collect("", Settings.class, settings);
        settings.sort(java.util.Comparator.comparing(Setting::key));
        return settings;
    }

    private static void collect(String prefix, Class<?> group, List<Setting> settings) {
        for (Method method : group.getDeclaredMethods()) {
            String key = prefix + name(method);
            Class<?> type = method.getReturnType();
            if (type.isInterface() && type.getEnclosingClass() == Settings.class) {
                collect(key + ".", type, settings);
            } else if (type == Map.class) {
                collect(key + ".NAME.", (Class<?>) argument(method.getGenericReturnType(), 1), settings);
            } else {
                settings.add(setting(key, method));
            }
        }
    }

    private static Setting setting(String key, Method method) {
        Doc doc = method.getAnnotation(Doc.class);
        if (doc == null) {
            throw new AssertionError("the setting " + key + " has no @Doc");
        }
        WithDefault standard = method.getAnnotation(WithDefault.class);
        return new Setting(
                key, type(method.getGenericReturnType()), standard == null ? null : standard.value(), doc.value());
    }

    private static String name(Method method) {
        WithName own = method.getAnnotation(WithName.class);
        return own != null
                ? own.value()
                : method.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static Type argument(Type type, int index) {
        return ((ParameterizedType) type).getActualTypeArguments()[index];
    }

    private static String type(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type inner = argument(generic, 0);
            return generic.getRawType() == Optional.class ? type(inner) : "list of " + type(inner);
        }
        Class<?> plain = (Class<?>) type;
        if (plain.isEnum()) {
            return Stream.of(plain.getEnumConstants())
                    .map(value -> "`" + value.toString().toLowerCase(Locale.ROOT) + "`")
                    .collect(Collectors.joining(" or "));
        }
        return Arrays.stream(Sort.values())
                .filter(sort -> sort.types.contains(plain))
                .findFirst()
                .orElseThrow(() -> new AssertionError("how " + plain + " is written is not known here"))
                .name()
                .toLowerCase(Locale.ROOT)
                .replace('_', '/');
    }

    private enum Sort {
        TEXT(String.class),
        NUMBER(int.class, long.class),
        YES_NO(boolean.class),
        SIZE(ByteSize.class),
        TIME(Duration.class),
        PATH(Path.class);

        @SuppressWarnings("ImmutableEnumChecker") // classes
        private final List<Class<?>> types;

        Sort(Class<?>... types) {
            this.types = List.of(types);
        }
    }
}
