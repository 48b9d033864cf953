package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// What this runs on.
final class Machine {
    private Machine() {}

    static String describe() {
        return String.format(
                Locale.ROOT,
                "%s, %d cores, %.0f GiB, %s %s",
                field(Path.of("/proc/cpuinfo"), "model name"),
                Runtime.getRuntime().availableProcessors(),
                memory("MemTotal") / (double) (1 << 30),
                System.getProperty("os.name"),
                System.getProperty("os.version"));
    }

    /// What programs may still take, in bytes.
    static long freeMemory() {
        return memory("MemAvailable");
    }

    private static long memory(String field) {
        return Long.parseLong(field(Path.of("/proc/meminfo"), field).replaceAll("\\D", "")) << 10;
    }

    private static String field(Path file, String name) {
        try {
            return Files.readString(file)
                    .lines()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown processor");
        } catch (IOException e) {
            throw new BenchException("cannot read " + file, e);
        }
    }
}
