package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.core.ErrorCode;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "login",
        description = "Lets this machine's commands in at a server elsewhere, by an API key of yours.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice login anna --server https://files.example.com",
            "  sluice upload film.mp4 --server https://files.example.com",
            "  SLUICE_API_KEY=slk_… sluice jobs --server https://files.example.com   # where nobody can log in",
            "  sluice logout --server https://files.example.com",
            "",
            "The key lies in logins.json of the data folder, readable by you only. The password is kept nowhere.",
        })
final class LoginCommand implements Callable<Integer> {
    private static final Duration AGE = Duration.ofDays(90);

    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Parameters(paramLabel = "NAME", description = "Your name there.")
    private String name = "";

    @Option(names = "--read-only", description = "The key shall let look, and change nothing.")
    private boolean readOnly;

    @Mixin
    private final Passphrase password = new Passphrase();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        var server = options.server();
        var url = requireUrl(server);
        try {
            var place = new Endpoint.Url(url, null);
            var login = "username=" + Http.encoded(name) + "&password=" + Http.encoded(password.known());
            var session = accepted(Http.send(
                            place,
                            "POST",
                            "/api/v1/auth/login",
                            Map.of("Content-Type", "application/x-www-form-urlencoded"),
                            login))
                    .path("access_token")
                    .asText();
            var inside = new Endpoint.Url(url, session);
            Logins.in(options.common().data()).keep(url, key(inside));
            accepted(Http.send(inside, "POST", "/api/v1/auth/logout", Map.of(), ""));
        } catch (IOException e) {
            throw server.unreachable(e);
        }
        var out = spec.commandLine().getOut();
        out.println(
                options.json()
                        ? Json.object()
                                .put("success", true)
                                .put("server", url.toString())
                                .toString()
                        : "logged in at " + url + " as " + name + ", for " + AGE.toDays() + " days");
        out.flush();
        return Exit.DONE;
    }

    static URI requireUrl(Server server) {
        if (server.url() == null) {
            throw Failure.usage("--server says where; on this machine the data folder lets you in");
        }
        return server.url();
    }

    private Logins.Login key(Endpoint inside) throws IOException {
        var body = Json.object()
                .put("label", "sluice on " + System.getProperty("user.name"))
                .put("expiresIn", AGE.toSeconds());
        var scopes = body.putArray("scopes").add("read");
        if (!readOnly) {
            scopes.add("write").add("admin");
        }
        var made = accepted(Http.send(
                inside, "POST", "/api/v1/auth/keys", Map.of("Content-Type", "application/json"), body.toString()));
        var key = made.path("key").asText();
        if (key.isEmpty()) {
            throw new Failure(Exit.FAILED, ErrorCode.INTERNAL, "the server's answer has no key");
        }
        return new Logins.Login(key, made.path("id").asText());
    }

    private static JsonNode accepted(Http.Answer answer) {
        if (!answer.ok()) {
            throw Failure.refused(answer);
        }
        return answer.json();
    }
}
