package dev.sluice.imports;

/// What imports may be.
///
/// @param maxSize of a file, in bytes
/// @param concurrent how many run at a time on this node
/// @param maxErrors how many rows of a file may be wrong before it fails
/// @param currency of amounts where nothing else says it, as ISO 4217; `XXX`: none
public record ImportSettings(long maxSize, int concurrent, int maxErrors, String currency) {
    /// What ISO 4217 has for no currency.
    public static final String NO_CURRENCY = "XXX";
}
