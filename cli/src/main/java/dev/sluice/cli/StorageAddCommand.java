package dev.sluice.cli;

import dev.sluice.app.ConfigurationException;
import dev.sluice.app.ConfigurationFile;
import dev.sluice.app.Logs;
import dev.sluice.app.StorageKind;
import dev.sluice.app.StorageSetting;
import dev.sluice.app.StorageVisit;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.Trial;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "add",
        description =
                "Tries a storage and writes it into the configuration file: --config, else sluice.yaml in the data"
                        + " folder. What else stands there stays.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice storage add archive --kind local --path /mnt/archive",
            "  sluice storage add clips --kind s3 --bucket clips --region eu-central-1 --access-key AKIA…",
            "  sluice storage add clips --kind s3 --bucket clips --endpoint https://minio.example.com:9000 --path-style \\",
            "      --access-key sluice --secret-key-env MINIO_SECRET",
            "",
            "Secrets are asked for at the terminal, or read from a variable or a file; they are no arguments, which every",
            "user of the machine can see. A server that runs must be started anew to know the new storage.",
        })
final class StorageAddCommand implements Callable<Integer> {
    private static final String ENV = "-env";
    private static final String FILE = "-file";

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "NAME", description = "What clients are to call it.")
    private String name = "";

    @Option(names = "--no-test", description = "Do not try it first.")
    private boolean untested;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// Gives the command an option for each setting that a storage can have.
    static void offerSettings(CommandLine main) {
        var storage = Objects.requireNonNull(main.getSubcommands().get("storage"));
        var command =
                Objects.requireNonNull(storage.getSubcommands().get("add")).getCommandSpec();
        for (var setting : StorageSetting.all()) {
            var doc = setting.doc().replace("%", "%%");
            var flag = "--" + setting.key();
            if (setting.secret()) {
                command.addOption(text(flag + ENV, "VARIABLE", doc + " Read from that variable."));
                command.addOption(text(flag + FILE, "FILE", doc + " Read from that file."));
            } else if (setting.yesNo()) {
                command.addOption(OptionSpec.builder(flag)
                        .type(String.class)
                        .arity("0..1")
                        .fallbackValue("true")
                        .paramLabel("true|false")
                        .description(doc)
                        .build());
            } else {
                var label = setting.key().toUpperCase(Locale.ROOT);
                command.addOption(text(flag, label, doc));
            }
        }
    }

    private static OptionSpec text(String flag, String label, String doc) {
        return OptionSpec.builder(flag)
                .type(String.class)
                .arity("1")
                .paramLabel(label)
                .description(doc)
                .build();
    }

    @Override
    public Integer call() {
        Logs.quiet();
        try {
            var settings = settings();
            var unconnected =
                    "gdrive".equals(settings.get(StorageSetting.KIND)) && !settings.containsKey("credentials");
            var file = ConfigurationFile.with(name, settings, common.data(), common.config(), System.getenv());
            try (var visit = StorageVisit.to(name, common.data(), file.settings(System.getenv()))) {
                var steps = untested || unconnected
                        ? List.<Trial.Step>of()
                        : new StorageTrial(spec.commandLine().getOut(), common.json()).run(visit);
                var works = StorageTrial.works(steps);
                if (works) {
                    file.write();
                }
                print(file, steps, works, unconnected);
                return works ? Exit.DONE : Exit.FAILED;
            }
        } catch (ConfigurationException e) {
            throw new Failure(Exit.USAGE, ErrorCode.CONFIGURATION, Failure.why(e));
        } catch (ProblemException e) {
            throw new Failure(Exit.FAILED, e.code(), e.problem().message());
        }
    }

    private Map<String, String> settings() {
        var kind = given("--" + StorageSetting.KIND);
        if (kind == null || !StorageKind.ALL.containsKey(kind)) {
            throw Failure.usage("--kind wants one of " + String.join(", ", new TreeSet<>(StorageKind.ALL.keySet())));
        }
        var settings = new TreeMap<String, String>();
        for (var setting : StorageSetting.all()) {
            var value = setting.secret() ? secret(setting, kind) : Optional.ofNullable(given("--" + setting.key()));
            if (value.isPresent() && !setting.isFor(kind)) {
                throw Failure.usage("--" + setting.key() + " is not for the kind " + kind);
            }
            value.ifPresent(word -> settings.put(setting.key(), word));
        }
        return settings;
    }

    private @Nullable String given(String flag) {
        return spec.findOption(flag).getValue();
    }

    private Optional<String> secret(StorageSetting setting, String kind) {
        var flag = "--" + setting.key();
        var variable = given(flag + ENV);
        var file = given(flag + FILE);
        if (variable != null && file != null) {
            throw Failure.usage(flag + ENV + " and " + flag + FILE + " are two places for one secret");
        }
        if (variable != null) {
            var value = System.getenv(variable);
            if (value == null || value.isBlank()) {
                throw Failure.usage("the variable " + variable + " is empty or not there");
            }
            return Optional.of(value);
        }
        if (file != null) {
            return Optional.of(read(file));
        }
        return setting.isFor(kind) && !setting.kinds().isEmpty() ? asked(setting) : Optional.empty();
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            throw Failure.usage("the file " + file + " cannot be read: " + Failure.why(e));
        }
    }

    /// Without a terminal nobody can be asked; what is missing then is found with the rest of the settings.
    private static Optional<String> asked(StorageSetting setting) {
        return Optional.ofNullable(System.console())
                .filter(Console::isTerminal)
                .map(console -> console.readPassword("%s (%s; empty for none): ", setting.key(), setting.doc()))
                .filter(typed -> typed.length > 0)
                .map(String::new);
    }

    /// @param unconnected whether it still needs a user's account
    private void print(ConfigurationFile file, List<Trial.Step> steps, boolean works, boolean unconnected) {
        var out = spec.commandLine().getOut();
        var said = works
                ? "storage " + name + " is in " + file.file()
                        + " now; "
                        + (unconnected ? "connect an account: sluice storage connect " + name + "; " : "")
                        + "a server that runs must be started anew to know it"
                : "nothing was written; correct what fails, or write it all the same with --no-test";
        if (common.json()) {
            var document = Json.object()
                    .put("storage", name)
                    .put("ok", works)
                    .put("file", file.file().toString())
                    .put("message", said);
            StorageTrial.describe(steps, document.putArray("steps"));
            out.println(document);
        } else {
            out.println(said);
        }
        out.flush();
    }
}
