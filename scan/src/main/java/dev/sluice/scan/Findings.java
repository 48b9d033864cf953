package dev.sluice.scan;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Collects what is seen, each kind once: where the first one is, and how many there are.
final class Findings {
    private static final class Seen {
        final long offset;
        final String sentence;
        long count = 1;

        Seen(long offset, String sentence) {
            this.offset = offset;
            this.sentence = sentence;
        }
    }

    private final Map<Finding.Kind, Seen> seen = new EnumMap<>(Finding.Kind.class);

    void add(Finding finding) {
        add(finding.kind(), finding.offset(), finding.sentence());
    }

    /// @param sentence of which `at byte N` is the end
    void addAt(Finding.Kind kind, long offset, String sentence) {
        Seen before = seen.get(kind);
        if (before == null) {
            add(kind, offset, sentence + " at byte " + offset);
        } else {
            before.count++;
        }
    }

    private void add(Finding.Kind kind, long offset, String sentence) {
        Seen before = seen.putIfAbsent(kind, new Seen(offset, sentence));
        if (before != null) {
            before.count++;
        }
    }

    long count(Finding.Kind kind) {
        Seen found = seen.get(kind);
        return found == null ? 0 : found.count;
    }

    /// Where the first one of a kind is, of which there is one.
    long offset(Finding.Kind kind) {
        Seen found = seen.get(kind);
        if (found == null) {
            throw new IllegalStateException("none was seen: " + kind);
        }
        return found.offset;
    }

    /// The gravest first.
    List<Finding> list() {
        var list = new ArrayList<Finding>();
        seen.forEach((kind, found) -> list.add(new Finding(kind, found.sentence, found.offset, found.count)));
        return List.copyOf(list);
    }
}
