package dev.sluice.files;

import java.io.IOException;
import java.nio.file.Path;

/// How a file is called whose name is taken: `name (1).ext`.
final class FreeName {
    private FreeName() {}

    static Path numbered(Path taken, int number) {
        String name = String.valueOf(taken.getFileName());
        int dot = name.lastIndexOf('.');
        int cut = dot <= 0 ? name.length() : dot;
        return taken.resolveSibling(name.substring(0, cut) + " (" + number + ")" + name.substring(cut));
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
