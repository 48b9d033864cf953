package dev.sluice.house;

/// The process has died here: thrown where it stood, and by everything that it still tries to reach.
final class Crash extends Error {
    private static final long serialVersionUID = 1L;

    Crash(String where) {
        super("crashed " + where, null, false, false);
    }
}
