package dev.sluice.files;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an operation is to do, as it was asked for: the specification of its job.
///
/// @param base the folder, absolute, that relative paths are meant from
/// @param sources files, folders, globs, sequences; empty where a mapping says it all
/// @param target a folder, a name, or a pattern with a place for the frame; null for a mapping and for [#renaming]
/// @param mapping a CSV or JSON file with a source and a target each
/// @param renaming how new names are made of the old
/// @param verify the digest that is compared when a target is read back; null: none
/// @param manifest whether an ASC MHL manifest is written into the target folders
/// @param power whether what is finished survives a power cut, too
/// @param bandwidth the most bytes a second, all files of the operation together; null: as fast as it goes
/// @param within the folders, absolute, that it may touch; null: what the operating system's user may
/// @param undoes the job whose steps are taken back; then there is no source and no target
public record OperationSpec(
        Verb verb,
        String base,
        List<String> sources,
        @Nullable String target,
        @Nullable String mapping,
        @Nullable Renaming renaming,
        Policy policy,
        @Nullable HashKind verify,
        boolean manifest,
        boolean power,
        OnCancel onCancel,
        @Nullable Long bandwidth,
        @Nullable List<String> within,
        @Nullable String undoes) {

    public OperationSpec {
        sources = List.copyOf(sources);
        within = within == null ? null : List.copyOf(within);
    }

    Path basePath() {
        return Path.of(base);
    }

    Reach reach() {
        return within == null
                ? Reach.everywhere()
                : Reach.within(within.stream().map(Path::of).toList());
    }
}
