package dev.sluice.cli;

import dev.sluice.files.Verb;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `copy` and `move`: sources that get another place.
abstract sealed class CopyCommand implements Callable<Integer> {
    private final Verb verb;

    @Parameters(
            arity = "0..*",
            paramLabel = "PATH",
            description = "SOURCES… and the TARGET at the end. A source is a file, a folder, a glob or a sequence"
                    + " (shot.#.exr, shot.1001-1240#.exr, shot.%%04d.exr, tex.<UDIM>.tif); the target a folder (with a /"
                    + " at its end it is made), a name, or a sequence (/b/take.#.exr).")
    private List<String> paths = List.of();

    @Mixin
    private final OperationOptions options = new OperationOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private CopyCommand(Verb verb) {
        this.verb = verb;
    }

    @Override
    public Integer call() {
        if (options.mapped() && !paths.isEmpty()) {
            throw Failure.usage("--map names all sources and targets; leave " + paths.getFirst() + " out");
        }
        if (!options.mapped() && paths.size() < 2) {
            throw Failure.usage(spec.name() + " wants SOURCES and a TARGET, for example: sluice " + spec.name()
                    + " shot.#.exr /b/");
        }
        var sources = options.mapped() ? paths : paths.subList(0, paths.size() - 1);
        var asked = options.spec(verb, sources, options.mapped() ? null : paths.getLast(), null);
        if (options.plan()) {
            return PlanRun.run(options.common(), spec, asked);
        }
        var batch = options.batch();
        var key = UUID.randomUUID().toString();
        return new OperationRun(options.common(), spec, options.report())
                .run(holder -> holder.begin(asked, batch, key));
    }

    @Command(
            name = "copy",
            description = "Copies files, folders and sequences; a target appears whole or not at all.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footer = {
                "",
                "Examples:",
                "  sluice copy 'shot.#.exr' /mnt/b/                      # all frames of a sequence",
                "  sluice copy 'shot.1001-1240#.exr' '/mnt/b/take.#.exr' # some, under another name",
                "  sluice copy plates/ /mnt/b/ --verify --mhl            # read back, with a manifest",
                "  sluice copy --map delivery.csv --plan                 # what would happen, and what is in the way",
                "  sluice copy big.mov /mnt/b/ --json | jq .progressPercentage",
                "",
                "Ctrl-C cancels and cleans up (exit 130), a second Ctrl-C leaves at once. Exit codes: 0 done, 1 failed,",
                "2 usage, 6 refused: something is in the way and nothing was touched, 130 cancelled.",
            })
    static final class Copy extends CopyCommand {
        Copy() {
            super(Verb.COPY);
        }
    }

    @Command(
            name = "move",
            description = "Moves files, folders and sequences; a source goes only once its target is whole.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footer = {
                "",
                "Examples:",
                "  sluice move 'shot.1001-1240#.exr' /mnt/b/             # frames to another disk",
                "  sluice move 'shot.#.exr' '/mnt/b/take.#.exr' --verify # compared before the sources go",
                "  sluice move plates/ /mnt/b/ --on-cancel rollback      # a cancel brings all of it back",
                "  sluice undo BATCH                                     # and back again, later",
                "",
                "Ctrl-C cancels and cleans up (exit 130), a second Ctrl-C leaves at once. Exit codes: 0 done, 1 failed,",
                "2 usage, 6 refused: something is in the way and nothing was touched, 130 cancelled.",
            })
    static final class Move extends CopyCommand {
        Move() {
            super(Verb.MOVE);
        }
    }
}
