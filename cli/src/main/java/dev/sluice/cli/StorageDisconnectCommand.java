package dev.sluice.cli;

import dev.sluice.core.ErrorCode;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "disconnect",
        description = "Forgets an account of a storage. Its files stay where they are.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Example:",
            "  sluice storage disconnect drive somebody@example.com",
            "",
            "Uploads that it has begun fail. To take back what Google has granted as well, see",
            "https://myaccount.google.com/connections.",
        })
final class StorageDisconnectCommand implements Callable<Integer> {
    @Mixin
    private final AccountOptions options = new AccountOptions();

    @Parameters(index = "1", paramLabel = "ACCOUNT", description = "The account, as `sluice storage list` names it.")
    private String account = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        var socket = options.socket();
        if (socket != null) {
            ask(socket);
        } else {
            var unused = options.alone(options.settings(), storage -> {
                storage.disconnect(account);
                return account;
            });
        }
        var out = spec.commandLine().getOut();
        out.println(
                options.common().json()
                        ? Json.object()
                                .put("success", true)
                                .put("storage", options.storage())
                                .put("account", account)
                                .toString()
                        : "disconnected " + account + " from " + options.storage());
        out.flush();
        return Exit.DONE;
    }

    private void ask(Endpoint socket) {
        try {
            var answer = Http.send(
                    socket,
                    "DELETE",
                    options.path() + "/" + Http.encoded(account),
                    Map.of("Accept", "application/json"),
                    "");
            if (!answer.ok()) {
                throw Failure.of(answer);
            }
        } catch (IOException e) {
            throw new Failure(Exit.FAILED, ErrorCode.UPSTREAM_UNAVAILABLE, Failure.why(e), e);
        }
    }
}
