package dev.sluice.cli;

import java.io.PrintWriter;

/// Some lines on a terminal that are drawn over again. Used by one thread.
final class Redrawn {
    private static final int BAR = 20;
    private static final int WIDTH = 79;

    private final PrintWriter err;
    private int drawn;

    Redrawn(PrintWriter err) {
        this.err = err;
    }

    /// Draws lines, each with its end, in the place of those before.
    void draw(String lines) {
        err.print(start() + lines);
        err.flush();
        drawn = Math.toIntExact(lines.chars().filter(c -> c == '\n').count());
    }

    /// Goes back to where drawing began and wipes what is there.
    private String start() {
        return drawn == 0 ? "" : "\u001b[" + drawn + "A\u001b[J";
    }

    void wipe() {
        draw("");
    }

    /// What is drawn stays.
    void leave() {
        drawn = 0;
    }

    /// Says something in the place of what is drawn.
    void note(String text) {
        wipe();
        err.println("sluice: " + text);
        err.flush();
    }

    /// A bar, and behind it what fits into the line.
    static String bar(double percent, String text) {
        var full = (int) Math.round(Math.clamp(percent, 0, 100) / 100 * BAR);
        var line = "█".repeat(full) + "░".repeat(BAR - full) + " " + text;
        return line.length() > WIDTH ? line.substring(0, WIDTH - 1) + "…" : line;
    }
}
