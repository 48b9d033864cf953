package dev.sluice.server;

import dev.sluice.core.BatchId;
import dev.sluice.core.CancelSource;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.Stopped;
import dev.sluice.upload.Composition;
import dev.sluice.upload.Creation;
import dev.sluice.upload.FileRequest;
import dev.sluice.upload.Opening;
import dev.sluice.upload.Tails;
import dev.sluice.upload.UploadSession;
import dev.sluice.upload.UploadSpec;
import dev.sluice.upload.Uploads;
import dev.sluice.wire.InitiateRequest;
import dev.sluice.wire.Tus;
import dev.sluice.wire.UploadChecksum;
import dev.sluice.wire.UploadConcat;
import dev.sluice.wire.UploadMetadata;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// tus 1.0.0 at `/files`: an upload's URL ends with the identity of its job.
final class TusRoutes {
    static final String FILES = "/files";

    /// What a page of another origin may read in an answer.
    static final String EXPOSED = String.join(
            ", ",
            Tus.RESUMABLE,
            Tus.VERSIONS,
            Tus.EXTENSION,
            Tus.MAX_SIZE,
            Tus.CHECKSUM_ALGORITHM,
            Tus.UPLOAD_OFFSET,
            Tus.UPLOAD_LENGTH,
            Tus.UPLOAD_DEFER_LENGTH,
            Tus.UPLOAD_METADATA,
            Tus.UPLOAD_EXPIRES,
            Tus.UPLOAD_CONCAT);

    private static final String UNKNOWN_TYPE = "application/octet-stream";

    private final Engine engine;
    private final Uploads uploads;
    private final Tails tails;

    TusRoutes(Engine engine, Uploads uploads, Tails tails) {
        this.engine = engine;
        this.uploads = uploads;
        this.tails = tails;
    }

    static boolean isBelow(String path) {
        return path.equals(FILES) || path.startsWith(FILES + "/");
    }

    /// @throws ProblemException what the request is refused with
    /// @throws Stopped where the upload was stopped meanwhile
    void handle(String path, Request request, Response response, Callback callback) {
        response.getHeaders().put(Tus.RESUMABLE, Tus.VERSION);
        String overriding = request.getHeaders().get(Tus.METHOD_OVERRIDE);
        String method =
                overriding == null ? request.getMethod() : overriding.strip().toUpperCase(Locale.ROOT);
        if (method.equals("OPTIONS")) {
            options(response, callback);
            return;
        }
        if (!Tus.speaks(request.getHeaders().get(Tus.RESUMABLE))) {
            refuseVersion(request, response, callback);
            return;
        }
        String id = path.length() > FILES.length() ? path.substring(FILES.length() + 1) : "";
        switch (method + (id.isEmpty() ? "" : " id")) {
            case "POST" -> create(path, request, response, callback);
            case "HEAD id" -> head(Access.existing(request, uploads, id), response, callback);
            case "PATCH id" -> patch(Access.existing(request, uploads, id), request, response, callback);
            case "DELETE id" -> delete(Access.existing(request, uploads, id), request, response, callback);
            default -> refuseMethod(method, id.isEmpty(), request, response, callback);
        }
    }

    private void options(Response response, Callback callback) {
        var headers = response.getHeaders();
        headers.put(Tus.VERSIONS, Tus.VERSION);
        headers.put(Tus.EXTENSION, Tus.EXTENSIONS);
        headers.put(Tus.MAX_SIZE, uploads.settings().maxSize());
        headers.put(Tus.CHECKSUM_ALGORITHM, UploadChecksum.ALGORITHMS);
        answer(response, callback, 204);
    }

    private static void refuseVersion(Request request, Response response, Callback callback) {
        response.getHeaders().put(Tus.VERSIONS, Tus.VERSION);
        var problem = new Problem(
                ErrorCode.INVALID_REQUEST,
                "the header Tus-Resumable is missing or names another version than " + Tus.VERSION,
                Map.of("field", Tus.RESUMABLE));
        Answers.problemAndClose(response, callback, problem, 412, rest -> BodyReader.discard(request, rest));
    }

