package dev.sluice.cli;

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

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        out.println(effective(common));
        out.flush();
        return Exit.DONE;
    }

    /// THE ONE PLACE that reads the configuration: every key with its value and its source, as text or as JSON.
    private static String effective(CommonOptions common) {
        var data = common.data().toString();
        return common.json() ? Json.object().put("data", data).toString() : "data = " + data;
    }
}
