package dev.sluice.cli;

import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "undo",
        description = "Takes back what a rename or a move has done.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice undo 0197f3a2-7b1c-7000-8000-0242ac120002",
            "  sluice rename 'shot.#.exr' --offset 1 --batch-id renumber && sluice undo renumber",
            "",
            "It is an operation as any other, with a batch of its own. Ends with 0 once all is back, 1 if some files",
            "failed, 4 if the batch is unknown, 6 if there is nothing to take back or something is in the way.",
        })
final class UndoCommand implements Callable<Integer> {
    @Parameters(paramLabel = "BATCH", description = "The batch or the job of what is taken back.")
    private String id = "";

    @Option(names = "--report", paramLabel = "FILE", description = "Write file by file what was done (.json or .csv).")
    private @Nullable Path report;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        var key = UUID.randomUUID().toString();
        var to = report == null ? null : ReportFile.at(report.toAbsolutePath());
        return new OperationRun(common, spec, to).run(holder -> holder.undo(holder.find(id), key));
    }
}