    private static void refuseMethod(
            String method, boolean creation, Request request, Response response, Callback callback) {
        response.getHeaders().put(HttpHeader.ALLOW, creation ? "OPTIONS, POST" : "OPTIONS, HEAD, PATCH, DELETE");
        var problem = new Problem(
                ErrorCode.INVALID_REQUEST, method + " is not for " + (creation ? FILES : "an upload") + "; see /docs");
        Answers.problemAndClose(response, callback, problem, 405, rest -> BodyReader.discard(request, rest));
    }

    /// An upload that ended without becoming a file is gone for good, and so is a piece whose file is there.
    private static void requireThere(Job job) {
        boolean used = job.state() == JobState.COMPLETED && Uploads.spec(job).isPiece();
        if (job.state() == JobState.CANCELLED || job.state() == JobState.FAILED || used) {
            String state = job.state().word();
            throw new ProblemException(
                    ErrorCode.GONE,
                    "upload " + job.id() + (used ? " has gone into its file" : " is " + state),
                    Map.of("state", state));
        }
    }

    // ---- POST

    private void create(String path, Request request, Response response, Callback callback) {
        var headers = request.getHeaders();
        var metadata = UploadMetadata.parse(headers.get(Tus.UPLOAD_METADATA));
        UploadConcat concat = UploadConcat.parse(headers.get(Tus.UPLOAD_CONCAT));
        boolean withBytes = Tus.isMediaType(headers.get(HttpHeader.CONTENT_TYPE));
        if (concat instanceof UploadConcat.Final composed) {
            compose(path, composed, metadata, withBytes, request, response, callback);
            return;
        }
        Long size = Tus.length(headers.get(Tus.UPLOAD_LENGTH), headers.get(Tus.UPLOAD_DEFER_LENGTH));
        UploadChecksum checksum = checksum(request);
        boolean empty = size != null && size == 0;
        Composition composition = concat == null ? null : Composition.piece(concat.said());
        Job job =
                uploads.create(Identity.of(request).owner(), creation(metadata, size, composition, withBytes || empty));
        String location = FILES + "/" + job.id();
        if (withBytes) {
            UploadSession session = uploads.open(job.id(), Opening.RESUME);
            new TusBody(uploads, session, tails, checksum, location, request, response, callback).start();
            return;
        }
        if (empty) {
            job = uploads.rest(job);
        }
        response.getHeaders().put(HttpHeader.LOCATION, location);
        expires(response, job.expires());
        answer(response, callback, 201);
    }

