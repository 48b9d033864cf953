package dev.sluice.files;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Steps between the same two folders as lines, sequences folded to ranges.
final class FoldedSteps {
    private FoldedSteps() {}

    /// @param files how many it stands for
    record Line(String text, long files) {}

    static List<Line> lines(List<Step> steps) {
        Map<String, Step> byName = new HashMap<>();
        var names = new ArrayList<String>(steps.size());
        for (Step step : steps) {
            String name = name(step.source());
            names.add(name);
            byName.put(name, step);
        }
        var lines = new ArrayList<Line>();
        for (Folded folded : Folding.of(names)) {
            var targets = folded.names().stream()
                    .map(name -> name(step(byName, name).target()))
                    .toList();
            Step first = step(byName, folded.names().getFirst());
            Path from = first.source().resolveSibling(folded.text());
            List<Folded> there = Folding.of(targets);
            String to = there.size() == 1
                    ? first.target().resolveSibling(there.getFirst().text()).toString()
                    : first.into() + "/";
            String missing = folded.missing().isEmpty() ? "" : "  (missing: " + folded.missing() + ")";
            // What is not there has no target.
            lines.add(new Line((from.toString().equals(to) ? to : from + " → " + to) + missing, targets.size()));
        }
        return lines;
    }

    private static Step step(Map<String, Step> byName, String name) {
        Step step = byName.get(name);
        if (step == null) {
            throw new IllegalStateException("no step for " + name);
        }
        return step;
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }
}
