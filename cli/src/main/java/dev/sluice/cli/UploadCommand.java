package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.core.ErrorCode;
import java.io.IOException;
import java.net.URLConnection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        name = "upload",
        description = "Sends files to the server and on to where they are stored.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sluice upload film.mp4",
            "  sluice upload film.mp4 --name \"The Film.mp4\" --to archive",
            "  sluice upload photos/*.jpg                  # several files are one batch: cancel them by one id",
            "  sluice upload dump.sql --json | jq -r 'select(.type == \"progress\") | .progressPercentage'",
            "",
            "Goes on by itself after the server or the network was gone. Ctrl-C cancels what was begun (exit 130), a",
            "second Ctrl-C leaves at once.",
        })
final class UploadCommand implements Callable<Integer> {
    @Mixin
    private final ServerOptions options = new ServerOptions();

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "What to send.")
    private List<Path> paths = List.of();

    @Option(names = "--to", paramLabel = "STORAGE", description = "Where it is to be stored (default: the server's).")
    private @Nullable String storage;

    @Option(names = "--batch", description = "Make a batch even for one file.")
    private boolean batch;

    @Option(names = "--name", paramLabel = "NAME", description = "Another name than the file's own (one file only).")
    private @Nullable String name;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// What the server made of our request: the jobs, and their batch where they have one.
    private record Begun(@Nullable String batch, List<UploadFile> files) {
        String id() {
            return batch == null ? files.getFirst().id() : batch;
        }
    }

    @Override
    public Integer call() {
        var files = files();
        var server = options.server();
        var interrupt = Interrupt.onCtrlC();
        var begun = begin(server, files, interrupt);
        interrupt.arm();
        var view = view();
        view.began(begun.batch(), begun.files());
        try {
            return transfer(server, begun, view, interrupt);
        } catch (InterruptedException e) {
            interrupt.answered();
            return cancel(server, begun, view);
        }
    }

    private List<UploadFile> files() {
        if (name != null && paths.size() > 1) {
            throw Failure.usage("--name is for one file, " + paths.size() + " were given");
        }
        var files = new ArrayList<UploadFile>();
        for (var path : paths) {
            if (path.toString().equals("-")) {
                throw Failure.usage("- (standard input) is not supported: a resumable upload needs a file");
            }
            var own = path.toAbsolutePath().normalize().getFileName();
            files.add(UploadFile.of(path, name != null ? name : String.valueOf(own)));
        }
        return files;
    }

    private UploadView view() {
        var out = spec.commandLine().getOut();
        if (options.json()) {
            return UploadView.json(out);
        }
        return Terminal.present() ? UploadView.bars(out) : UploadView.lines(out);
    }

    private Begun begin(Server server, List<UploadFile> files, Interrupt interrupt) {
        var single = files.size() == 1 && !batch;
        var request = single ? described(files.getFirst()) : Json.object();
        if (!single) {
            var list = request.putArray("files");
            files.forEach(file -> list.add(described(file)));
        }
        if (storage != null) {
            request.put("storage", storage);
        }
        var answer = new Submission(server, interrupt, spec.commandLine().getErr())
                .send(single ? "/api/v1/upload/initiate" : "/api/v1/batch/initiate", request);
        return single ? new Begun(null, List.of(files.getFirst().withId(id(answer, "file_id")))) : batch(answer, files);
    }

    private static ObjectNode described(UploadFile file) {
        var type = URLConnection.guessContentTypeFromName(file.name());
        return Json.object()
                .put("filename", file.name())
                .put("size", file.size())
                .put("content_type", type == null ? "application/octet-stream" : type);
    }

    private static Begun batch(JsonNode answer, List<UploadFile> files) {
        var made = answer.path("files");
        if (made.size() != files.size()) {
            throw new Failure(
                    Exit.FAILED, ErrorCode.INTERNAL, "the server made " + made.size() + " jobs of " + files.size());
        }
        var begun = new ArrayList<UploadFile>();
        for (var i = 0; i < files.size(); i++) {
            begun.add(files.get(i).withId(id(made.path(i), "file_id")));
        }
        return new Begun(id(answer, "batch_id"), begun);
    }

    private static String id(JsonNode document, String field) {
        var id = document.path(field).asText();
        if (id.isEmpty()) {
            throw new Failure(Exit.FAILED, ErrorCode.INTERNAL, "the server's answer has no " + field);
        }
        return id;
    }

    private int transfer(Server server, Begun begun, UploadView view, Interrupt interrupt) throws InterruptedException {
        var documents = new ArrayList<JsonNode>();
        @Nullable Failure first = null;
        for (var file : begun.files()) {
            var backoff = new Backoff(RandomGenerator.getDefault());
            try {
                var document = new Transfer(server, file, view, interrupt, backoff).run();
                documents.add(document);
                view.ended(file, document, null);
            } catch (Failure failure) {
                interrupt.check();
                if (failure.code().equals("source_changed")) {
                    abandon(server, file);
                }
                first = first == null ? failure : first;
                documents.add(Json.object()
                        .put("file_id", file.id())
                        .put("code", failure.code())
                        .put("error", failure.getMessage()));
                view.ended(file, null, failure);
            }
        }
        report(begun, documents, first, view);
        return first == null ? Exit.DONE : first.exit();
    }

    private static void report(Begun begun, List<JsonNode> documents, @Nullable Failure failure, UploadView view) {
        var report = Json.object().put("success", failure == null);
        if (failure == null) {
            report.put(
                    "message",
                    begun.files().size() == 1 ? "uploaded" : begun.files().size() + " files uploaded");
        } else {
            report.put("code", failure.code()).put("message", failure.getMessage());
        }
        if (begun.batch() != null) {
            report.put("batch_id", begun.batch());
        }
        report.putArray("files").addAll(documents);
        report.put("totalFiles", begun.files().size());
        report.put(
                "totalBytes", begun.files().stream().mapToLong(UploadFile::size).sum());
        view.report(report);
    }

    /// What can no longer be sent must not stay half-done.
    private static void abandon(Server server, UploadFile file) {
        try {
            server.post("/api/v1/cli/cancel/" + file.id(), "application/json");
        } catch (IOException e) {
            throw new Failure(
                    Exit.FAILED,
                    ErrorCode.SOURCE_CHANGED,
                    file.path() + " changed while it was sent, and the server is gone",
                    e);
        }
    }

    private int cancel(Server server, Begun begun, UploadView view) {
        var report = Cancellation.of(server, begun.id(), begun.batch());
        view.report(report);
        if (!options.json()) {
            var err = spec.commandLine().getErr();
            err.println("sluice: " + report.path("message").asText());
            err.flush();
        }
        return Exit.CANCELLED;
    }
}