    private void compose(
            String path,
            UploadConcat.Final asked,
            UploadMetadata metadata,
            boolean withBytes,
            Request request,
            Response response,
            Callback callback) {
        var headers = request.getHeaders();
        if (withBytes || headers.contains(Tus.UPLOAD_LENGTH) || headers.contains(Tus.UPLOAD_DEFER_LENGTH)) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "a final upload is made of its parts: it has neither bytes nor a length of its own",
                    Map.of("field", Tus.UPLOAD_CONCAT));
        }
        Composition composition = uploads.composition(Identity.of(request).owner(), asked.said(), asked.parts(path));
        Job job = uploads.create(
                Identity.of(request).owner(), creation(metadata, composition.size(), composition, false));
        response.getHeaders().put(HttpHeader.LOCATION, FILES + "/" + job.id());
        answer(response, callback, 201);
    }

    private @Nullable UploadChecksum checksum(Request request) {
        var checksum = UploadChecksum.parse(request.getHeaders().get(Tus.UPLOAD_CHECKSUM));
        if (checksum != null) {
            tails.requireFitting(request.getLength());
        }
        return checksum;
    }

    private static Creation creation(
            UploadMetadata metadata, @Nullable Long size, @Nullable Composition composition, boolean atOnce) {
        String type = metadata.text("filetype").orElse(UNKNOWN_TYPE);
        var file = new FileRequest(
                metadata.text("filename").orElse(""),
                size,
                InitiateRequest.isMediaType(type) ? type : UNKNOWN_TYPE,
                metadata.text("storage").orElse(null));
        BatchId batch = metadata.text("batch").map(TusRoutes::batch).orElse(null);
        return new Creation(file, metadata.said(), batch, composition, atOnce);
    }

    private static BatchId batch(String word) {
        if (!Ids.isIdentifier(word)) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST, "\"" + word + "\" is no batch", Map.of("field", Tus.UPLOAD_METADATA));
        }
        return new BatchId(word);
    }

    // ---- HEAD

    private void head(Job asked, Response response, Callback callback) {
        requireThere(asked);
        Job job = rested(asked);
        requireThere(job);
        UploadSpec spec = Uploads.spec(job);
        var headers = response.getHeaders();
        headers.put(HttpHeader.CACHE_CONTROL, "no-store");
        if (!spec.isComposed() || job.state() == JobState.COMPLETED) {
            headers.put(Tus.UPLOAD_OFFSET, uploads.offset(job));
        }
        Composition composition = spec.composition();
        if (composition != null) {
            headers.put(Tus.UPLOAD_CONCAT, composition.asked());
        }
        Long size = job.totalBytes();
        if (size == null) {
            headers.put(Tus.UPLOAD_DEFER_LENGTH, "1");
        } else {
            headers.put(Tus.UPLOAD_LENGTH, size);
        }
        String metadata = spec.metadata();
        if (metadata != null) {
            headers.put(Tus.UPLOAD_METADATA, metadata);
        }
        expires(response, job.expires());
        answer(response, callback, 200);
    }

    private Job rested(Job job) {
        try {
            return uploads.rest(job);
        } catch (Stopped e) {
            // A newer request has it by now: what that one began from is the truth.
            return engine.job(job.id());
        }
    }

    // ---- PATCH

    private void patch(Job job, Request request, Response response, Callback callback) {
        var headers = request.getHeaders();
        UploadSpec spec = Uploads.spec(job);
        if (spec.isComposed()) {
            throw new ProblemException(ErrorCode.FORBIDDEN, "a final upload is made of its parts and takes no bytes");
        }
        if (!Tus.isMediaType(headers.get(HttpHeader.CONTENT_TYPE))) {
            throw new ProblemException(
                    ErrorCode.TYPE_BLOCKED,
                    "a PATCH has the Content-Type " + Tus.MEDIA_TYPE,
                    Map.of("field", "Content-Type"));
        }
        String said = headers.get(Tus.UPLOAD_OFFSET);
        if (said == null) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "a PATCH needs the header Upload-Offset",
                    Map.of("field", Tus.UPLOAD_OFFSET));
        }
        long offset = Tus.natural(Tus.UPLOAD_OFFSET, said);
        String length = headers.get(Tus.UPLOAD_LENGTH);
        Long size = length == null ? null : (Long) Tus.natural(Tus.UPLOAD_LENGTH, length);
        UploadChecksum checksum = checksum(request);
        requireThere(job);
        if (job.state() == JobState.COMPLETED || (spec.isPiece() && Uploads.isWhole(job))) {
            requireOffset(job.bytes(), offset);
            requireRoom(0, request);
            response.getHeaders().put(Tus.UPLOAD_OFFSET, offset);
            answer(response, callback, 204);
            return;
        }
        UploadSession session = uploads.open(job.id(), Opening.RESUME);
        try {
            session.from(offset);
            if (size != null) {
                session.announce(size);
            }
            requireRoom(session.room(), request);
            new TusBody(uploads, session, tails, checksum, null, request, response, callback).start();
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private static void requireOffset(long there, long said) {
        if (there != said) {
            throw new ProblemException(
                    ErrorCode.OFFSET_MISMATCH, "the next byte is " + there + ", not " + said, Map.of("offset", there));
        }
    }

    private static void requireRoom(long room, Request request) {
        if (request.getLength() > room) {
            throw new ProblemException(TusBody.tooMuch(room), null);
        }
    }

    // ---- DELETE

    private void delete(Job job, Request request, Response response, Callback callback) {
        if (job.state() == JobState.COMPLETED) {
            engine.remove(job.id(), Uploads.leftover(job));
        } else {
            requireThere(job);
            engine.cancel(
                    job.id(),
                    new Engine.Asked(Access.source(request, CancelSource.HTTP_ENDPOINT), request.getBeginNanoTime()));
        }
        answer(response, callback, 204);
    }

    // ---- Answers

    static void expires(Response response, @Nullable Instant expires) {
        if (expires != null) {
            response.getHeaders().put(Tus.UPLOAD_EXPIRES, Tus.date(expires));
        }
    }

    static void answer(Response response, Callback callback, int status) {
        response.setStatus(status);
        response.write(true, null, callback);
    }
}
