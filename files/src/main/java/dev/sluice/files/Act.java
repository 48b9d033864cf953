package dev.sluice.files;

/// What one step of an operation does.
enum Act {
    /// Makes a folder, with the permissions of its source.
    FOLDER('d'),
    /// Copies a file's bytes.
    COPY('c'),
    /// Makes a link that says the same.
    LINK('l'),
    /// Gives the copy of an earlier step another name.
    HARD_LINK('h'),
    /// Renames, in one step of the file system; a folder with all that is in it.
    RENAME('r'),
    /// Renames to a name beside it, to make room in a circle of new names.
    PARK('p'),
    /// Does nothing, on purpose.
    SKIP('s'),
    /// Cannot be done, and the plan says why.
    IMPOSSIBLE('x');

    private final char letter;

    Act(char letter) {
        this.letter = letter;
    }

    char letter() {
        return letter;
    }

    static Act of(char letter) {
        for (Act act : values()) {
            if (act.letter == letter) {
                return act;
            }
        }
        throw new IllegalArgumentException("no act " + letter);
    }

    /// Whether it makes something new out of what stays at its source.
    boolean copies() {
        return this == COPY || this == LINK || this == HARD_LINK;
    }
}
