package dev.sluice.cli;

import dev.sluice.app.Configuration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The flags that are settings: what `serve` runs with, `config` shows and `doctor` looks at.
final class SettingsOptions {
    @Option(names = "--host", paramLabel = "HOST", description = "The address to listen on (default: 127.0.0.1).")
    private @Nullable String host;

    @Option(names = "--port", paramLabel = "PORT", description = "The port, 0 for any free one (default: 8080).")
    private @Nullable Integer port;

    @Option(
            names = "--allow-origin",
            paramLabel = "ORIGIN",
            description = "Pages of this origin may use the server (repeatable; * for any part of a name).")
    private List<String> origins = List.of();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Any setting of docs/configuration.md (repeatable).")
    private Map<String, String> set = Map.of();

    /// @throws ConfigurationException where something is not as it must be: it says what and where
    Configuration load(CommonOptions common) {
        return Configuration.load(common.data(), common.config(), flags(), System.getenv());
    }

    private Map<String, String> flags() {
        var flags = new HashMap<>(set);
        if (host != null) {
            flags.put("server.host", host);
        }
        if (port != null) {
            flags.put("server.port", port.toString());
        }
        if (!origins.isEmpty()) {
            flags.put("cors.origins", String.join(",", origins));
        }
        return flags;
    }
}
