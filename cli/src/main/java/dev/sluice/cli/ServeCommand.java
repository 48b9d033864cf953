package dev.sluice.cli;

import dev.sluice.app.ConfigurationException;
import dev.sluice.app.DataFolder;
import dev.sluice.app.Logs;
import dev.sluice.app.Settings;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.server.SluiceServer;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "serve",
        description = "Starts the server: the API, the live events, and all data in one folder.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice serve                                # 127.0.0.1:8080, data in ~/.sluice",
            "  sluice serve --port 0 --data /tmp/try       # any free port; prints: ready http://127.0.0.1:PORT",
            "  SLUICE_JAVA_OPTS=-Xmx2g sluice serve        # more memory",
            "  sluice serve --host 0.0.0.0 --set auth.mode=accounts   # others log in; prints a link for the first",
            "",
            "Ends with 0 on SIGTERM or Ctrl-C.",
        })
final class ServeCommand implements Callable<Integer> {
    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Mixin
    private final SettingsOptions flags = new SettingsOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// Runs until the server has stopped.
    @Override
    public Integer call() throws InterruptedException {
        Logs.quiet();
        try {
            return serve(flags.load(common).settings());
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
            server.setupLink().ifPresent(link -> out.println("first user: " + link));
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
}
