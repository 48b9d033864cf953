package dev.sluice.cli;

import dev.sluice.core.ProblemException;
import dev.sluice.files.Renaming;
import dev.sluice.files.Verb;
import java.util.List;
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
        name = "rename",
        description = "Gives files new names where they are; chains and swaps come out right.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice rename 'shot.#.exr' --offset 1                 # 1001 is 1002, and so on",
            "  sluice rename 'shot.#.exr' 'take.#.exr'               # the same as --to 'take.#.exr'",
            "  sluice rename 'shot.#.exr' --padding 6                # shot.001001.exr",
            "  sluice rename * --case lower --separator _            # My Shot.0001.EXR is my_shot.0001.exr",
            "  sluice rename 'shot.#.exr' --replace shot --with take --plan",
            "  sluice undo BATCH                                     # takes it back",
            "",
            "Exit codes: 0 done, 1 failed, 2 usage, 6 refused: something is in the way and nothing was touched,",
            "130 cancelled.",
        })
final class RenameCommand implements Callable<Integer> {
    @Parameters(
            arity = "0..*",
            paramLabel = "SOURCE",
            description = "Files, globs or sequences; of two the second is the new name where no option says how.")
    private List<String> paths = List.of();

    @Option(names = "--to", paramLabel = "PATTERN", description = "The new name, with a place for the frame.")
    private @Nullable String to;

    @Option(names = "--offset", paramLabel = "N", description = "Move the frames by so many.")
    private @Nullable Long offset;

    @Option(names = "--padding", paramLabel = "N", description = "Write frames with at least so many digits.")
    private @Nullable Integer padding;

    @Option(names = "--case", paramLabel = "lower|upper", description = "The case of all letters.")
    private Renaming.@Nullable LetterCase letterCase;

    @Option(
            names = "--separator",
            paramLabel = "S",
            description = "What spaces, dots, underscores and hyphens before the frame become.")
    private @Nullable String separator;

    @Option(names = "--replace", paramLabel = "A", description = "What is replaced, wherever it stands in a name …")
    private @Nullable String replace;

    @Option(names = "--with", paramLabel = "B", description = "… and by what (nothing where this is left out).")
    private @Nullable String with;

    @Mixin
    private final OperationOptions options = new OperationOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private boolean says() {
        return to != null
                || offset != null
                || padding != null
                || letterCase != null
                || separator != null
                || replace != null
                || with != null;
    }

    @Override
    public Integer call() {
        var asked = options.mapped() ? mapped() : named();
        if (options.plan()) {
            return PlanRun.run(options.common(), spec, asked);
        }
        var batch = options.batch();
        var key = UUID.randomUUID().toString();
        return new OperationRun(options.common(), spec, options.report())
                .run(holder -> holder.begin(asked, batch, key));
    }

    private dev.sluice.files.OperationSpec mapped() {
        if (!paths.isEmpty() || says()) {
            throw Failure.usage("--map names all sources and their new names; nothing else goes with it");
        }
        return options.spec(Verb.RENAME, List.of(), null, null);
    }

    private dev.sluice.files.OperationSpec named() {
        if (says()) {
            if (paths.isEmpty()) {
                throw Failure.usage("rename wants to know what is renamed, for example 'shot.#.exr'");
            }
            return options.spec(Verb.RENAME, paths, null, renaming(to));
        }
        if (paths.size() != 2) {
            throw Failure.usage("rename wants to know how the new names are made: --to, --offset, --padding, --case,"
                    + " --separator, --replace; or exactly one SOURCE and its new name");
        }
        var name = paths.getLast();
        if (name.indexOf('/') >= 0) {
            throw Failure.usage("\"" + name + "\" is no new name but a path; use: sluice move");
        }
        return options.spec(Verb.RENAME, paths.subList(0, 1), null, renaming(name));
    }

    private Renaming renaming(@Nullable String name) {
        try {
            return new Renaming(name, offset == null ? 0 : offset, padding, letterCase, separator, replace, with);
        } catch (ProblemException e) {
            throw Failure.usage(e.problem().message());
        }
    }
}
