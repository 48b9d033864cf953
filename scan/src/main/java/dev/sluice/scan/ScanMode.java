package dev.sluice.scan;

/// What a virus scanner has to do with a file. The built-in checks look at every file in every mode.
public enum ScanMode {
    /// What no virus scanner has found clean is not taken in.
    REQUIRED,
    /// A virus scanner is asked; where it does not say anything the file is taken in with a warning.
    OPTIONAL,
    /// No virus scanner is asked.
    OFF
}
