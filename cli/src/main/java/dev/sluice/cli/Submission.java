package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.core.ErrorCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.util.Map;
import java.util.UUID;
import java.util.random.RandomGenerator;

/// A request that makes jobs.
final class Submission {
    private final Server server;
    private final Interrupt interrupt;
    private final PrintWriter err;

    /// @param interrupt that is not armed yet
    Submission(Server server, Interrupt interrupt, PrintWriter err) {
        this.server = server;
        this.interrupt = interrupt;
        this.err = err;
    }

    /// Asks until there is an answer, under one key: what a lost answer was about is not made twice. Where no
    /// server has been reached yet, there is nothing to go on with.
    ///
    /// @throws Failure where the answer is a refusal
    JsonNode send(String route, JsonNode request) {
        var key = Map.of("Idempotency-Key", UUID.randomUUID().toString());
        var backoff = new Backoff(RandomGenerator.getDefault());
        while (true) {
            try {
                var answer = server.postJson(route, key, request);
                if (answer.ok()) {
                    return answer.json();
                }
                if (backoff.failures() == 0 || answer.status() != 503) {
                    throw Failure.of(answer);
                }
                goOnAfter(Failure.of(answer));
            } catch (IOException e) {
                var nobody = e instanceof ConnectException || e.getCause() instanceof ProtocolException;
                if (nobody && backoff.failures() == 0) {
                    throw server.unreachable(e);
                }
                goOnAfter(e);
            }
            interrupt.pause(backoff.next());
        }
    }

    private void goOnAfter(Exception lost) {
        if (interrupt.fired()) {
            throw new Failure(
                    Exit.CANCELLED,
                    ErrorCode.CANCELLED,
                    "cancelled, but the server did not say what it had begun; see: sluice jobs",
                    lost);
        }
        err.println("sluice: " + Failure.why(lost) + "; trying again");
        err.flush();
    }
}
