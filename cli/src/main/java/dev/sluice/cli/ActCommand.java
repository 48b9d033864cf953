package dev.sluice.cli;

import dev.sluice.core.Ids;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// One decision about a job or a batch. The launcher does the same with curl, without a JVM; this is for where
/// it cannot.
abstract sealed class ActCommand implements Callable<Integer> {
    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Parameters(paramLabel = "ID", description = "The job or the batch.")
    private String id = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        if (!Ids.isIdentifier(id)) {
            throw Failure.usage("\"" + id + "\" is no id of a job or a batch");
        }
        return Asking.print(
                options,
                spec,
                server -> server.post(
                        "/api/v1/cli/" + spec.name() + "/" + Http.encoded(id),
                        options.json() ? "application/json" : "text/plain"));
    }

    @Command(
            name = "cancel",
            description = "Stops a job or a batch, now, and cleans up after it.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footer = {
                "",
                "Examples:",
                "  sluice cancel 0197f3a2-7b1c-7000-8000-0242ac120002",
                "  sluice cancel $ID --json | jq .receipt      # when the last byte left, what was cleaned up",
                "  sluice jobs --state running --json | jq -r '.jobs[].id' | xargs -n1 sluice cancel",
                "",
                "Ends with 0 once it has stopped, 4 if it is unknown, 5 if it had already ended.",
            })
    static final class Cancel extends ActCommand {}

    @Command(
            name = "pause",
            description = "Stops a job or a batch for now; what has come stays. A live stream goes on meanwhile.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footer = {"", "Example:", "  sluice pause $ID && sleep 60 && sluice resume $ID"})
    static final class Pause extends ActCommand {}

    @Command(
            name = "resume",
            description = "Goes on with what was paused.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footer = {"", "Example:", "  sluice resume $ID"})
    static final class Resume extends ActCommand {}

    @Command(
            name = "retry",
            description = "Tries again what has failed, from its beginning and as it was asked for.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footer = {"", "Example:", "  sluice retry $ID"})
    static final class Retry extends ActCommand {}
}
