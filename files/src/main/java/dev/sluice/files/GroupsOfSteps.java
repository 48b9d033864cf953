package dev.sluice.files;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Steps in their order, cut into groups that are done together: of one folder, few enough that nobody waits long for
/// their sync. Safe for use by many threads.
final class GroupsOfSteps {
    private static final int FILES = 64;
    private static final long BYTES = 64L << 20;

    private final Deque<Step> left;

    GroupsOfSteps(List<Step> steps) {
        left = new ArrayDeque<>(steps);
    }

    /// The next group; empty where nothing is left.
    synchronized List<Step> take() {
        var group = new ArrayList<Step>(FILES);
        long bytes = 0;
        while (!left.isEmpty() && group.size() < FILES) {
            Step next = left.peek();
            boolean fits = group.isEmpty()
                    || (bytes + next.bytes() <= BYTES
                            && next.into().equals(group.getFirst().into()));
            if (!fits) {
                break;
            }
            bytes += next.bytes();
            group.add(left.remove());
        }
        return group;
    }
}
