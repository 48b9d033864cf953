package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.core.ErrorCode;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
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
        description =
                "Brings banks' CSV files into the database as transactions, and others into tables of their profiles.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice import march.csv --account giro --currency EUR",
            "  sluice import march.csv --dry-run       # how it would be read: columns, first rows, what is doubtful",
            "  sluice import *.csv                     # several files are one batch: cancel them by one id",
            "  sluice import march.csv --profile mybank",
            "  sluice import march.csv --profile readings # into the table of that profile; see `sluice tables`",
            "  sluice import march.csv --json | jq -r 'select(.stage) | .stage + \" \" + (.progress|tostring)'",
            "",
            "Encoding, separators, dates and decimals are found out. The same file again adds nothing. What is wrong is",
            "told by `sluice imports rejects ID`; `sluice imports undo ID` takes an import back.",
            "Ctrl-C cancels (exit 130): no row of it stays. With --no-wait the command ends when the files are sent.",
        })
final class ImportCommand implements Callable<Integer> {
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Duration MOMENT = Duration.ofMillis(300);
    private static final long ANSWER_SECONDS = 600;

    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "A CSV file.")
    private List<Path> files = List.of();

    @Option(
            names = "--account",
            paramLabel = "A",
            description = "Whose rows they are where the file does not say it (default: main).")
    private @Nullable String account;

    @Option(names = "--currency", paramLabel = "C", description = "Of amounts that name none, as EUR.")
    private @Nullable String currency;

    @Option(names = "--profile", paramLabel = "P", description = "How the files are to be read, by its name.")
    private @Nullable String profile;

    @Option(names = "--dry-run", description = "Say how each file would be read, and import none.")
    private boolean dryRun;

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
        interrupt.arm();
        return dryRun ? preview(server, interrupt) : imports(server, interrupt);
    }

    // ---- Looking only

    private int preview(Server server, Interrupt interrupt) {
        var out = spec.commandLine().getOut();
        var readable = true;
        for (var file : files) {
            try {
                var seen = send(server, interrupt, "/api/v1/imports/preview", List.of(file), Map.of());
                readable &= seen.path("problems").isEmpty();
                out.print(options.json() ? seen + "\n" : ImportPreviewText.of(seen));
                out.flush();
            } catch (IOException e) {
                throw interrupt.fired() ? cancelled() : lost(server, e);
            }
        }
        return readable ? Exit.DONE : Exit.FAILED;
    }

    private static Failure cancelled() {
        return new Failure(Exit.CANCELLED, ErrorCode.CANCELLED, "cancelled; nothing was imported");
    }

    private static Failure lost(Server server, IOException why) {
        return why instanceof ConnectException
                ? server.unreachable(why)
                : new Failure(
                        Exit.FAILED,
                        ErrorCode.UPSTREAM_UNAVAILABLE,
                        "the server was lost while the files were sent, and nothing was imported: " + Failure.why(why),
                        why);
    }

    private JsonNode send(Server server, Interrupt interrupt, String route, List<Path> which, Map<String, String> more)
            throws IOException {
        Map<String, String> fields = new LinkedHashMap<>(more);
        put(fields, "account", account);
        put(fields, "currency", currency);
        put(fields, "profile", profile);
        var form = new FormOfFiles(fields, which);
        try (var exchange = Http.open(
                server.endpoint(),
                "POST",
                route,
                Map.of("Content-Type", form.contentType(), "Accept", "application/json"),
                form.length())) {
            interrupt.closes(exchange);
            form.writeTo(exchange);
            var answer = exchange.await(ANSWER_SECONDS);
            if (!answer.ok()) {
                throw Failure.of(answer);
            }
            return answer.json();
        }
    }

    private static void put(Map<String, String> fields, String name, @Nullable String value) {
        if (value != null) {
            fields.put(name, value);
        }
    }

    // ---- Importing

    private int imports(Server server, Interrupt interrupt) {
        var batch = UUID.randomUUID().toString();
        var view = view();
        try {
            view.began(begin(server, interrupt, batch));
            if (noWait) {
                return Exit.DONE;
            }
            interrupt.check();
            return follow(server, batch, view);
        } catch (InterruptedException e) {
            interrupt.answered();
            return cancel(server, batch, view);
        }
    }

    /// The batch has a name of ours: so it can be found where the answer was lost.
    private JsonNode begin(Server server, Interrupt interrupt, String batch) throws InterruptedException {
        try {
            return send(server, interrupt, "/api/v1/upload/csv", files, Map.of("batch_id", batch));
        } catch (IOException e) {
            interrupt.check();
            if (isThere(server, batch)) {
                return Json.object().put("batch_id", batch).put("status", "processing");
            }
            throw lost(server, e);
        }
    }

    private static boolean isThere(Server server, String batch) {
        try {
            return server.get("/api/v1/imports/" + Http.encoded(batch)).ok();
        } catch (IOException unreachable) {
            return false;
        }
    }

    private ImportView view() {
        var out = spec.commandLine().getOut();
        var err = spec.commandLine().getErr();
        if (options.json()) {
            return ImportView.json(out);
        }
        return Terminal.present() ? ImportView.bars(out, err) : ImportView.lines(out, err);
    }

    private int follow(Server server, String batch, ImportView view) throws InterruptedException {
        var backoff = new Backoff(RandomGenerator.getDefault());
        while (true) {
            try {
                var answer = server.get("/api/v1/imports/" + Http.encoded(batch));
                if (answer.status() >= 500) {
                    throw new IOException(Failure.of(answer).getMessage());
                }
                if (!answer.ok()) {
                    throw Failure.of(answer);
                }
                backoff.reset();
                var now = answer.json();
                view.now(now);
                switch (now.path("status").asText()) {
                    case "completed" -> {
                        return ended(now, null, scans(server, batch), Exit.DONE, view);
                    }
                    case "cancelled" -> {
                        return ended(now, ErrorCode.CANCELLED.code(), List.of(), Exit.CANCELLED, view);
                    }
                    case "error" -> {
                        return ended(now, code(server, batch), scans(server, batch), Exit.FAILED, view);
                    }
                    default -> Thread.sleep(LOOK);
                }
            } catch (IOException gone) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("Ctrl-C");
                }
                view.note(Failure.why(gone) + "; the import goes on where the server does; asking again");
                Thread.sleep(backoff.next());
            }
        }
    }

    /// Who looked at each file, and what they saw.
    private static List<JsonNode> scans(Server server, String batch) throws IOException {
        var scans = new ArrayList<JsonNode>();
        for (var job :
                server.get("/api/v1/jobs?limit=1000&batch=" + batch).json().path("jobs")) {
            if (job.path("facts").path("scan") instanceof ObjectNode scan) {
                scans.add(scan.deepCopy().put("file", job.path("name").asText()));
            }
        }
        return scans;
    }

    /// Of the first that failed.
    private static String code(Server server, String batch) throws IOException {
        for (var job :
                server.get("/api/v1/jobs?state=failed&batch=" + batch).json().path("jobs")) {
            return job.path("error").path("code").asText(ErrorCode.INTERNAL.code());
        }
        return ErrorCode.INTERNAL.code();
    }

    private static int ended(JsonNode last, @Nullable String code, List<JsonNode> scans, int exit, ImportView view) {
        var report = Json.object().put("success", code == null);
        if (code != null) {
            report.put("code", code);
        }
        report.put("message", last.path("message").asText())
                .put("batch_id", last.path("batch_id").asText());
        report.set("details", last.path("details"));
        report.putArray("scans").addAll(scans);
        view.report(report);
        return exit;
    }

    private static int cancel(Server server, String batch, ImportView view) {
        var there = isThere(server, batch);
        if (!there) {
            // The files may have come to their end just now.
            LockSupport.parkNanos(MOMENT.toNanos());
            there = isThere(server, batch);
        }
        var report = Cancellation.of(server, batch, batch);
        if (!there) {
            report.put("message", "cancelled; nothing was imported");
        }
        view.report(report);
        return Exit.CANCELLED;
    }
}
