package dev.sluice.server;

import dev.sluice.app.Sluice;
import dev.sluice.core.JobId;
import dev.sluice.imports.Preview;
import dev.sluice.wire.ImportCall;
import dev.sluice.wire.PreviewDocument;
import java.util.List;
import java.util.concurrent.Executor;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/// `POST /api/v1/imports/preview`: says what an import of a form's file would make of it, and keeps nothing.
final class PreviewForm extends CsvForm {
    private static final int ROWS = 20;

    private final DiskCalls disk;

    /// @param threads for disks
    /// @param disk where the file is then read, all of it
    static void handle(
            Sluice sluice, Executor threads, DiskCalls disk, Request request, Response response, Callback callback) {
        new PreviewForm(sluice, threads, disk, request, response, callback).start();
    }

    private PreviewForm(
            Sluice sluice, Executor threads, DiskCalls disk, Request request, Response response, Callback callback) {
        super(sluice, threads, request, response, callback);
        this.disk = disk;
    }

    @Override
    void complete(ImportCall call, List<Arrived> arrived) {
        if (arrived.size() > 1) {
            throw invalid("one file at a time is looked at", "file");
        }
        Arrived file = arrived.getFirst();
        keep();
        Thread.ofVirtual().name("preview").start(() -> answer(call, file));
    }

    private void answer(ImportCall call, Arrived file) {
        try {
            PreviewDocument document = disk.call(() -> look(call, file));
            if (mayAnswer()) {
                Answers.json(response, callback, 200, document);
            }
        } catch (RuntimeException e) {
            if (mayAnswer()) {
                Answers.problem(response, callback, Answers.of(e));
            }
        } finally {
            BodyReader.letGo(file.job, () -> imports.discard(file.job));
        }
    }

    private PreviewDocument look(ImportCall call, Arrived file) {
        JobId place = file.job;
        String currency = call.currency();
        Preview preview = imports.preview(
                imports.place(place),
                owner,
                call.profile(),
                currency == null ? imports.settings().currency() : currency,
                ROWS);
        return PreviewDocument.of(file.filename, preview);
    }
}
