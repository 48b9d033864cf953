package dev.sluice.files;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Brings renames into an order in which each finds its target free: in chains (`A→B`, `B→C`) the last goes first; in a
/// circle (`A→B`, `B→A`) one is parked under another name until the others are done.
final class RenameOrder {
    private final Temps temps;
    private final Map<Path, Step> bySource = new HashMap<>();
    private final Set<Path> done = new HashSet<>();
    private final List<Step> ordered = new ArrayList<>();

    private RenameOrder(Temps temps, List<Step> renames) {
        this.temps = temps;
        renames.forEach(step -> bySource.put(step.source(), step));
    }

    /// The renames in their order, numbered from `first`, with what is parked in between.
    static List<Step> of(List<Step> renames, int first, Temps temps) {
        var order = new RenameOrder(temps, renames);
        renames.forEach(step -> order.place(step, first));
        return order.ordered;
    }

    /// Follows a chain from `begin` to where its target is free, then goes back.
    private void place(Step begin, int first) {
        if (done.contains(begin.source())) {
            return;
        }
        Deque<Step> chain = new ArrayDeque<>();
        Step at = begin;
        while (at != null && done.add(at.source())) {
            chain.push(at);
            at = bySource.get(at.target());
            if (at != null && at.source().equals(begin.source())) {
                circle(chain, first);
                return;
            }
        }
        while (!chain.isEmpty()) {
            add(chain.pop(), first);
        }
    }

    /// `chain` holds the steps of a circle, the newest first: the newest's target is the source of the oldest, which is
    /// parked and goes last.
    private void circle(Deque<Step> chain, int first) {
        Step oldest = chain.removeLast();
        if (chain.isEmpty()) {
            add(oldest, first);
            return;
        }
        int place = first + ordered.size();
        Path parked = temps.parked(oldest.source(), place);
        ordered.add(Step.of(Act.PARK, oldest.source(), parked, oldest.found()).numbered(place));
        while (!chain.isEmpty()) {
            add(chain.pop(), first);
        }
        add(oldest.twin(place), first);
    }

    private void add(Step step, int first) {
        ordered.add(step.numbered(first + ordered.size()));
    }
}
