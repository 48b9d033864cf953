package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.app.AccountConsent;
import dev.sluice.app.Settings;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import dev.sluice.storage.StorageAccount;
import dev.sluice.wire.TextTables;
import dev.sluice.wire.Texts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "connect",
        description = "Connects a Google account to a storage of the kind gdrive: you consent in a browser.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice storage connect drive",
            "  sluice storage connect drive --port 8766 --no-browser   # on a machine without a screen",
            "",
            "On a machine without a screen choose a --port, and reach it from the machine with the browser:",
            "  ssh -L 8766:127.0.0.1:8766 that-machine",
            "then open the address that was printed there. Connecting an account again renews it.",
            "The storage needs client-id and client-secret: docs/operations.md, \"Google Drive\".",
        })
final class StorageConnectCommand implements Callable<Integer> {
    @Mixin
    private final AccountOptions options = new AccountOptions();

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "The port of 127.0.0.1 that the browser brings the answer to (default: any free one).")
    private int port;

    @Option(names = "--no-browser", negatable = false, description = "Only prints the address.")
    private boolean quiet;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            description = "How long the consent is waited for (default: ${DEFAULT-VALUE}).")
    private int wait = 300;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        if (port < 0 || port > 65_535) {
            throw Failure.usage("--port: a port is a number from 0 to 65535, not " + port);
        }
        var settings = options.settings();
        var interrupt = Interrupt.onCtrlC();
        var stop = new StopToken();
        try (var listener = ConsentListener.open(port);
                var consent =
                        AccountOptions.held(() -> AccountConsent.of(options.storage(), settings, listener.address()))) {
            interrupt.arm();
            interrupt.closes(() -> {
                stop.fire(StopReason.CANCELLED);
                listener.answered().cancel(false);
            });
            return connect(settings, listener, consent, stop);
        } catch (Stopped | InterruptedException e) {
            interrupt.answered();
            throw new Failure(Exit.CANCELLED, ErrorCode.CANCELLED, "not connected", e);
        }
    }

    private int connect(Settings settings, ConsentListener listener, AccountConsent consent, StopToken stop)
            throws InterruptedException {
        listener.expect(consent::isAnswer);
        ask(listener, consent);
        try {
            var answer = await(listener);
            if (answer.code().isEmpty()) {
                throw new Failure(
                        Exit.REFUSED,
                        ErrorCode.FORBIDDEN,
                        "not connected: Google says " + Texts.printable(answer.error()));
            }
            var grant = AccountOptions.held(() -> consent.grant(answer.code(), stop));
            var account = keep(settings, grant);
            tell(account);
            listener.show(true, words(account) + " You can close this page.");
            return Exit.DONE;
        } catch (Failure e) {
            listener.show(false, String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private void ask(ConsentListener listener, AccountConsent consent) {
        var opened = !quiet && Browser.open(consent.page());
        var err = spec.commandLine().getErr();
        err.println(opened ? "A browser opens; if none does, open this address:" : "Open this address in a browser:");
        err.println();
        err.println("  " + consent.page());
        err.println();
        if (!opened) {
            err.println("If the browser is on another machine, first run there:");
            err.println();
            err.println("  ssh -L " + listener.port() + ":127.0.0.1:" + listener.port() + " " + host());
            err.println();
        }
        err.flush();
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "THIS-MACHINE";
        }
    }

    private ConsentListener.Answer await(ConsentListener listener) throws InterruptedException {
        try {
            return listener.answered().get(wait, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new Failure(
                    Exit.FAILED, ErrorCode.EXPIRED, "nobody has consented within " + wait + " s; begin again", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (java.util.concurrent.CancellationException e) {
            throw new Stopped(StopReason.CANCELLED);
        }
    }

    /// Gives the account to the server that runs on the data folder, or puts it there.
    private ObjectNode keep(Settings settings, String grant) {
        var socket = options.socket();
        return socket == null
                ? document(options.alone(settings, storage -> storage.connect(grant)))
                : handOver(socket, grant);
    }

    private ObjectNode handOver(Endpoint socket, String grant) {
        try {
            var answer = Http.send(
                    socket,
                    "POST",
                    options.path(),
                    Map.of("Accept", "application/json", "Content-Type", "application/json"),
                    Json.object().put("grant", grant).toString());
            if (!answer.ok()) {
                throw Failure.of(answer);
            }
            return answer.json() instanceof ObjectNode document ? document : Json.object();
        } catch (IOException e) {
            throw new Failure(Exit.FAILED, ErrorCode.UPSTREAM_UNAVAILABLE, Failure.why(e), e);
        }
    }

    private static ObjectNode document(StorageAccount account) {
        var document = Json.object()
                .put("account", account.account())
                .put("state", account.state().word())
                .put("sentToday", account.sentToday());
        @Nullable Long free = account.free();
        return free == null ? document : document.put("free", free);
    }

    private void tell(ObjectNode account) {
        var out = spec.commandLine().getOut();
        out.println(
                options.common().json()
                        ? Json.object()
                                .put("success", true)
                                .put("storage", options.storage())
                                .setAll(account)
                                .toString()
                        : words(account));
        out.flush();
    }

    private String words(JsonNode account) {
        return account.path("account").asText() + " is connected to " + options.storage()
                + (account.has("free")
                        ? ", with " + TextTables.size(account.path("free").asLong()) + " free."
                        : ", without a bound of its own.");
    }
}
