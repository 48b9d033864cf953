package dev.sluice.cli;

import dev.sluice.app.Configuration;
import dev.sluice.app.ConfigurationException;
import dev.sluice.app.DataFolder;
import dev.sluice.app.Logs;
import dev.sluice.app.Settings;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.server.SluiceServer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
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

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// Runs until the server has stopped.
    @Override
    public Integer call() throws InterruptedException {
        Logs.quiet();
        try {
            Settings settings = Configuration.load(common.data(), common.config(), flags(), System.getenv())
                    .settings();
            return serve(settings);
        } catch (ConfigurationException e) {
            throw new Failure(Exit.USAGE, ErrorCode.CONFIGURATION, String.valueOf(e.getMessage()));
        } catch (ProblemException e) {
            throw new Failure(Exit.USAGE, e.code(), e.problem().message());
        }
    }

    private int serve(Settings settings) throws InterruptedException {
        var asked = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        try (var folder = DataFolder.open(common.data());
                var server = started(folder, settings)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> endWith(asked, ended), "stop"));
            var out = spec.commandLine().getOut();
            out.println("ready " + server.url());
            out.flush();
            asked.await();
        } finally {
            ended.countDown();
        }
        return Exit.DONE;
    }

    private static SluiceServer started(DataFolder folder, Settings settings) {
        Logs.configure(folder.path(), settings.log());
        return SluiceServer.start(folder, settings);
    }

    /// Has the server close, then ends with 0: the JVM's own answer to SIGTERM would be 143.
    private static void endWith(CountDownLatch asked, CountDownLatch ended) {
        asked.countDown();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(Exit.DONE);
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
