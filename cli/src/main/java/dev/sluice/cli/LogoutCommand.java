package dev.sluice.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "logout",
        description = "Ends the API key that `login` has got from a server, there and here.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:", "  sluice logout --server https://files.example.com"})
final class LogoutCommand implements Callable<Integer> {
    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        var server = options.server();
        var url = LoginCommand.requireUrl(server);
        var logins = Logins.in(options.common().data());
        var login = logins.find(url)
                .orElseThrow(() -> Failure.usage("nobody has logged in at " + url + " from this data folder"));
        try {
            var answer = Http.send(
                    new Endpoint.Url(url, login.key()), "DELETE", "/api/v1/auth/keys/" + login.id(), Map.of(), "");
            if (!answer.ok() && answer.status() != 401 && answer.status() != 404) {
                throw Failure.refused(answer);
            }
        } catch (IOException e) {
            throw server.unreachable(e);
        }
        logins.forget(url);
        var out = spec.commandLine().getOut();
        out.println(
                options.json()
                        ? Json.object()
                                .put("success", true)
                                .put("server", url.toString())
                                .toString()
                        : "logged out at " + url);
        out.flush();
        return Exit.DONE;
    }
}
