package dev.sluice.cli;

import dev.sluice.app.ConfigurationException;
import dev.sluice.app.Logs;
import dev.sluice.app.StorageVisit;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "test",
        description = "Writes, reads, deletes and gives up small objects in a storage, and says what works and what"
                + " does not, and why. Leaves nothing behind.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice storage test clips",
            "  sluice storage test clips --json | jq -r '.steps[] | select(.ok | not) | .text'",
            "  sluice storage test clips --set storages.clips.region=eu-central-1     # before it is written down",
            "",
            "Reads the configuration, not what a running server has; needs no server. It sends 9 MiB. Ends with 1 where",
            "something does not work.",
        })
final class StorageTestCommand implements Callable<Integer> {
    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final SettingsOptions flags = new SettingsOptions();

    @Parameters(paramLabel = "NAME", description = "The storage.")
    private String name = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Logs.quiet();
        var out = spec.commandLine().getOut();
        try (var visit = StorageVisit.to(name, common.data(), flags.load(common).settings())) {
            var steps = new StorageTrial(out, common.json()).run(visit);
            var works = StorageTrial.works(steps);
            if (common.json()) {
                var document = Json.object().put("storage", name).put("ok", works);
                StorageTrial.describe(steps, document.putArray("steps"));
                out.println(document);
                out.flush();
            }
            return works ? Exit.DONE : Exit.FAILED;
        } catch (ConfigurationException e) {
            throw new Failure(Exit.USAGE, ErrorCode.CONFIGURATION, Failure.why(e));
        } catch (ProblemException e) {
            throw new Failure(
                    e.code() == ErrorCode.NOT_FOUND ? Exit.NOT_FOUND : Exit.FAILED,
                    e.code(),
                    e.problem().message());
        }
    }
}
