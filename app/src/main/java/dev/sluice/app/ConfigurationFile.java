package dev.sluice.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A YAML file of settings to which a storage is added as text: what else stands there stays as it is, comments too.
public final class ConfigurationFile {
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,63}");
    private static final Pattern STORAGES = Pattern.compile("storages:\\s*(#.*)?");
    private static final Pattern INDENTED = Pattern.compile("( +)[^ #].*");
    private static final Pattern PLAIN =
            Pattern.compile("true|false|(?!(?i:true|false|yes|no|on|off|null|y|n)$)[A-Za-z][A-Za-z0-9/_-]*");
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");

    private final Path file;
    private final String before;
    private final String after;

    private ConfigurationFile(Path file, String before, String after) {
        this.file = file;
        this.before = before;
        this.after = after;
    }

    /// Works out a file with one more storage; nothing is written.
    ///
    /// @param settings of the storage, by key; may hold secrets
    /// @param file the one named by `--config`, or null for `sluice.yaml` in the data folder; it need not be there
    /// @throws ConfigurationException where the configuration does not hold, the name is taken or none, or the file is
    ///     written so that text cannot be put into it: then what to write is said, without secrets
    public static ConfigurationFile with(
            String name,
            Map<String, String> settings,
            Path dataFolder,
            @Nullable Path file,
            Map<String, String> environment) {
        if (!NAME.matcher(name).matches()) {
            throw new ConfigurationException("\"" + name
                    + "\" cannot be a storage's name: it begins with a letter and has letters, digits, - and _");
        }
        settings.forEach((key, value) -> {
            if (value.contains("${")) {
                throw new ConfigurationException("storages." + name + "." + key
                        + " has a ${ in it, which would be read as the name of another setting");
            }
        });
        Path yaml = file != null ? file : dataFolder.resolve(Configuration.FILE_NAME);
        String before = text(yaml);
        Map<String, String> set = before.isBlank() ? Map.of() : Configuration.read(yaml, before);
        Configuration now = Configuration.of(yaml, set, Map.of(), environment);
        boolean unsaid = now.entries().stream()
                .anyMatch(entry -> entry.key().equals("storages.local.kind")
                        && entry.source().equals("default"));
        if (now.settings().storages().containsKey(name) && !(unsaid && name.equals("local"))) {
            throw new ConfigurationException("there is a storage \"" + name + "\" already; change what stands under"
                    + " storages." + name + " in " + yaml + ", or choose another name");
        }
        var added = new TreeMap<String, Map<String, String>>();
        if (unsaid) {
            // Who names storages has these only: the one that was there without a word is now named.
            added.put("local", Map.of(StorageSetting.KIND, "local"));
        }
        added.put(name, settings);
        String after = inserted(before, added);
        requireMeaning(yaml, set, after, added);
        return new ConfigurationFile(yaml, before, after);
    }

    private static String text(Path yaml) {
        try {
            return Files.exists(yaml) ? Files.readString(yaml) : "";
        } catch (IOException e) {
            throw new ConfigurationException("the configuration file " + yaml + " cannot be read: " + e, e);
        }
    }

    private static String inserted(String text, Map<String, Map<String, String>> added) {
        List<String> lines = new ArrayList<>(text.lines().toList());
        for (int at = 0; at < lines.size(); at++) {
            if (STORAGES.matcher(lines.get(at)).matches()) {
                lines.addAll(at + 1, block(added, indentation(lines.subList(at + 1, lines.size()))));
                return String.join("\n", lines) + "\n";
            }
        }
        lines.add("storages:");
        lines.addAll(block(added, "  "));
        return String.join("\n", lines) + "\n";
    }

    /// That of the entries that stand there.
    private static String indentation(List<String> below) {
        for (String line : below) {
            Matcher indented = INDENTED.matcher(line);
            if (indented.matches()) {
                return indented.group(1);
            }
            if (!line.isBlank() && !line.strip().startsWith("#")) {
                break;
            }
        }
        return "  ";
    }

    private static List<String> block(Map<String, Map<String, String>> added, String indentation) {
        var lines = new ArrayList<String>();
        added.forEach((name, settings) -> {
            lines.add(indentation + name + ":");
            new TreeMap<>(settings)
                    .forEach((key, value) -> lines.add(indentation.repeat(2) + key + ": " + scalar(value)));
        });
        return lines;
    }

    /// Plain where nothing in it has a meaning in YAML, else in quotes.
    private static String scalar(String value) {
        if (PLAIN.matcher(value).matches()) {
            return value;
        }
        var quoted = new StringBuilder("\"");
        value.codePoints().forEach(point -> {
            switch (point) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                default -> quoted.appendCodePoint(point);
            }
        });
        return quoted.append('"').toString();
    }

    /// Holds the new text to what was meant: all that was set, and the new storage, and nothing else.
    private static void requireMeaning(
            Path yaml, Map<String, String> before, String after, Map<String, Map<String, String>> added) {
        var meant = new HashMap<>(before);
        added.forEach(
                (name, settings) -> settings.forEach((key, value) -> meant.put("storages." + name + "." + key, value)));
        try {
            if (Configuration.read(yaml, after).equals(meant)) {
                return;
            }
        } catch (ConfigurationException e) {
            throw new ConfigurationException(byHand(yaml, added), e);
        }
        throw new ConfigurationException(byHand(yaml, added));
    }

    private static String byHand(Path yaml, Map<String, Map<String, String>> added) {
        var shown = new TreeMap<String, Map<String, String>>();
        added.forEach((name, settings) -> {
            var plain = new TreeMap<>(settings);
            plain.replaceAll((key, value) -> Keys.isSecret("storages." + name + "." + key) ? "…" : value);
            shown.put(name, plain);
        });
        return yaml
                + " is written in a way that nothing can be put into it as text; write there yourself:\n\nstorages:\n"
                + String.join("\n", block(shown, "  "));
    }

    public Path file() {
        return file;
    }

    /// What is in force with the new text, which is not written yet.
    ///
    /// @throws ConfigurationException where it does not hold
    public Settings settings(Map<String, String> environment) {
        return Configuration.of(file, Configuration.read(file, after), Map.of(), environment)
                .settings();
    }

    /// Writes it, at once and as a whole. A new file is its owner's alone; of one that is there, owner and group stay,
    /// and others may read it no longer.
    ///
    /// @throws ConfigurationException where it cannot be written, or was changed meanwhile
    public void write() {
        if (!text(file).equals(before)) {
            throw new ConfigurationException(file + " was changed meanwhile; try again");
        }
        try {
            Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
            Path folder = target.getParent();
            if (folder == null) {
                throw new ConfigurationException(file + " is no file");
            }
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            Path fresh = Files.createTempFile(folder, ".sluice", ".yaml", PosixFilePermissions.asFileAttribute(OWNER));
            try {
                Files.write(fresh, after.getBytes(UTF_8));
                if (Files.exists(target)) {
                    likeBefore(fresh, target);
                }
                Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(fresh);
            }
        } catch (IOException e) {
            throw new ConfigurationException("the configuration file " + file + " cannot be written: " + e, e);
        }
    }

    private static void likeBefore(Path fresh, Path target) throws IOException {
        PosixFileAttributes was = Files.readAttributes(target, PosixFileAttributes.class);
        PosixFileAttributes is = Files.readAttributes(fresh, PosixFileAttributes.class);
        var view = Files.getFileAttributeView(fresh, PosixFileAttributeView.class);
        if (!was.group().equals(is.group())) {
            view.setGroup(was.group());
        }
        var permissions = EnumSet.copyOf(was.permissions());
        permissions.removeIf(permission -> permission.name().startsWith("OTHERS_"));
        view.setPermissions(permissions);
        if (!was.owner().equals(is.owner())) {
            view.setOwner(was.owner());
        }
    }
}
