package dev.sluice.app;

import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.source.yaml.YamlConfigSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.eclipse.microprofile.config.spi.Converter;
import org.jspecify.annotations.Nullable;

/// The settings in force and where each comes from. Flags go before the environment, that before the file, that
/// before the defaults.
public final class Configuration {
    static final String PREFIX = "sluice";
    static final String FILE_NAME = "sluice.yaml";
    private static final String DOT = PREFIX + ".";
    /// Variables that are read elsewhere and are no settings.
    private static final Set<String> NO_SETTINGS =
            Set.of("SLUICE_DATA", "SLUICE_CONFIG", "SLUICE_SERVER", "SLUICE_JAVA_OPTS");

    private static final Pattern WRONG = Pattern.compile(
            ".*SRCFG\\d+: The config property (\\S+) with the config value \"(.*)\" threw an Exception whilst being"
                    + " converted (.*)",
            Pattern.DOTALL);
    private static final Pattern UNKNOWN = Pattern.compile("SRCFG\\d+: (\\S+)(?: in .*)? does not map to any root");
    private static final Pattern OF_STORAGE = Pattern.compile("storages\\.([^.]+)\\.([a-z-]+)(?:\\[\\d+])?");
    private static final Pattern NAMED = Pattern.compile("\\w+\\[source=(.*)]");

    private final Settings settings;
    private final SmallRyeConfig config;

    private Configuration(Settings settings, SmallRyeConfig config) {
        this.settings = settings;
        this.config = config;
    }

    /// One setting in force.
    public record Entry(String key, String value, String source) {}

    /// Reads all sources.
    ///
    /// @param file the YAML file, which must be there; or null for `sluice.yaml` in the data folder, which may
    ///     be
    /// @param flags settings by key, from the command line
    /// @throws ConfigurationException where a file cannot be read, a key is unknown or a value is wrong: it
    ///     says what and where
    public static Configuration load(
            Path dataFolder, @Nullable Path file, Map<String, String> flags, Map<String, String> environment) {
        Path yaml = file != null ? file : dataFolder.resolve(FILE_NAME);
        return of(yaml, file != null || Files.exists(yaml) ? read(yaml) : Map.of(), flags, environment);
    }

    /// Puts the sources together.
    ///
    /// @param set what the file `yaml` sets, by key
    static Configuration of(
            Path yaml, Map<String, String> set, Map<String, String> flags, Map<String, String> environment) {
        requireKnown(environment);
        var sources = new ArrayList<ConfigSource>();
        sources.add(new PropertiesConfigSource(prefixed(flags), "flags", 400));
        sources.add(new EnvConfigSource(ofSluice(environment), 300));
        sources.add(new PropertiesConfigSource(prefixed(set), yaml.toString(), 200));
        if (sources.stream().noneMatch(Configuration::namesStorage)) {
            sources.add(new PropertiesConfigSource(Map.of(DOT + "storages.local.kind", "local"), "defaults", 100));
        }
        try {
            SmallRyeConfig config = new SmallRyeConfigBuilder()
                    .withSources(sources.toArray(ConfigSource[]::new))
                    .withConverter(Duration.class, 200, new Period())
                    .withConverter(Boolean.class, 200, new Truth())
                    .withMapping(Settings.class)
                    .withValidateUnknown(true)
                    .build();
            var read = new Configuration(config.getConfigMapping(Settings.class), config);
            read.requireOfKinds();
            return read;
        } catch (ConfigValidationException e) {
            var problems = new ArrayList<String>();
            for (int i = 0; i < e.getProblemCount(); i++) {
                problems.add(plain(e.getProblem(i).getMessage(), sources));
            }
            throw new ConfigurationException("the configuration does not hold: " + String.join("; ", problems), e);
        } catch (IllegalArgumentException | java.util.NoSuchElementException e) {
            throw new ConfigurationException(
                    "the configuration does not hold: " + plain(String.valueOf(e.getMessage()), sources), e);
        }
    }

    /// A setting that storages of another kind have does nothing where it stands, and was meant to do something.
    private void requireOfKinds() {
        List<StorageSetting> known = StorageSetting.all();
        for (Entry entry : entries()) {
            Matcher named = OF_STORAGE.matcher(entry.key());
            if (entry.source().equals("default") || !named.matches()) {
                continue;
            }
            var storage = settings.storages().get(named.group(1));
            if (storage == null || !StorageKind.ALL.containsKey(storage.kind())) {
                continue;
            }
            for (StorageSetting setting : known) {
                if (setting.key().equals(named.group(2)) && !setting.isFor(storage.kind())) {
                    throw new ConfigurationException("the configuration does not hold: " + entry.key() + " ("
                            + entry.source() + ") is a setting of " + String.join(", ", setting.kinds())
                            + ", and this storage's kind is " + storage.kind() + "; leave it out, or set kind");
                }
            }
        }
    }

    /// SmallRye passes over variables that it does not know; one that is a setting misspelt is refused.
    private static void requireKnown(Map<String, String> environment) {
        for (String name : ofSluice(environment).keySet()) {
            if (Keys.looksLikeVariable(name) && !Keys.isVariable(name)) {
                throw new ConfigurationException("the configuration does not hold: " + name
                        + " (environment) is no setting; docs/configuration.md has them all");
            }
        }
    }

