package dev.sluice.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;

/// How a file is called whose name is taken: `name (1).ext`, shortened before the number where that would be longer
/// than names may be.
final class FreeName {
    /// Bytes that a name has at the most, on all file systems that are common.
    static final int LONGEST = 255;

    private FreeName() {}

    static Path numbered(Path taken, int number) {
        String name = String.valueOf(taken.getFileName());
        int dot = name.lastIndexOf('.');
        int cut = dot <= 0 ? name.length() : dot;
        String stem = name.substring(0, cut);
        String end = " (" + number + ")" + name.substring(cut);
        while (!stem.isEmpty() && bytes(stem + end) > LONGEST) {
            stem = stem.substring(0, stem.offsetByCodePoints(stem.length(), -1));
        }
        return taken.resolveSibling(stem + end);
    }

    static int bytes(String name) {
        return name.getBytes(UTF_8).length;
    }

    /// The name itself where it is free, else the first that is.
    static Path beside(Path wanted, Reach.Access access) throws IOException {
        Path name = wanted;
        for (int number = 1; access.stat(name).isPresent(); number++) {
            name = numbered(wanted, number);
        }
        return name;
    }
}
