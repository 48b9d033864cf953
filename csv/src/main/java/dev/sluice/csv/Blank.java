package dev.sluice.csv;

/// What looks like nothing: spaces of any width, also those that do not break, tabs, line ends.
final class Blank {
    private Blank() {}

    static boolean is(char c) {
        return c <= ' ' || (c >= '\u00a0' && (c == '\u00a0' || Character.isSpaceChar(c) || c == '\ufeff'));
    }
}
