package dev.sluice.cli;

import dev.sluice.app.Configuration;
import dev.sluice.app.ConfigurationException;
import dev.sluice.app.Logs;
import dev.sluice.core.ErrorCode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "config",
        description = "Prints the configuration that `serve` would run with, and where each value comes from.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice config",
            "  sluice config --config sluice.yaml --json | jq .",
            "  SLUICE_SERVER_PORT=9000 sluice config",
        })
final class ConfigCommand implements Callable<Integer> {
    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final SettingsOptions flags = new SettingsOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        out.println(effective());
        out.flush();
        return Exit.DONE;
    }

    /// Every key with its value and its source, as text or as JSON.
    private String effective() {
        Logs.quiet();
        List<Configuration.Entry> entries;
        try {
            entries = flags.load(common).entries();
        } catch (ConfigurationException e) {
            throw new Failure(Exit.USAGE, ErrorCode.CONFIGURATION, String.valueOf(e.getMessage()));
        }
        if (common.json()) {
            var document = Json.object();
            document.put("data", common.data().toString());
            entries.forEach(entry ->
                    document.putObject(entry.key()).put("value", entry.value()).put("source", entry.source()));
            return document.toString();
        }
        var text = new StringBuilder("data = " + common.data());
        entries.forEach(entry -> text.append("%n%s = %s  (%s)".formatted(entry.key(), entry.value(), entry.source())));
        return text.toString();
    }
}
