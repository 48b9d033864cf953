package dev.sluice.cli;

import dev.sluice.files.Report;
import dev.sluice.wire.ReportCsv;
import dev.sluice.wire.Texts;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "report",
        description = "Tells file by file what an operation has done.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice report 0197f3a2-7b1c-7000-8000-0242ac120002",
            "  sluice report $ID --csv > report.csv",
            "  sluice report $ID --json | jq '.files[] | select(.state == \"failed\")'",
            "",
            "Ends with 4 if it is unknown.",
        })
final class ReportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "BATCH", description = "The batch or the job.")
    private String id = "";

    @Option(names = "--csv", description = "A row for each file.")
    private boolean csv;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// An operation and what it did.
    private record Told(Standing standing, Report report) {}

    @Override
    public Integer call() {
        if (csv && common.json()) {
            throw Failure.usage("it is either --csv or --json");
        }
        var told = OperationRun.ask(common, holder -> {
            var job = holder.find(id);
            return new Told(holder.standing(job), holder.report(job));
        });
        var out = spec.commandLine().getOut();
        if (csv) {
            out.print(ReportCsv.text(told.report()));
        } else if (common.json()) {
            out.println(dev.sluice.wire.Json.text(told.report()));
        } else {
            OperationText.report(told.standing(), told.report()).forEach(line -> out.println(Texts.printable(line)));
        }
        out.flush();
        return Exit.DONE;
    }
}
