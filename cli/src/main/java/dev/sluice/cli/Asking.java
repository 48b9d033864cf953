package dev.sluice.cli;

import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;

/// One request to the server, its answer printed.
final class Asking {
    interface Question {
        Http.Answer ask(Server server) throws IOException;
    }

    private Asking() {}

    /// @return the exit code that goes with the answer
    static int print(ServerOptions options, CommandSpec spec, Question question) {
        var server = options.server();
        Http.Answer answer;
        try {
            answer = question.ask(server);
        } catch (IOException e) {
            throw server.unreachable(e);
        }
        if (!answer.ok() && !(options.json() && answer.json().has("success"))) {
            throw Failure.of(answer);
        }
        var out = spec.commandLine().getOut();
        if (!answer.text().isEmpty()) {
            out.println(answer.text().stripTrailing());
            out.flush();
        }
        return Exit.of(answer.status());
    }
}
