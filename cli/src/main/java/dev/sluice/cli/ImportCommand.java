package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "import",
        description = "Brings the transactions of banks' CSV files into the database.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice import march.csv --account giro --currency EUR",
            "  sluice import *.csv                     # several files are one batch: cancel them by one id",
            "  sluice import march.csv --profile mybank",
            "  sluice import march.csv --json | jq -r '.stage + \" \" + (.progress|tostring)'",
            "",
            "Encoding, separators, dates and decimals are found out. The same file again adds nothing. What is wrong is",
            "told by `sluice imports rejects ID`; `sluice imports undo ID` takes an import back.",
            "Ctrl-C cancels (exit 130): no row of it stays. With --no-wait the command ends when the files are sent.",
        })
final class ImportCommand implements Callable<Integer> {
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final long ANSWER_SECONDS = 60;

    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "A bank's CSV file.")
    private List<Path> files = List.of();

    @Option(names = "--account", paramLabel = "A", description = "Whose rows they are where the file does not say it.")
    private @Nullable String account;

    @Option(names = "--currency", paramLabel = "C", description = "Of amounts that name none, as EUR.")
    private @Nullable String currency;

    @Option(names = "--profile", paramLabel = "P", description = "How the files are to be read, by its name.")
    private @Nullable String profile;

    @Option(names = "--no-wait", description = "End when the files are sent.")
    private boolean noWait;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        for (var file : files) {
            if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
                throw Failure.usage(file + " is no file that can be read");
            }
        }
        var server = options.server();
        var interrupt = Interrupt.onCtrlC();
        var batch = send(server);
        interrupt.arm();
        if (!options.json()) {
            say("batch " + batch);
        }
        if (noWait) {
            return Exit.DONE;
        }
        try {
            interrupt.check();
            return follow(server, batch);
        } catch (InterruptedException e) {
            interrupt.answered();
            return cancel(server, batch);
        }
    }

    private String send(Server server) {
        Map<String, String> fields = new LinkedHashMap<>();
        put(fields, "account", account);
        put(fields, "currency", currency);
        put(fields, "profile", profile);
        var form = new FormOfFiles(fields, files);
        try (var exchange = Http.open(
                server.endpoint(),
                "POST",
                "/api/v1/upload/csv",
                Map.of("Content-Type", form.contentType(), "Accept", "application/json"),
                form.length())) {
            form.writeTo(exchange);
            var answer = exchange.await(ANSWER_SECONDS);
            if (!answer.ok()) {
                throw Failure.of(answer);
            }
            return answer.json().path("batch_id").asText();
        } catch (IOException e) {
            throw server.unreachable(e);
        }
    }

    private static void put(Map<String, String> fields, String name, @Nullable String value) {
        if (value != null) {
            fields.put(name, value);
        }
    }

    private int follow(Server server, String batch) throws InterruptedException {
        var backoff = new Backoff(RandomGenerator.getDefault());
        @Nullable JsonNode told = null;
        while (true) {
            try {
                var answer = server.get("/api/v1/imports/" + batch);
                if (answer.status() >= 500) {
                    throw new IOException(Failure.of(answer).getMessage());
                }
                if (!answer.ok()) {
                    throw Failure.of(answer);
                }
                backoff.reset();
                var now = answer.json();
                tell(now, told);
                told = now;
                var status = now.path("status").asText();
                if (!status.equals("processing") && !status.equals("connected")) {
                    return ended(now, status);
                }
                Thread.sleep(LOOK);
            } catch (IOException gone) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("Ctrl-C");
                }
                complain(Failure.why(gone) + "; the import goes on where the server does; asking again");
                Thread.sleep(backoff.next());
            }
        }
    }

    private void tell(JsonNode now, @Nullable JsonNode told) {
        if (options.json()) {
            if (told == null || !same(now, told)) {
                say(now.toString());
            }
        } else if (told == null || !now.path("stage").equals(told.path("stage"))) {
            var stage = now.path("stage").asText();
            // Before that it is not known how many there are.
            var rows = stage.equals("validation")
                    ? ""
                    : "  %,d rows".formatted(now.path("details").path("total").asLong());
            say("%5.1f %%  %-14s%s".formatted(now.path("progress").asDouble(), stage, rows).stripTrailing());
        }
    }

    private static boolean same(JsonNode now, JsonNode told) {
        return now.path("progress").equals(told.path("progress"))
                && now.path("stage").equals(told.path("stage"))
                && now.path("status").equals(told.path("status"));
    }

    private int ended(JsonNode now, String status) {
        if (!options.json()) {
            var text = status.equals("error")
                    ? now.path("error").asText(now.path("message").asText())
                    : now.path("message").asText();
            if (status.equals("completed")) {
                say(text);
            } else {
                complain(text);
            }
        }
        return switch (status) {
            case "completed" -> Exit.DONE;
            case "cancelled" -> Exit.CANCELLED;
            default -> Exit.FAILED;
        };
    }

    private int cancel(Server server, String batch) {
        try {
            var answer = server.post("/api/v1/cli/cancel/" + batch, "application/json");
            complain(answer.json().path("message").asText("cancelled"));
        } catch (IOException e) {
            complain("the server could not be told: " + Failure.why(e) + "; type: sluice cancel " + batch);
        }
        return Exit.CANCELLED;
    }

    private void say(String line) {
        print(spec.commandLine().getOut(), line);
    }

    private void complain(String text) {
        print(spec.commandLine().getErr(), "sluice: " + text);
    }

    private static void print(PrintWriter to, String line) {
        to.println(line);
        to.flush();
    }
}
