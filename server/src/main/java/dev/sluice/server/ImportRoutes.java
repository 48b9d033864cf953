package dev.sluice.server;

import dev.sluice.accounts.Caller;
import dev.sluice.app.Sluice;
import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.Owner;
import dev.sluice.core.ProblemException;
import dev.sluice.imports.Imported;
import dev.sluice.imports.Imports;
import dev.sluice.imports.Reject;
import dev.sluice.imports.Rejects;
import dev.sluice.wire.ContentDisposition;
import dev.sluice.wire.ImportListDocument;
import dev.sluice.wire.ImportMessage;
import dev.sluice.wire.ImportTelling;
import dev.sluice.wire.ImportUndoAnswer;
import dev.sluice.wire.RejectListDocument;
import dev.sluice.wire.RejectsCsv;
import dev.sluice.wire.TextTables;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Imports: listed, told of, taken back. An id is that of one, or of a batch. Wire contract §3.
final class ImportRoutes {
    private final Imports imports;
    private final ImportStatuses statuses;

    ImportRoutes(Sluice sluice, ImportStatuses statuses) {
        this.imports = sluice.imports();
        this.statuses = statuses;
    }

    void add(RoutesConfig routes) {
        routes.get("/api/v1/imports", this::list);
        routes.get("/api/v1/imports/{id}", this::latest);
        routes.post("/api/v1/imports/{id}/undo", this::undo);
        routes.get("/api/v1/imports/{id}/rejects", this::rejects);
    }

    private void list(Context request) {
        int limit = ImportFilter.limit(request.queryParam("limit"));
        List<Imported> found = imports.list(
                Access.meant(Routes.core(request), request.queryParam("owner")),
                limit + 1,
                ImportFilter.number(request.queryParam("after")));
        ImportListDocument page = ImportListDocument.of(found, limit);
        if (Routes.wantsText(request)) {
            Routes.text(request, TextTables.imports(page.imports()));
        } else {
            Routes.json(request, page);
        }
    }

    private void latest(Context request) {
        String id = request.pathParam("id");
        Caller caller = Identity.of(Routes.core(request));
        List<Job> jobs = statuses.meant(caller, id).stream()
                .map(job -> Access.job(Routes.core(request), imports.find(job.value())))
                .flatMap(Optional::stream)
                .toList();
        BatchId batch = jobs.isEmpty() ? null : jobs.getFirst().batch();
        if (batch == null) {
            throw unknown(id);
        }
        Batch found = statuses.batch(caller, batch).orElseThrow(() -> unknown(id));
        ImportMessage message = ImportTelling.latest(found, statuses.seen(jobs), Instant.now());
        Routes.json(request, message);
    }

    private static ProblemException unknown(String id) {
        return new ProblemException(ErrorCode.NOT_FOUND, "there is no import " + id);
    }

    /// Of a batch those whose rows are there; the last one first.
    private void undo(Context request) {
        String id = request.pathParam("id");
        List<JobId> meant = statuses.meant(Identity.of(Routes.core(request)), id);
        if (meant.size() == 1) {
            answer(
                    request,
                    new ImportUndoAnswer(id, 1, imports.undo(owner(request, meant.getFirst()), meant.getFirst())));
            return;
        }
        var undone = new ArrayList<Long>();
        for (Imported imported : there(request, id).reversed()) {
            if (imported.undone() == null) {
                undone.add(imports.undo(new Owner(imported.owner()), imported.job()));
            }
        }
        if (undone.isEmpty()) {
            throw new ProblemException(ErrorCode.CONFLICT, "the rows of batch " + id + " were taken back already");
        }
        answer(
                request,
                new ImportUndoAnswer(
                        id,
                        undone.size(),
                        undone.stream().mapToLong(Long::longValue).sum()));
    }

    /// Whose it is, where the caller reaches it, else the caller: whose it then is not. Its job may be gone, or its
    /// rows.
    private Owner owner(Context request, JobId job) {
        return imports.ownerOf(job)
                .or(() -> imports.find(job.value()).map(Job::owner))
                .filter(owner -> Access.reaches(Routes.core(request), owner))
                .orElseGet(() -> Routes.owner(request));
    }

    private static void answer(Context request, ImportUndoAnswer done) {
        if (Routes.wantsText(request)) {
            Routes.text(request, done.removed() + " rows of " + done.id() + " are taken back");
        } else {
            Routes.json(request, done);
        }
    }

    private void rejects(Context request) {
        String id = request.pathParam("id");
        List<Rejects> known = statuses.meant(Identity.of(Routes.core(request)), id).stream()
                .map(job -> imports.rejects(owner(request, job), job))
                .flatMap(Optional::stream)
                .toList();
        if (known.isEmpty()) {
            throw new ProblemException(
                    ErrorCode.NOT_FOUND, "there is no import " + id + " whose rows are there, or that failed by them");
        }
        if ("rows".equals(request.queryParam("format"))) {
            request.header("Content-Disposition", ContentDisposition.attachment("wrong-" + id + ".csv"));
            request.contentType(RejectsCsv.MEDIA_TYPE).result(RejectsCsv.rows(known));
            return;
        }
        List<Reject> rejects =
                known.stream().flatMap(each -> each.rows().stream()).toList();
        String accept = request.header("Accept");
        boolean json = accept != null && accept.startsWith("application/json");
        request.header("Vary", "Accept");
        if (ImportFilter.wantsCsv(request.queryParam("format"), json ? accept : "text/csv")) {
            request.header("Content-Disposition", ContentDisposition.attachment("rejects-" + id + ".csv"));
            request.contentType(RejectsCsv.MEDIA_TYPE).result(RejectsCsv.text(rejects));
        } else {
            Routes.json(request, new RejectListDocument(rejects));
        }
    }

    /// Those whose rows are there, or were.
    ///
    /// @throws ProblemException `not_found` where there is none
    private List<Imported> there(Context request, String id) {
        List<Imported> there = statuses.meant(Identity.of(Routes.core(request)), id).stream()
                .map(job -> imports.there(owner(request, job), job))
                .flatMap(Optional::stream)
                .toList();
        if (there.isEmpty()) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "there is no import " + id + " whose rows are there");
        }
        return there;
    }
}
