package dev.sluice.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What every command takes.
final class CommonOptions {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data folder (default: SLUICE_DATA, else ~/.sluice).")
    private @Nullable Path data;

    @Option(names = "--config", paramLabel = "FILE", description = "A configuration file (YAML).")
    private @Nullable Path config;

    @Option(names = "--json", description = "Answer in JSON, one document a line.")
    private boolean json;

    /// The data folder, absolute.
    Path data() {
        if (data != null) {
            return data.toAbsolutePath();
        }
        var named = System.getenv("SLUICE_DATA");
        return named == null || named.isBlank()
                ? Path.of(System.getProperty("user.home"), ".sluice")
                : Path.of(named).toAbsolutePath();
    }

    @Nullable
    Path config() {
        return config;
    }

    boolean json() {
        return json;
    }
}
