package dev.sluice.files;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an operation would do.
///
/// @param operation `copy`, `move` or `rename`
/// @param files that would be done; folders do not count
/// @param bytes that would be copied
/// @param blocked whether a conflict keeps all of it from being done
/// @param summary the files, sequences folded: `/a/shot.1001-1240#.exr → /b/`
public record Preview(
        String operation,
        long files,
        long bytes,
        boolean blocked,
        List<Item> items,
        List<Obstacle> conflicts,
        List<String> summary) {

    /// @param act `copy`, `link`, `hard_link`, `rename`, `folder`, `skip` or `impossible`
    public record Item(
            String act,
            String source,
            String target,
            @Nullable Long bytes,
            @Nullable String why) {}

    /// @param kind such as `target_exists`
    public record Obstacle(
            String kind, @Nullable String source, @Nullable String target, boolean blocks, String message) {}

    static Preview of(OperationSpec spec, Plan plan) {
        List<Item> items = plan.steps().stream()
                .filter(step -> step.act() != Act.PARK)
                .map(step -> new Item(
                        step.act().name().toLowerCase(java.util.Locale.ROOT),
                        step.source().toString(),
                        step.target().toString(),
                        step.act() == Act.COPY ? (Long) step.bytes() : null,
                        step.why() == null ? null : step.why().message()))
                .toList();
        List<Obstacle> conflicts = plan.conflicts().stream()
                .map(conflict -> new Obstacle(
                        conflict.kind().word(),
                        conflict.source() == null ? null : conflict.source().toString(),
                        conflict.target() == null ? null : conflict.target().toString(),
                        conflict.blocks(),
                        conflict.message()))
                .toList();
        return new Preview(
                spec.verb().word(),
                plan.files(),
                plan.bytes(),
                plan.isBlocked(),
                items,
                conflicts,
                summary(plan.steps()));
    }

    /// One line for each sequence or single file, by the folders that they go from and to.
    private static List<String> summary(List<Step> steps) {
        var byFolders = new LinkedHashMap<List<Object>, List<Step>>();
        for (Step step : steps) {
            if (step.isFile() && step.act() != Act.SKIP && step.act() != Act.IMPOSSIBLE) {
                List<Object> key = List.of(
                        step.act(),
                        String.valueOf(step.source().getParent()),
                        String.valueOf(step.target().getParent()));
                byFolders.computeIfAbsent(key, missing -> new ArrayList<>()).add(step);
            }
        }
        var lines = new ArrayList<String>();
        for (Map.Entry<List<Object>, List<Step>> entry : byFolders.entrySet()) {
            FoldedSteps.lines(entry.getValue()).forEach(line -> lines.add(line.text()));
        }
        return lines;
    }
}
