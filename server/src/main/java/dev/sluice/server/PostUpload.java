package dev.sluice.server;

import dev.sluice.core.BatchId;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.Owner;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopReason;
import dev.sluice.core.Stopped;
import dev.sluice.upload.FileRequest;
import dev.sluice.upload.Opening;
import dev.sluice.upload.UploadSession;
import dev.sluice.upload.Uploads;
import dev.sluice.wire.FileDocument;
import dev.sluice.wire.FilesDocument;
import dev.sluice.wire.InitiateRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/// `POST /api/v1/upload`: files that come with their request, as multipart fields `file` or raw with
/// `?filename=`. Nothing is spooled; what has not arrived whole when the request ends is taken away.
final class PostUpload implements BodyReader.Sink {
    private static final String UNKNOWN_TYPE = "application/octet-stream";
    private static final int MAX_PARTS = 1000;
    private static final int MAX_PART_HEADERS = 16 << 10;

    private final Uploads uploads;
    private final Engine engine;
    private final Documents documents;
    private final Owner owner;
    private final @Nullable String storage;
    private final Response response;
    private final Callback callback;
    private final Lane lane = new Lane();
    private final Executor where;
    private final BodyReader reader;
    private final AtomicBoolean answered = new AtomicBoolean();
    private final List<Job> finished = new ArrayList<>();
    private final BatchId batch;
    private final MultiPart.@Nullable Parser parser;
    private @Nullable UploadSession session;
    private boolean batchMade;
    private @Nullable RuntimeException failure;

