package dev.sluice.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Where file systems are mounted: only within one mount can anything be renamed, also where two of them show the same
/// disk.
final class Mounts {
    private final List<Path> points;
    private final Map<Path, Path> known = new HashMap<>();

    private Mounts(List<Path> points) {
        this.points = points;
    }

    /// Those that there are now.
    static Mounts now() throws IOException {
        Path table = Path.of("/proc/self/mountinfo");
        if (!Files.isReadable(table)) {
            return new Mounts(List.of());
        }
        return new Mounts(Files.readAllLines(table).stream()
                .map(line -> line.split(" "))
                .filter(fields -> fields.length > 4)
                .map(fields -> Path.of(unescaped(fields[4])))
                .toList());
    }

    /// Blanks and the like stand as octal numbers (proc(5)).
    private static String unescaped(String field) {
        return field.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }

    /// Whether something in the one folder can be renamed into the other. Both exist.
    boolean isOne(Path folder, Path other) throws IOException {
        return point(folder).equals(point(other));
    }

    private Path point(Path folder) throws IOException {
        Path before = known.get(folder);
        if (before != null) {
            return before;
        }
        Path real = folder.toRealPath();
        Path found = real.getRoot();
        for (Path point : points) {
            if (real.startsWith(point) && point.getNameCount() > found.getNameCount()) {
                found = point;
            }
        }
        known.put(folder, found);
        return found;
    }
}
