package dev.sluice.server;

import dev.sluice.app.Roots;
import dev.sluice.app.Sluice;
import dev.sluice.core.BatchId;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.StopToken;
import dev.sluice.core.Stopped;
import dev.sluice.files.OperationSpec;
import dev.sluice.files.Operations;
import dev.sluice.files.Preview;
import dev.sluice.files.Report;
import dev.sluice.wire.ContentDisposition;
import dev.sluice.wire.OperationAnswer;
import dev.sluice.wire.OperationRequest;
import dev.sluice.wire.ReportCsv;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.jspecify.annotations.Nullable;

/// File operations: asked for, planned, reported, taken back. Wire contract §5.
///
/// Who comes through the socket in the data folder has the rights of the operating system's user. Others reach what
/// lies in the configured roots, and are told of what was asked for by others like them.
final class OperationRoutes {
    private final Sluice sluice;
    private final Operations operations;
    private final Roots roots;
    private final DiskCalls disk;

    OperationRoutes(Sluice sluice, Roots roots, DiskCalls disk) {
        this.sluice = sluice;
        this.operations = sluice.operations();
        this.roots = roots;
        this.disk = disk;
    }

    void add(RoutesConfig routes) {
        routes.post("/api/v1/operations", this::submit);
        routes.get("/api/v1/operations/{id}/report", this::report);
        routes.post("/api/v1/operations/{id}/undo", this::undo);
    }

    private void submit(Context request) {
        boolean ours = isOurUser(request);
        if (!ours && roots.isEmpty()) {
            throw new ProblemException(
                    ErrorCode.FORBIDDEN,
                    "no folder is open to requests over HTTP; name those that are to be in files.roots, or use the"
                            + " command line on this machine");
        }
        OperationRequest asked = OperationRequest.parse(request.bodyAsBytes());
        OperationSpec spec = ours ? ofOurUser(asked) : withinRoots(asked);
        if (asked.plan()) {
            Routes.json(request, plan(request, spec));
        } else {
            accepted(
                    request,
                    operations.submit(spec, Routes.owner(request), asked.batch(), Routes.idempotencyKey(request)));
        }
    }

    private static boolean isOurUser(Context request) {
        return Guard.isOurUser(ServletContextRequest.getServletContextRequest(request.req()));
    }

    private static void accepted(Context request, Job job) {
        request.status(202).header("Location", "/api/v1/jobs/" + job.id());
        Routes.json(request, OperationAnswer.of(job));
    }

    private static OperationSpec ofOurUser(OperationRequest asked) {
        String base = asked.base();
        if (base == null) {
            asked.paths().filter(path -> !path.startsWith("/")).findFirst().ifPresent(path -> {
                throw invalid("base", "the path " + path + " is relative, and no base says from which folder");
            });
        }
        return asked.spec(base == null ? "/" : base, null);
    }

    private OperationSpec withinRoots(OperationRequest asked) {
        if (asked.base() != null) {
            throw invalid(
                    "base",
                    "base is taken through the socket in the data folder only; over HTTP relative paths are meant from "
                            + roots.folders().getFirst());
        }
        asked.paths().forEach(this::requireCovered);
        return asked.spec(roots.words().getFirst(), roots.words());
    }

    /// What the name alone tells; where links lead is seen when the path is used.
    private void requireCovered(String path) {
        boolean covered;
        try {
            covered = roots.cover(Path.of(roots.words().getFirst()).resolve(path));
        } catch (InvalidPathException e) {
            throw new ProblemException(ErrorCode.INVALID_REQUEST, "\"" + path + "\" is no path: " + e.getReason(), e);
        }
        if (!covered) {
            throw new ProblemException(
                    ErrorCode.FORBIDDEN,
                    path + " is in none of the folders that are open to requests over HTTP (files.roots)");
        }
    }

    private static ProblemException invalid(String field, String message) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, message, Map.of("field", field));
    }

    /// Ends as soon as the client does not wait for it any more.
    private Preview plan(Context request, OperationSpec spec) {
        var stop = new StopToken();
        ServletContextRequest core = ServletContextRequest.getServletContextRequest(request.req());
        try {
            return WaitingClient.serve(
                    core,
                    core.getServletContextResponse(),
                    () -> stop.fire(StopReason.CANCELLED),
                    () -> disk.call(stop, () -> operations.preview(spec, stop)));
        } catch (Stopped e) {
            throw new ProblemException(
                    e.reason() == StopReason.DRAINING ? ErrorCode.STATE_UNAVAILABLE : ErrorCode.CANCELLED,
                    e.reason() == StopReason.DRAINING
                            ? "this server is going down; plan again once it is back"
                            : "the client has not waited for the plan",
                    e);
        }
    }

    // ---- Those that there are

    private void report(Context request) {
        Job job = told(request);
        String format = request.queryParam("format");
        if (format != null && !format.equals("csv") && !format.equals("json")) {
            throw invalid("format", "a report is json or csv, not " + format);
        }
        String accept = request.header("Accept");
        boolean csv = format == null ? accept != null && accept.startsWith("text/csv") : format.equals("csv");
        Report report = disk.call(() -> operations.report(job.id()));
        request.header("Vary", "Accept");
        if (csv) {
            request.header("Content-Disposition", ContentDisposition.attachment("operation-" + job.id() + ".csv"));
            request.contentType(ReportCsv.MEDIA_TYPE).result(ReportCsv.text(report));
        } else {
            Routes.json(request, report);
        }
    }

    private void undo(Context request) {
        Job job = told(request);
        List<String> within = isOurUser(request) ? null : roots.words();
        @Nullable String key = Routes.idempotencyKey(request);
        accepted(request, disk.call(() -> operations.undo(job.id(), Routes.owner(request), within, key)));
    }

    /// The operation that is meant, by its own id or its batch's. One that may reach further than the client may looks
    /// like one that there is not: its report holds paths.
    private Job told(Context request) {
        String id = request.pathParam("id");
        return Access.job(Routes.core(request), find(id))
                .filter(job -> isOurUser(request) || isWithinRoots(job))
                .orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND, "there is no file operation " + id));
    }

    private Optional<Job> find(String id) {
        if (!Ids.isIdentifier(id)) {
            return Optional.empty();
        }
        return sluice.jobs()
                .find(new JobId(id))
                .or(() -> sluice.jobs().jobsOf(new BatchId(id)).stream().findFirst())
                .filter(job -> job.kind().equals(Operations.KIND));
    }

    private boolean isWithinRoots(Job job) {
        @Nullable List<String> within = Operations.spec(job).within();
        return within != null && within.stream().map(Path::of).allMatch(roots::cover);
    }
}
