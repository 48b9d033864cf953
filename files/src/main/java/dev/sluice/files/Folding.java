package dev.sluice.files;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Finds the sequences among the names of one folder. The frame of a name is where [Numbered] finds it.
final class Folding {
    private static final int LONGEST_FOLDED_GAP = 2;

    private Folding() {}

    /// The sequences and what belongs to none, in the order in which the first name of each is given.
    static List<Folded> of(Collection<String> names) {
        var around = new LinkedHashMap<Around, List<Member>>();
        var found = new TreeMap<Integer, Folded>();
        int place = 0;
        for (String name : new LinkedHashSet<>(names)) {
            int here = place++;
            Numbered numbered = Numbered.of(name).orElse(null);
            if (numbered == null) {
                found.put(here, Folded.alone(name));
            } else {
                around.computeIfAbsent(new Around(numbered.prefix(), numbered.suffix()), key -> new ArrayList<>())
                        .add(new Member(here, name, numbered.frame(), numbered.width()));
            }
        }
        around.forEach((texts, members) -> byPadding(members).forEach(same -> {
            if (same.size() == 1) {
                found.put(same.getFirst().place(), Folded.alone(same.getFirst().name()));
            } else {
                found.put(same.getFirst().place(), sequence(texts, same));
            }
        }));
        return List.copyOf(found.values());
    }

    /// What stands before and behind the frame.
    private record Around(String prefix, String suffix) {}

    private record Member(int place, String name, Frame frame, int width) {
        boolean hasZeros() {
            return width > 1 && Math.abs(frame.units()) < Frame.tenTo(Math.min(width, Frame.MAX_DIGITS + 1) - 1);
        }
    }

    /// Members apart by the digits that they ask for: `01` and `001` are two sequences. A frame without zeros before it
    /// belongs to the widest that can have it, and to those without any zeros where none can.
    private static Collection<List<Member>> byPadding(List<Member> members) {
        var widths = new TreeSet<Integer>();
        for (Member member : members) {
            if (member.hasZeros()) {
                widths.add(member.width());
            }
        }
        Map<Integer, List<Member>> groups = new TreeMap<>();
        for (Member member : members) {
            Integer width = widths.floor(member.width());
            groups.computeIfAbsent(width == null ? 0 : width, key -> new ArrayList<>())
                    .add(member);
        }
        return groups.values();
    }

    private static Folded sequence(Around texts, List<Member> unordered) {
        List<Member> members =
                unordered.stream().sorted(Comparator.comparing(Member::frame)).toList();
        int padding = members.stream().mapToInt(Member::width).min().orElseThrow();
        List<Frame> frames = members.stream().map(Member::frame).toList();
        var pattern = FramePattern.of(texts.prefix(), padding, texts.suffix());
        String ranged = texts.prefix() + FrameSet.fold(frames);
        // Where the range would run together with what stands before it, the pattern alone is clearer.
        String text = FramePattern.rangeIn(ranged) == texts.prefix().length()
                ? ranged + FramePattern.place(padding) + texts.suffix()
                : pattern.toString();
        return new Folded(
                text,
                pattern,
                frames,
                missing(frames),
                members.stream().map(Member::name).toList());
    }

    /// Long gaps are written as they are, however long; the frames of short ones are folded.
    private static String missing(List<Frame> frames) {
        var parts = new ArrayList<String>();
        var few = new ArrayList<Frame>();
        for (int i = 1; i < frames.size(); i++) {
            long first = frames.get(i - 1).units() + 1;
            long last = frames.get(i).units() - 1;
            if (last - first < LONGEST_FOLDED_GAP) {
                for (long frame = first; frame <= last; frame++) {
                    few.add(Frame.of(frame));
                }
            } else {
                fold(few, parts);
                parts.add(first + "-" + last);
            }
        }
        fold(few, parts);
        return String.join(",", parts);
    }

    private static void fold(List<Frame> few, List<String> parts) {
        if (!few.isEmpty()) {
            parts.add(FrameSet.fold(few));
            few.clear();
        }
    }
}
