package dev.sluice.cli;

import dev.sluice.app.ByteSize;
import dev.sluice.core.BatchId;
import dev.sluice.core.Ids;
import dev.sluice.core.ProblemException;
import dev.sluice.files.HashKind;
import dev.sluice.files.OnCancel;
import dev.sluice.files.OperationSpec;
import dev.sluice.files.Policy;
import dev.sluice.files.Renaming;
import dev.sluice.files.Verb;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Stack;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/// What `copy`, `move` and `rename` take.
final class OperationOptions {
    private static final String DEFAULT_HASH = "xxh64";

    private enum Durability {
        PROCESS,
        POWER
    }

    @Option(names = "--plan", description = "Show what would be done and what stands in the way; touch nothing.")
    private boolean plan;

    @Option(
            names = "--map",
            paramLabel = "FILE",
            description = "A CSV or JSON file with a source and a target each, in the place of SOURCES and TARGET.")
    private @Nullable String map;

    @Option(
            names = "--policy",
            paramLabel = "WHAT",
            description = "What happens where a target is there: fail (nothing at all is touched; the default), skip,"
                    + " overwrite (the old one stays until the new one is whole), newer, or rename (name (1).ext).")
    private Policy policy = Policy.FAIL;

    @Option(
            names = "--verify",
            arity = "0..1",
            paramLabel = "HASH",
            preprocessor = HashIfThere.class,
            description = "Read every copy back and compare: xxh64 (where none is named), sha256 or md5.")
    private @Nullable String verify;

    @Option(
            names = "--mhl",
            description = "Leave an ASC MHL manifest in the target folder, for: sluice verify FOLDER. Means --verify.")
    private boolean manifest;

    @Option(
            names = "--on-cancel",
            paramLabel = "WHAT",
            description = "What a cancel does with finished files: keep (the default) or rollback. Unfinished ones go.")
    private OnCancel onCancel = OnCancel.KEEP;

    @Option(names = "--bwlimit", paramLabel = "RATE", description = "At most so many bytes a second: 50M, 100 MiB.")
    private @Nullable String bandwidth;

    @Option(
            names = "--durability",
            paramLabel = "WHAT",
            description = "What a finished file survives: process (the default of copy) or power (of move, rename).")
    private @Nullable Durability durability;

    @Option(names = "--batch-id", paramLabel = "ID", description = "An id of your own, for: sluice cancel ID.")
    private @Nullable String batch;

    @Option(names = "--report", paramLabel = "FILE", description = "Write file by file what was done (.json or .csv).")
    private @Nullable Path report;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    CommonOptions common() {
        return common;
    }

    boolean plan() {
        return plan;
    }

    /// Whether a file names all sources and targets.
    boolean mapped() {
        return map != null;
    }

    /// @throws Failure where it is no id
    @Nullable
    BatchId batch() {
        if (batch == null) {
            return null;
        }
        if (!Ids.isIdentifier(batch)) {
            throw Failure.usage("--batch-id \"" + batch + "\" is no id, which is " + Ids.SHAPE);
        }
        return new BatchId(batch);
    }

    /// Where the report goes; null where none was asked for.
    ///
    /// @throws Failure where it could not be written
    @Nullable
    ReportFile report() {
        return report == null ? null : ReportFile.at(report.toAbsolutePath());
    }

    /// @param target null where new names are made, or a mapping has all of them
    /// @throws Failure where something cannot be meant so
    OperationSpec spec(Verb verb, List<String> sources, @Nullable String target, @Nullable Renaming renaming) {
        return new OperationSpec(
                verb,
                Path.of("").toAbsolutePath().toString(),
                sources,
                target,
                map,
                renaming,
                policy,
                hash(),
                manifest,
                durability == null ? verb != Verb.COPY : durability == Durability.POWER,
                onCancel,
                bytesASecond(),
                null,
                null);
    }

    private @Nullable HashKind hash() {
        if (verify == null) {
            return manifest ? HashKind.of(DEFAULT_HASH) : null;
        }
        try {
            return HashKind.of(verify);
        } catch (ProblemException e) {
            throw Failure.usage("--verify: " + e.problem().message());
        }
    }

    private @Nullable Long bytesASecond() {
        if (bandwidth == null) {
            return null;
        }
        try {
            return ByteSize.parse(bandwidth.replaceFirst("/s$", "")).bytes();
        } catch (IllegalArgumentException e) {
            throw Failure.usage("--bwlimit: " + e.getMessage());
        }
    }

    /// `--verify SOURCE` names no hash: what follows is taken for one only where it is one.
    static final class HashIfThere implements IParameterPreprocessor {
        @Override
        @SuppressWarnings("JdkObsolete") // picocli's signature
        public boolean preprocess(Stack<String> args, CommandSpec command, ArgSpec option, Map<String, Object> known) {
            boolean attached = "=".equals(known.get("separator"));
            if (!attached && (args.isEmpty() || !isHash(args.peek()))) {
                args.push(DEFAULT_HASH);
            }
            return false;
        }

        private static boolean isHash(String word) {
            return Arrays.stream(HashKind.values()).anyMatch(kind -> kind.word().equals(word.toLowerCase(Locale.ROOT)));
        }
    }
}
