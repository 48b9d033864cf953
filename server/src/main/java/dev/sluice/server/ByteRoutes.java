package dev.sluice.server;

import dev.sluice.app.Sluice;
import dev.sluice.core.Batch;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Stopped;
import dev.sluice.upload.Uploads;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/// The routes that move bytes or events, in front of those that answer JSON.
final class ByteRoutes extends Handler.Wrapper {
    private static final String UPLOAD = "/api/v1/upload";
    private static final String CSV = "/api/v1/upload/csv";
    private static final String PREVIEW = "/api/v1/imports/preview";
    private static final String STREAM = "/api/v1/download/stream/";
    private static final String ZIP = "/api/v1/batch/download-zip/";
    private static final String LINKED = DownloadLinks.PATH;
    static final String EVENTS = "/api/v1/events";

    private static final String FILES = TusRoutes.FILES;

    /// What is answered here, as the API's document names it.
    static final List<String> ROUTES = List.of(
            "PUT " + UPLOAD + "/{id}",
            "POST " + UPLOAD,
            "POST " + CSV,
            "POST " + PREVIEW,
            "GET " + STREAM + "{id}",
            "HEAD " + STREAM + "{id}",
            "GET " + ZIP + "{id}",
            "HEAD " + ZIP + "{id}",
            "GET " + LINKED + "{id}/{file}",
            "HEAD " + LINKED + "{id}/{file}",
            "GET " + EVENTS,
            "OPTIONS " + FILES,
            "POST " + FILES,
            "OPTIONS " + FILES + "/{id}",
            "HEAD " + FILES + "/{id}",
            "PATCH " + FILES + "/{id}",
            "DELETE " + FILES + "/{id}");

    private final Sluice sluice;
    private final Engine engine;
    private final Uploads uploads;
    private final Documents documents;
    private final Kinds kinds;
    private final DownloadLinks links;
    private final StoredFiles files;
    private final EventStreams eventStreams;
    private final TusRoutes tus;
    private final CsvExport export;
    private final Arrivals arriving;
    private final DiskCalls disk;

    ByteRoutes(
            Handler next,
            Sluice sluice,
            Documents documents,
            Kinds kinds,
            DownloadLinks links,
            CsvExport export,
            Arrivals arriving,
            DiskCalls disk,
            OpenSockets open,
            Seats seats) {
        super(next);
        this.sluice = sluice;
        this.engine = sluice.engine();
        this.uploads = sluice.uploads();
        this.documents = documents;
        this.kinds = kinds;
        this.links = links;
        this.files = new StoredFiles(engine, sluice.storages(), uploads.content());
        this.eventStreams = new EventStreams(sluice.hub(), open, seats);
        this.tus = new TusRoutes(engine, uploads, sluice.tails());
        this.export = export;
        this.arriving = arriving;
        this.disk = disk;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        // Only a client is idle: one that is waited for, or that does not take its answer. Who waits for a storage or
        // for memory is not, however long that takes.
        request.addIdleTimeoutListener(timeout -> false);
        String path = Request.getPathInContext(request);
        String method = request.getMethod();
        boolean read = HttpMethod.GET.is(method) || HttpMethod.HEAD.is(method);
        try {
            if (HttpMethod.PUT.is(method) && path.startsWith(UPLOAD + "/")) {
                PutUpload.handle(
                        engine,
                        uploads,
                        documents,
                        Access.existing(request, uploads, path.substring(UPLOAD.length() + 1)),
                        request,
                        response,
                        callback);
            } else if (HttpMethod.POST.is(method) && path.equals(UPLOAD)) {
                PostUpload.handle(engine, uploads, documents, request, response, callback);
            } else if (HttpMethod.POST.is(method) && path.equals(CSV)) {
                ImportForm.handle(sluice, arriving, request, response, callback);
            } else if (HttpMethod.POST.is(method) && path.equals(PREVIEW)) {
                PreviewForm.handle(sluice, arriving, disk, request, response, callback);
            } else if (CsvExport.isAsked(request, path)) {
                export.handle(request, path, response, callback);
            } else if (read && path.startsWith(STREAM)) {
                files.file(kinds.withContent(request, path.substring(STREAM.length())), request, response, callback);
            } else if (read && path.startsWith(LINKED)) {
                DownloadLinks.Opened link = links.open(path, Request.extractQueryParameters(request));
                files.file(kinds.linked(link), request, response, callback);
            } else if (read && path.startsWith(ZIP)) {
                files.zip(batch(request, path.substring(ZIP.length())), request, response, callback);
            } else if (HttpMethod.GET.is(method) && path.equals(EVENTS)) {
                eventStreams.open(request, response, callback);
            } else if (TusRoutes.isBelow(path)) {
                tus.handle(path, request, response, callback);
            } else if ("websocket".equalsIgnoreCase(request.getHeaders().get(HttpHeader.UPGRADE))) {
                // Those that are there have been answered before; Javalin would look for a session.
                throw new ProblemException(ErrorCode.NOT_FOUND, "there is no socket at " + path);
            } else {
                return super.handle(request, response, callback);
            }
        } catch (Stopped e) {
            Answers.problemAndClose(
                    response, callback, Answers.stopped(e.reason()), rest -> BodyReader.discard(request, rest));
        } catch (RuntimeException e) {
            Problem problem = Answers.of(e);
            if (hasNoBody(request)) {
                Answers.problem(response, callback, problem);
            } else {
                Answers.problemAndClose(response, callback, problem, rest -> BodyReader.discard(request, rest));
            }
        }
        return true;
    }

    private Batch batch(Request request, String id) {
        return Access.batch(request, engine.jobs().batch(Routes.batch(id)))
                .orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND, "there is no batch " + id));
    }

    private static boolean hasNoBody(Request request) {
        long length = request.getLength();
        return length == 0 || (length < 0 && !request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING));
    }
}
