package dev.sluice.app;

import dev.sluice.imports.ImportSettings;
import dev.sluice.scan.ClamdAddress;
import dev.sluice.scan.ScanMode;
import dev.sluice.scan.ScanSettings;
import dev.sluice.scan.Scanning;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Imports as their settings have them.
public final class ConfiguredImports {
    private static final Pattern CURRENCY = Pattern.compile("[A-Z]{3}");

    private ConfiguredImports() {}

    /// @throws ConfigurationException where a setting cannot be: it names its key
    public static ImportSettings of(Settings.Imports imports) {
        if (imports.concurrent() < 1) {
            throw new ConfigurationException("imports.concurrent is " + imports.concurrent() + "; 1 is the least");
        }
        if (imports.maxErrors() < 0) {
            throw new ConfigurationException("imports.max-errors is " + imports.maxErrors() + "; 0 is the least");
        }
        String currency = imports.currency()
                .map(word -> word.strip().toUpperCase(Locale.ROOT))
                .orElse(ImportSettings.NO_CURRENCY);
        if (!CURRENCY.matcher(currency).matches()) {
            throw new ConfigurationException("imports.currency is no code of ISO 4217, as EUR: " + currency);
        }
        return new ImportSettings(imports.maxSize().bytes(), imports.concurrent(), imports.maxErrors(), currency);
    }

    /// @throws ConfigurationException where a setting cannot be: it names its key
    public static ScanSettings of(Settings.Scan scan) {
        ClamdAddress clamd = address(scan);
        ScanSettings standard = ScanSettings.of(mode(scan, clamd), clamd);
        return new ScanSettings(
                standard.mode(),
                clamd,
                standard.connect(),
                standard.stall(),
                scan.timeout(),
                scan.streamLimit().bytes());
    }

    /// Whether imports cannot do without clamd.
    ///
    /// @throws ConfigurationException where a setting cannot be: it names its key
    public static boolean needsClamd(Settings.Scan scan) {
        return of(scan).mode() == ScanMode.REQUIRED;
    }

    /// Asks clamd what it is; empty where imports do not ask it.
    ///
    /// @throws ConfigurationException where a setting cannot be: it names its key
    /// @throws dev.sluice.core.ProblemException `scanner_unavailable` where it does not answer
    public static Optional<String> reach(Settings.Scan scan) {
        return new Scanning(of(scan)).introduction();
    }

    private static @Nullable ClamdAddress address(Settings.Scan scan) {
        try {
            return scan.clamd().map(ClamdAddress::of).orElse(null);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("scan.clamd: " + e.getMessage(), e);
        }
    }

    private static ScanMode mode(Settings.Scan scan, @Nullable ClamdAddress clamd) {
        String word = scan.mode().orElse(clamd == null ? "optional" : "required");
        try {
            ScanMode mode = ScanMode.valueOf(word.strip().toUpperCase(Locale.ROOT));
            if (mode == ScanMode.REQUIRED && clamd == null) {
                throw new ConfigurationException("scan.mode is required, and scan.clamd does not say where clamd is");
            }
            return mode;
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("scan.mode is " + word + "; required, optional and off are known", e);
        }
    }
}
