package dev.sluice.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "status",
        description = "What the server is doing: jobs by kind and state, watchers, storages.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice status",
            "  sluice status --json | jq .jobs",
            "  sluice status --server http://127.0.0.1:8080",
        })
final class StatusCommand implements Callable<Integer> {
    private static final String PATH = "/api/v1/status";

    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        return Asking.print(options, spec, server -> options.json() ? server.get(PATH) : server.getText(PATH));
    }
}
