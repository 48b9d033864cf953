package dev.sluice.cli;

import dev.sluice.app.Configuration;
import dev.sluice.app.ConfigurationException;
import dev.sluice.app.Logs;
import dev.sluice.app.OneStorage;
import dev.sluice.app.Settings;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.Storage;
import java.net.ConnectException;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What the commands take that change the accounts of a storage. They go through the socket of the server that runs on
/// the data folder; where none runs, they work on the folder themselves and hold its lock meanwhile.
final class AccountOptions {
    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Any setting of docs/configuration.md, as the server has it (repeatable).")
    private Map<String, String> set = Map.of();

    @Parameters(index = "0", paramLabel = "NAME", description = "The storage.")
    private String storage = "";

    CommonOptions common() {
        return common;
    }

    String storage() {
        return storage;
    }

    Settings settings() {
        Logs.quiet();
        return held(() -> Configuration.load(common.data(), common.config(), set, System.getenv())
                .settings());
    }

    interface Work<T> {
        T run();
    }

    /// Says what a command is told of wrong settings and refusals as its own failure.
    static <T> T held(Work<T> work) {
        try {
            return work.run();
        } catch (ConfigurationException e) {
            throw new Failure(Exit.USAGE, ErrorCode.CONFIGURATION, String.valueOf(e.getMessage()));
        } catch (ProblemException e) {
            throw new Failure(Exit.of(e.code().status()), e.code(), e.problem().message());
        }
    }

    /// Where a server listens on the data folder; null where none runs there.
    @Nullable
    Endpoint socket() {
        var path = common.data().resolve("sluice.sock");
        if (!Files.exists(path)) {
            return null;
        }
        var socket = new Endpoint.Unix(path);
        try {
            socket.connect().close();
            return socket;
        } catch (ConnectException e) {
            // It was killed: the next one takes its socket away.
            return null;
        } catch (java.io.IOException e) {
            throw new Failure(
                    Exit.UNREACHABLE,
                    ErrorCode.UPSTREAM_UNAVAILABLE,
                    "the server on " + common.data() + " cannot be reached: " + Failure.why(e),
                    e);
        }
    }

    /// Works on the storage where no server runs.
    <T> T alone(Settings settings, Function<Storage, T> work) {
        return held(() -> {
            try (var one = OneStorage.open(storage, common.data(), settings)) {
                var where = one.storage();
                return CompletableFuture.supplyAsync(() -> work.apply(where), where.executor())
                        .join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        });
    }

    String path() {
        return "/api/v1/storages/" + Http.encoded(storage) + "/accounts";
    }
}
