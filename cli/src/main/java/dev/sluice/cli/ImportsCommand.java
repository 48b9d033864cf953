package dev.sluice.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "imports",
        description = "Lists imports; tells what was wrong in one; takes one back.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice imports                          # those whose rows are there or were, newest first",
            "  sluice imports rejects ID > wrong.csv   # rows that were wrong, also of one that failed by them",
            "  sluice imports undo ID                  # takes its rows back",
        },
        subcommands = {ImportsCommand.Rejects.class, ImportsCommand.Undo.class})
final class ImportsCommand implements Callable<Integer> {
    private static final String ROUTE = "/api/v1/imports";

    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        return Asking.print(options, spec, server -> options.json() ? server.get(ROUTE) : server.getText(ROUTE));
    }

    @Command(
            name = "rejects",
            description = "Prints the rows of an import that were wrong, as CSV; with --json as JSON.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footer = {
                "",
                "Examples:",
                "  sluice imports rejects $ID > wrong.csv         # each with its line and what is wrong",
                "  sluice imports rejects --rows $ID > again.csv  # put right, they can be imported",
            })
    static final class Rejects implements Callable<Integer> {
        @Mixin
        private final ServerOptions options = new ServerOptions();

        @Parameters(paramLabel = "ID", description = "The import, or its batch.")
        private String id = "";

        @Option(names = "--rows", description = "Only the rows as they stand in the file, below its header.")
        private boolean rows;

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() {
            if (rows && options.json()) {
                throw Failure.usage("--rows and --json do not go together");
            }
            var path = ROUTE + "/" + Http.encoded(id) + "/rejects" + (rows ? "?format=rows" : "");
            return Asking.print(options, spec, server -> options.json() ? server.get(path) : server.getText(path));
        }
    }

    @Command(
            name = "undo",
            description = "Takes the rows of an import back.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footer = {"", "Example:", "  sluice imports undo $ID"})
    static final class Undo implements Callable<Integer> {
        @Mixin
        private final ServerOptions options = new ServerOptions();

        @Parameters(paramLabel = "ID", description = "The import, or its batch.")
        private String id = "";

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() {
            var accept = options.json() ? "application/json" : "text/plain";
            return Asking.print(options, spec, server -> server.post(ROUTE + "/" + Http.encoded(id) + "/undo", accept));
        }
    }
}
