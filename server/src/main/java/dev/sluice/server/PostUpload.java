package dev.sluice.server;

import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.upload.FileRequest;
import dev.sluice.upload.Opening;
import dev.sluice.upload.UploadSession;
import dev.sluice.upload.Uploads;
import dev.sluice.wire.InitiateRequest;
import java.util.Locale;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/// `POST /api/v1/upload`: a file that comes with its request, raw with `?filename=`; as a form see [PostForm].
/// Nothing is spooled; what has not arrived whole when the request ends is taken away.
final class PostUpload extends SessionBody {
    /// What becomes of a file whose request breaks off.
    static final Problem CUT = new Problem(ErrorCode.SIZE_MISMATCH, "the request ended before the file did");

    private static final String UNKNOWN_TYPE = "application/octet-stream";

    private final Engine engine;
    private final Documents documents;

    static void handle(
            Engine engine,
            Uploads uploads,
            Documents documents,
            Request request,
            Response response,
            Callback callback) {
        if (request.getHeaders().contains("Idempotency-Key")) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "a POST that brings its bytes takes no Idempotency-Key; initiate with one, then PUT",
                    Map.of("field", "Idempotency-Key"));
        }
        Fields query = Request.extractQueryParameters(request);
        String storage = query.getValue("storage");
        String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        if (type != null && type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")) {
            PostForm.handle(engine, uploads, documents, storage, type, request, response, callback);
            return;
        }
        String filename = query.getValue("filename");
        if (filename == null || filename.isBlank()) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "a raw body needs its name as ?filename=; or send multipart/form-data with fields `file`",
                    Map.of("field", "filename"));
        }
        long length = request.getLength();
        Job job = uploads.announce(
                Identity.of(request).owner(), file(filename, length < 0 ? null : length, type, storage));
        UploadSession session = uploads.open(job.id(), Opening.ONCE);
        new PostUpload(engine, documents, session, request, response, callback).start();
    }

    static FileRequest file(String name, @Nullable Long size, @Nullable String type, @Nullable String storage) {
        return new FileRequest(
                name, size, type != null && InitiateRequest.isMediaType(type) ? type : UNKNOWN_TYPE, storage);
    }

    private PostUpload(
            Engine engine,
            Documents documents,
            UploadSession session,
            Request request,
            Response response,
            Callback callback) {
        super(session, request, response, callback);
        this.engine = engine;
        this.documents = documents;
    }

    @Override
    void store(Content.Chunk chunk) {
        session.write(chunk.getByteBuffer());
    }

    @Override
    void complete() {
        Job completed = session.finish();
        if (mayAnswer()) {
            Answers.json(
                    response,
                    callback,
                    201,
                    documents.file(engine.job(completed.id())).posted());
        }
    }

    @Override
    public void broken(Throwable cause) {
        BodyReader.letGo(session.job().id(), () -> end(session, CUT));
        super.broken(cause);
    }

    @Override
    void refused(Problem problem) {
        end(session, problem);
    }

    /// The request that was to bring a file is over: unless it has ended otherwise, the file has failed.
    static void end(UploadSession open, Problem problem) {
        try (open) {
            if (!open.stop().stopped() && !open.job().state().ended()) {
                open.fail(problem);
            }
        }
    }
}
