package dev.sluice.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "storage",
        description = "The places where files go: lists them, tries one, adds one, connects accounts.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            StorageListCommand.class,
            StorageTestCommand.class,
            StorageAddCommand.class,
            StorageConnectCommand.class,
            StorageDisconnectCommand.class,
        },
        footer = {
            "",
            "Examples:",
            "  sluice storage list",
            "  sluice storage test clips",
            "  sluice storage add clips --kind s3 --bucket clips --endpoint https://minio.example.com:9000 --path-style",
            "  sluice storage connect drive",
            "  sluice upload film.mp4 --to clips",
        })
final class StorageCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
