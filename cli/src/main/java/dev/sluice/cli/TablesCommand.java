package dev.sluice.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "tables",
        description = "Lists the tables that profiles have made; prints the rows of one.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice tables                          # their names, what SQL calls them, their columns",
            "  sluice tables rows readings > all.csv  # all rows of one",
            "  sqlite3 ~/.sluice/data.db 'SELECT * FROM table_readings'",
        },
        subcommands = TablesCommand.Rows.class)
final class TablesCommand implements Callable<Integer> {
    private static final String ROUTE = "/api/v1/tables";

    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        return Asking.print(options, spec, server -> options.json() ? server.get(ROUTE) : server.getText(ROUTE));
    }

    @Command(
            name = "rows",
            description = "Prints the rows of a table: all as CSV; with --json a page as JSON.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footer = {"", "Example:", "  sluice tables rows readings --import $ID > march.csv"})
    static final class Rows implements Callable<Integer> {
        @Mixin
        private final ServerOptions options = new ServerOptions();

        @Parameters(paramLabel = "NAME", description = "The table, by the name of its profile.")
        private String name = "";

        @Option(names = "--import", paramLabel = "ID", description = "Only those of an import, or of its batch.")
        private @Nullable String of;

        @Option(names = "--after", paramLabel = "NEXT", description = "With --json: the next of the page before.")
        private @Nullable String after;

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() {
            var path = ROUTE + "/" + Http.encoded(name) + "/rows?format=" + (options.json() ? "json" : "csv")
                    + (of == null ? "" : "&import=" + Http.encoded(of))
                    + (after == null ? "" : "&after=" + Http.encoded(after));
            return Asking.print(options, spec, server -> server.get(path));
        }
    }
}