    /// What SmallRye says of a key, in words that name the key as it is written and where.
    private static String plain(String message, List<ConfigSource> sources) {
        Matcher wrong = WRONG.matcher(message);
        if (wrong.matches()) {
            String key = wrong.group(1);
            String reason = wrong.group(3).replaceAll("SRCFG\\d+: ", "");
            return bare(key) + (Keys.isSecret(bare(key)) ? "" : " is \"" + wrong.group(2) + "\"")
                    + whereIs(key, sources) + ": " + reason;
        }
        Matcher unknown = UNKNOWN.matcher(message);
        if (unknown.matches()) {
            String key = unknown.group(1);
            return bare(key) + whereIs(key, sources) + " is no setting; docs/configuration.md has them all";
        }
        return bare(message);
    }

    private static String bare(String key) {
        return key.startsWith(DOT) ? key.substring(DOT.length()) : key;
    }

    private static String whereIs(String key, List<ConfigSource> sources) {
        return sources.stream()
                .filter(source -> source.getValue(key) != null)
                .findFirst()
                .map(source -> " (" + label(source.getName()) + ")")
                .orElse("");
    }

    /// Where a value comes from: `flags`, `environment`, a file, `default`.
    private static String label(@Nullable String source) {
        if (source == null || source.startsWith("Default")) {
            return "default";
        }
        if (source.startsWith("EnvConfigSource")) {
            return "environment";
        }
        Matcher named = NAMED.matcher(source);
        String name = named.matches() ? named.group(1) : source;
        return name.equals("defaults") ? "default" : name;
    }

    public Settings settings() {
        return settings;
    }

    /// Every setting in force with its source, by key; secrets are not shown.
    public List<Entry> entries() {
        var entries = new TreeMap<String, Entry>();
        for (String name : config.getPropertyNames()) {
            if (!name.startsWith(DOT)) {
                continue;
            }
            var value = config.getConfigValue(name);
            String key = name.substring(DOT.length());
            String written = value.getValue();
            if (written != null) {
                entries.put(key, new Entry(key, shown(key, written), label(value.getConfigSourceName())));
            }
        }
        return List.copyOf(entries.values());
    }

    /// What stands behind an address's question mark may be a token or a password.
    private static String shown(String key, String written) {
        if (Keys.isSecret(key)) {
            return "***";
        }
        return written.contains("://") ? written.replaceFirst("\\?.*", "?***") : written;
    }

    private static boolean namesStorage(ConfigSource source) {
        return source.getPropertyNames().stream()
                .anyMatch(name -> name.startsWith(DOT + "storages.") || name.startsWith("SLUICE_STORAGES_"));
    }

    private static Map<String, String> read(Path yaml) {
        try {
            return read(yaml, Files.readString(yaml));
        } catch (NoSuchFileException e) {
            throw new ConfigurationException("there is no configuration file " + yaml, e);
        } catch (IOException e) {
            throw new ConfigurationException("the configuration file " + yaml + " cannot be read: " + e, e);
        }
    }

    /// What a file of that text sets, by key.
    static Map<String, String> read(Path yaml, String text) {
        try {
            return new YamlConfigSource(yaml.toString(), text, 200).getProperties();
        } catch (RuntimeException e) {
            Throwable root = e.getCause() == null ? e : e.getCause();
            throw new ConfigurationException("the configuration file " + yaml + " is no YAML: " + root.getMessage(), e);
        }
    }

    private static Map<String, String> prefixed(Map<String, String> settings) {
        var prefixed = new HashMap<String, String>();
        settings.forEach((key, value) -> prefixed.put(DOT + key, value));
        return prefixed;
    }

    private static Map<String, String> ofSluice(Map<String, String> environment) {
        return environment.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("SLUICE_") && !NO_SETTINGS.contains(entry.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /// Spans of time: `500ms`, `60s`, `5m`, `24h`, `7d`, or ISO 8601.
    public static final class Period implements Converter<Duration> {
        private static final long serialVersionUID = 1L;
        private static final Pattern FORM = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h|d)");

        @Override
        public Duration convert(String text) {
            Matcher form = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
            if (form.matches()) {
                long number = Long.parseLong(form.group(1));
                return switch (form.group(2)) {
                    case "ms" -> Duration.ofMillis(number);
                    case "s" -> Duration.ofSeconds(number);
                    case "m" -> Duration.ofMinutes(number);
                    case "h" -> Duration.ofHours(number);
                    default -> Duration.ofDays(number);
                };
            }
            try {
                return Duration.parse(text.strip());
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException(
                        "\"" + text + "\" is no span of time; write it as 500ms, 60s, 24h or 7d", e);
            }
        }
    }

    /// `true` or `false`, and what YAML and people write for them: a word misspelt is neither.
    public static final class Truth implements Converter<Boolean> {
        private static final long serialVersionUID = 1L;

        @Override
        public Boolean convert(String text) {
            return switch (text.strip().toLowerCase(Locale.ROOT)) {
                case "true", "yes", "on", "1" -> true;
                case "false", "no", "off", "0" -> false;
                default -> throw new IllegalArgumentException("\"" + text + "\" is neither; write true or false");
            };
        }
    }

    /// Sizes as [ByteSize#parse] reads them.
    public static final class Size implements Converter<ByteSize> {
        private static final long serialVersionUID = 1L;

        @Override
        public ByteSize convert(String text) {
            return ByteSize.parse(text);
        }
    }
}
