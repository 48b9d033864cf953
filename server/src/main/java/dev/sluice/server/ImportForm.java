package dev.sluice.server;

import dev.sluice.app.Sluice;
import dev.sluice.core.BatchId;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.ProblemException;
import dev.sluice.imports.ImportSpec;
import dev.sluice.imports.Imports;
import dev.sluice.wire.ImportAnswer;
import dev.sluice.wire.ImportCall;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/// `POST /api/v1/upload/csv`: makes an import of each file of a form, all of one batch. Wire contract §3.
final class ImportForm extends CsvForm {
    private final Sluice sluice;

    /// @param threads for disks
    static void handle(Sluice sluice, Executor threads, Request request, Response response, Callback callback) {
        if (request.getHeaders().contains("Idempotency-Key")) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "a POST that brings its bytes takes no Idempotency-Key; name a batch_id of your own, which is taken"
                            + " once",
                    Map.of("field", "Idempotency-Key"));
        }
        new ImportForm(sluice, threads, request, response, callback).start();
    }

    private ImportForm(Sluice sluice, Executor threads, Request request, Response response, Callback callback) {
        super(sluice, threads, request, response, callback);
        this.sluice = sluice;
    }

    @Override
    void said(ImportCall call) {
        BatchId batch = call.batch();
        if (batch != null && sluice.jobs().batch(batch).isPresent()) {
            throw new ProblemException(
                    ErrorCode.CONFLICT,
                    "the batch " + batch + " is taken; name another one, or none",
                    Map.of("field", "batch_id"));
        }
    }

    @Override
    void complete(ImportCall call, List<Arrived> arrived) {
        BatchId named = call.batch();
        BatchId batch = named == null ? imports.newBatch() : named;
        String currency = call.currency();
        List<Imports.Sent> sent = arrived.stream()
                .map(file -> new Imports.Sent(
                        file.job,
                        new ImportSpec(
                                file.filename,
                                file.size,
                                call.account(),
                                currency == null ? imports.settings().currency() : currency,
                                call.profile())))
                .toList();
        List<Job> jobs = imports.submit(batch, sent, owner);
        keep();
        if (mayAnswer()) {
            response.getHeaders().put(HttpHeader.LOCATION, "/api/v1/imports/" + batch);
            Answers.json(response, callback, 202, ImportAnswer.of(batch, jobs));
        }
    }
}
