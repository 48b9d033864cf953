package dev.sluice.cli;

import dev.sluice.app.ConfigurationException;
import dev.sluice.app.ConfiguredStorage;
import dev.sluice.app.Logs;
import dev.sluice.core.ErrorCode;
import dev.sluice.wire.StorageListDocument;
import dev.sluice.wire.TextTables;
import java.net.ConnectException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "list",
        description = "Lists the storages: of the running server, or of the configuration where none runs.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice storage list",
            "  sluice storage list --json | jq -r '.storages[] | select(.default) | .name'",
            "  sluice storage list --server http://127.0.0.1:8080",
        })
final class StorageListCommand implements Callable<Integer> {
    private static final String PATH = "/api/v1/storages";

    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Mixin
    private final SettingsOptions flags = new SettingsOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        var server = options.server();
        if (server.url() == null && !running(server)) {
            return configured();
        }
        return Asking.print(options, spec, there -> options.json() ? there.get(PATH) : there.getText(PATH));
    }

    private static boolean running(Server server) {
        try {
            server.endpoint().connect().close();
            return true;
        } catch (ConnectException nobody) {
            return false;
        } catch (java.io.IOException e) {
            throw server.unreachable(e);
        }
    }

    private int configured() {
        Logs.quiet();
        var data = options.common().data();
        StorageListDocument document;
        try {
            var settings = flags.load(options.common()).settings();
            document = new StorageListDocument(ConfiguredStorage.all(settings, data).stream()
                    .map(storage -> new StorageListDocument.Storage(
                            storage.name(), storage.kind(), storage.standard(), storage.place(), null))
                    .toList());
        } catch (ConfigurationException e) {
            throw new Failure(Exit.USAGE, ErrorCode.CONFIGURATION, Failure.why(e));
        }
        var out = spec.commandLine().getOut();
        out.print(
                options.json() ? dev.sluice.wire.Json.text(document) + "\n" : TextTables.storages(document.storages()));
        out.flush();
        return Exit.DONE;
    }
}
