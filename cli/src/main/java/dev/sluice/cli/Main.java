package dev.sluice.cli;

import dev.sluice.core.ErrorCode;
import dev.sluice.wire.Texts;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;

/// The `sluice` command.
@Command(
        name = "sluice",
        description = "Moves files as jobs: watched live, resumed after any failure, stopped within milliseconds.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Examples:",
            "  sluice serve                           # API and data in ~/.sluice, on 127.0.0.1:8080",
            "  sluice upload film.mp4                 # send a file; goes on by itself after a failure",
            "  sluice upload *.jpg --batch --to photos",
            "  sluice download https://…/disk.iso     # the server fetches it; or what a page shows",
            "  sluice import march.csv --currency EUR # a bank's CSV into the database",
            "  sluice copy 'shot.#.exr' /mnt/b/       # a sequence to another disk; move and rename alike",
            "  sluice jobs --state running            # what is going on",
            "  sluice watch                           # the same, live",
            "  sluice cancel 0197f3a2-…               # stop a job or a batch, now",
            "",
            "Exit codes: 0 done, 1 failed, 2 usage, 3 server unreachable, 4 not found, 5 already ended,",
            "            6 refused, 130 cancelled.",
        })
public final class Main implements Runnable {
    private static final String COMPLETION = "completion";
    private static final String HELP = "help";

    @picocli.CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    private record Entry(String name, Class<?> command) {}

    /// In the order in which the help names them.
    private static final List<Entry> COMMANDS = List.of(
            new Entry("serve", ServeCommand.class),
            new Entry("upload", UploadCommand.class),
            new Entry("download", DownloadCommand.class),
            new Entry("import", ImportCommand.class),
            new Entry("imports", ImportsCommand.class),
            new Entry("tables", TablesCommand.class),
            new Entry("copy", CopyCommand.Copy.class),
            new Entry("move", CopyCommand.Move.class),
            new Entry("rename", RenameCommand.class),
            new Entry("undo", UndoCommand.class),
            new Entry("report", ReportCommand.class),
            new Entry("verify", VerifyCommand.class),
            new Entry("jobs", JobsCommand.class),
            new Entry("watch", WatchCommand.class),
            new Entry("cancel", ActCommand.Cancel.class),
            new Entry("pause", ActCommand.Pause.class),
            new Entry("resume", ActCommand.Resume.class),
            new Entry("retry", ActCommand.Retry.class),
            new Entry("status", StatusCommand.class),
            new Entry("storage", StorageCommand.class),
            new Entry("user", UserCommand.class),
            new Entry("login", LoginCommand.class),
            new Entry("logout", LogoutCommand.class),
            new Entry("config", ConfigCommand.class),
            new Entry("doctor", DoctorCommand.class),
            new Entry(COMPLETION, CompletionCommand.class),
            new Entry("rehearse", RehearseCommand.class),
            new Entry(HELP, HelpCommand.class));

    private Main() {}

    public static void main(String[] args) {
        System.exit(run(args, utf8(System.out), utf8(System.err)));
    }

    /// Runs one command; answers its exit code, and leaves the process to whoever calls.
    public static int run(String[] args, PrintWriter out, PrintWriter err) {
        return commandLine(args.length == 0 ? "" : args[0], out, err).execute(args);
    }

    /// @param first word of what was typed: where it is a command the others are left alone, since to look at all of
    ///     them takes longer than to copy a file
    private static CommandLine commandLine(String first, PrintWriter out, PrintWriter err) {
        var commandLine = new CommandLine(new Main());
        var alone = COMMANDS.stream().map(Entry::name).anyMatch(first::equals)
                && !first.equals(COMPLETION)
                && !first.equals(HELP);
        COMMANDS.stream()
                .filter(entry -> !alone || entry.name().equals(first))
                .forEach(entry -> commandLine.addSubcommand(entry.name(), entry.command()));
        if (commandLine.getSubcommands().containsKey("storage")) {
            StorageAddCommand.offerSettings(commandLine);
        }
        commandLine.setOut(out).setErr(err);
        commandLine.setExecutionExceptionHandler(Main::failed);
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setUsageHelpWidth(100);
        return commandLine;
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static int failed(Exception thrown, CommandLine command, CommandLine.ParseResult parsed) {
        var failure = thrown instanceof Failure known
                ? known
                : new Failure(Exit.FAILED, ErrorCode.INTERNAL, Failure.why(thrown), thrown);
        if (command.getParseResult().hasMatchedOption("--json")) {
            command.getOut()
                    .println(Json.object()
                            .put("success", false)
                            .put("code", failure.code())
                            .put("message", failure.getMessage()));
            command.getOut().flush();
        } else {
            command.getErr().println("sluice: " + Texts.printable(String.valueOf(failure.getMessage())));
            if (!(thrown instanceof Failure)) {
                thrown.printStackTrace(command.getErr());
            }
            command.getErr().flush();
        }
        return failure.exit();
    }

    private static PrintWriter utf8(java.io.PrintStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }

    /// `sluice 0.1.0 (Java 25.0.3)`.
    static final class Version implements IVersionProvider {
        static String number() {
            var version = Main.class.getPackage().getImplementationVersion();
            return version == null ? "development" : version;
        }

        @Override
        public String[] getVersion() {
            return new String[] {"sluice " + number() + " (Java " + Runtime.version() + ")"};
        }
    }
}
