package dev.sluice.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "serve",
        description = "Starts the server: page, API and data in one folder.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice serve                                # 127.0.0.1:8080, data in ~/.sluice",
            "  sluice serve --port 0 --data /tmp/try       # any free port; prints: ready http://127.0.0.1:PORT",
            "  SLUICE_JAVA_OPTS=-Xmx2g sluice serve        # more memory",
            "",
            "Ends with 0 on SIGTERM or Ctrl-C.",
        })
final class ServeCommand implements Callable<Integer> {
    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Option(names = "--host", paramLabel = "HOST", description = "The address to listen on (default: 127.0.0.1).")
    private @Nullable String host;

    @Option(names = "--port", paramLabel = "PORT", description = "The port, 0 for any free one (default: 8080).")
    private @Nullable Integer port;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// Runs until the server has stopped.
    @Override
    public Integer call() {
        // THE ONE PLACE that starts the server: configuration from common.data(), common.config(), host and port
        // (absent where not given), then dev.sluice.server.SluiceServer; prints `ready URL` on spec's out; blocks.
        throw new Failure(
                Exit.FAILED,
                "internal",
                "%s: no server to start on %s (%s:%s)"
                        .formatted(spec.qualifiedName(), common.data(), host == null ? "-" : host, port));
    }
}