    static void handle(
            Uploads uploads,
            Engine engine,
            Documents documents,
            Executor where,
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
        String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        boolean multipart =
                type != null && type.toLowerCase(java.util.Locale.ROOT).startsWith("multipart/form-data");
        String filename = query.getValue("filename");
        if (!multipart && (filename == null || filename.isBlank())) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "a raw body needs its name as ?filename=; or send multipart/form-data with fields `file`",
                    Map.of("field", "filename"));
        }
        var post = new PostUpload(
                uploads,
                engine,
                documents,
                query.getValue("storage"),
                boundary(multipart, type),
                where,
                request,
                response,
                callback);
        if (filename != null && !multipart) {
            long length = request.getLength();
            post.begin(filename, length < 0 ? null : length, type == null ? UNKNOWN_TYPE : type);
        }
        post.reader.start();
    }

    private static @Nullable String boundary(boolean multipart, @Nullable String type) {
        if (!multipart || type == null) {
            return null;
        }
        String boundary = MultiPart.extractBoundary(type);
        if (boundary == null || boundary.isEmpty()) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "multipart/form-data needs its boundary",
                    Map.of("field", "Content-Type"));
        }
        return boundary;
    }

    private PostUpload(
            Uploads uploads,
            Engine engine,
            Documents documents,
            @Nullable String storage,
            @Nullable String boundary,
            Executor where,
            Request request,
            Response response,
            Callback callback) {
        this.uploads = uploads;
        this.engine = engine;
        this.documents = documents;
        this.owner = Owner.LOCAL;
        this.storage = storage;
        this.where = where;
        this.response = response;
        this.callback = callback;
        this.batch = uploads.newBatch();
        this.reader = new BodyReader(request, lane, where, this);
        this.parser = boundary == null ? null : new MultiPart.Parser(boundary, new Parts());
        if (parser != null) {
            parser.setMaxParts(MAX_PARTS);
            parser.setPartHeadersMaxLength(MAX_PART_HEADERS);
        }
    }

    private void begin(String filename, @Nullable Long size, String type) {
        var file = new FileRequest(filename, size, InitiateRequest.isMediaType(type) ? type : UNKNOWN_TYPE, storage);
        Job job = parser == null ? uploads.announce(owner, file) : uploads.join(owner, file, batch, !batchMade);
        batchMade = true;
        UploadSession opened = uploads.open(job.id(), Opening.ONCE);
        session = opened;
        opened.stop().onStop(why -> lane.run(where, () -> stopped(why)));
    }

    @Override
    public void take(Content.Chunk chunk) {
        try {
            UploadSession open = session;
            if (parser != null) {
                parser.parse(chunk);
                RuntimeException first = failure;
                if (first != null) {
                    throw first;
                }
            } else if (open != null) {
                open.write(chunk.getByteBuffer());
            }
        } catch (Stopped e) {
            stopped(e.reason());
        } catch (RuntimeException e) {
            refuse(Answers.of(e));
        }
    }

    /// The parts of a multipart body, as the parser finds them. The parser swallows what its listener throws,
    /// so the first failure is kept for [#take], and what comes after it is not looked at.
    private final class Parts implements MultiPart.Parser.Listener {
        private HttpFields.Mutable headers = HttpFields.build();

        @Override
        public void onPartBegin() {
            headers = HttpFields.build();
        }

        @Override
        public void onPartHeader(String name, String value) {
            headers.add(name, value);
        }

        @Override
        public void onPartHeaders() {
            unlessFailed(this::beginPart);
        }

        private void beginPart() {
            var parameters = new java.util.HashMap<String, String>();
            HttpField.getValueParameters(headers.get(HttpHeader.CONTENT_DISPOSITION), parameters);
            String name = parameters.get("name");
            String filename = parameters.get("filename");
            if (!"file".equals(name) || filename == null || filename.isBlank()) {
                throw new ProblemException(
                        ErrorCode.UNKNOWN_FIELD,
                        "the form has a field \"" + name + "\"; only files in fields \"file\" are taken",
                        Map.of("field", String.valueOf(name)));
            }
            String type = headers.get(HttpHeader.CONTENT_TYPE);
            begin(filename, null, type == null ? UNKNOWN_TYPE : type);
        }

        @Override
        public void onPartContent(Content.Chunk chunk) {
            unlessFailed(() -> {
                UploadSession open = session;
                if (open != null) {
                    open.write(chunk.getByteBuffer());
                }
            });
        }

        @Override
        public void onPartEnd() {
            unlessFailed(PostUpload.this::finish);
        }

        @Override
        public void onFailure(Throwable cause) {
            unlessFailed(() -> {
                // So the parser says what is too much.
                String wrong = cause instanceof IllegalStateException ? "is over a limit" : "is malformed";
                throw new ProblemException(
                        ErrorCode.INVALID_REQUEST,
                        "the multipart body " + wrong + ": " + cause.getMessage() + "; a form has at most " + MAX_PARTS
                                + " files, each with at most " + MAX_PART_HEADERS + " bytes of headers",
                        cause);
            });
        }

        private void unlessFailed(Runnable step) {
            if (failure != null) {
                return;
            }
            try {
                step.run();
            } catch (RuntimeException e) {
                failure = e;
            }
        }
    }

    private void finish() {
        UploadSession open = session;
        if (open != null) {
            finished.add(open.finish());
            session = null;
        }
    }

    private void sealBatch() {
        if (parser != null && batchMade) {
            batchMade = false;
            uploads.seal(batch);
        }
    }

    @Override
    public void end() {
        try {
            finish();
            sealBatch();
            if (finished.isEmpty()) {
                refuse(new Problem(
                        ErrorCode.INVALID_REQUEST,
                        "the form has no file in a field \"file\"",
                        Map.of("field", "file")));
            } else if (answered.compareAndSet(false, true)) {
                List<FileDocument> files = finished.stream()
                        .map(job -> documents.file(engine.job(job.id())).posted())
                        .toList();
                Answers.json(
                        response, callback, 201, files.size() == 1 ? files.getFirst() : FilesDocument.of(batch, files));
            }
        } catch (Stopped e) {
            stopped(e.reason());
        } catch (RuntimeException e) {
            refuse(Answers.of(e));
        }
    }

    @Override
    public void broken(Throwable cause) {
        abandon(new Problem(ErrorCode.SIZE_MISMATCH, "the request ended before the file did"));
        if (answered.compareAndSet(false, true)) {
            callback.failed(cause);
        }
    }

    private void stopped(StopReason why) {
        refuse(Answers.stopped(why));
    }

    private void refuse(Problem problem) {
        reader.stop();
        abandon(problem);
        if (answered.compareAndSet(false, true)) {
            Answers.problemAndClose(response, callback, namingFinished(problem), reader::discard);
        }
    }

    /// What came before in the same form is stored, and the client would not know of it.
    private Problem namingFinished(Problem problem) {
        if (finished.isEmpty()) {
            return problem;
        }
        var details = new HashMap<>(problem.details());
        details.put("batch_id", batch.value());
        details.put("files", finished.stream().map(job -> job.id().value()).toList());
        return new Problem(
                problem.code(),
                problem.message() + "; " + finished.size() + " files before it are stored and stay",
                details);
    }

    private void abandon(Problem problem) {
        UploadSession open = session;
        session = null;
        if (open != null) {
            BodyReader.letGo(open.job().id(), () -> fail(open, problem));
        }
        BodyReader.letGo(batch, this::sealBatch);
    }

    private static void fail(UploadSession open, Problem problem) {
        try (open) {
            if (!open.stop().stopped() && !open.job().state().ended()) {
                open.fail(problem);
            }
        }
    }
}
