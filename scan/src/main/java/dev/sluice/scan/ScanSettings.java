package dev.sluice.scan;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How files are scanned.
///
/// @param clamd where clamd listens; none: only the built-in checks look
/// @param connect how long it may take until clamd takes a connection
/// @param stall how long clamd may take nothing of what is sent to it
/// @param answer how long clamd may take for its verdict when it has the whole file; its own `MaxScanTime` is 120 s
/// @param streamLimit in bytes: the least of clamd's `StreamMaxLength`, `MaxFileSize` and `MaxScanSize`. Above the
///     latter two clamd says `OK` of what it has not looked at, and it tells nobody what they are
public record ScanSettings(
        ScanMode mode,
        @Nullable ClamdAddress clamd,
        Duration connect,
        Duration stall,
        Duration answer,
        long streamLimit) {

    /// What every release of clamd takes unless it is told otherwise: 25 MiB.
    public static final long LEAST_STREAM_LIMIT = 25L << 20;

    /// @throws IllegalArgumentException where a virus scanner is required and none is named, or a bound is none
    public ScanSettings {
        if (mode == ScanMode.REQUIRED && clamd == null) {
            throw new IllegalArgumentException("a virus scanner is required, and the address of clamd is not set");
        }
        if (!isBound(connect) || !isBound(stall) || !isBound(answer) || streamLimit < 1) {
            throw new IllegalArgumentException("the bounds of a scan are more than nothing");
        }
    }

    /// With the usual patience, for a clamd of which nothing is known.
    public static ScanSettings of(ScanMode mode, @Nullable ClamdAddress clamd) {
        return new ScanSettings(
                mode,
                clamd,
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofSeconds(130),
                LEAST_STREAM_LIMIT);
    }

    /// Only the built-in checks.
    public static ScanSettings off() {
        return of(ScanMode.OFF, null);
    }

    public ScanSettings withStreamLimit(long bytes) {
        return new ScanSettings(mode, clamd, connect, stall, answer, bytes);
    }

    private static boolean isBound(Duration patience) {
        return Objects.requireNonNull(patience).isPositive();
    }
}
