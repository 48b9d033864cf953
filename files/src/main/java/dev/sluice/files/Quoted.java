package dev.sluice.files;

/// How a name that somebody gave stands in a message: in quotes, on one line, and not endless.
final class Quoted {
    private static final int MOST = 120;

    private Quoted() {}

    static String of(String name) {
        String shown = name.length() <= MOST ? name : name.substring(0, MOST) + "…";
        return '"' + shown.replaceAll("\\p{Cntrl}", "?") + '"';
    }
}
