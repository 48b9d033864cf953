package dev.sluice.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "completion",
        description = "Prints a completion script for bash and zsh.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:", "  source <(sluice completion)"})
final class CompletionCommand implements Callable<Integer> {
    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        var script = AutoComplete.bash("sluice", spec.root().commandLine());
        out.print(common.json() ? Json.object().put("script", script) + "\n" : script);
        out.flush();
        return Exit.DONE;
    }
}
