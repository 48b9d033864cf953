package dev.sluice.cli;

/// Whether somebody looks at what we print. The launcher knows for the price of a test; the JVM would load a
/// console.
final class Terminal {
    private Terminal() {}

    static boolean present() {
        return Boolean.getBoolean("sluice.terminal");
    }
}
