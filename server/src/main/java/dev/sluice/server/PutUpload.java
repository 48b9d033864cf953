package dev.sluice.server;

import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.upload.Opening;
import dev.sluice.upload.UploadSession;
import dev.sluice.upload.Uploads;
import dev.sluice.wire.ContentRange;
import java.io.IOException;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// `PUT /api/v1/upload/{file_id}`: the bytes of an initiated file, or with `Content-Range` some of them.
final class PutUpload extends SessionBody {
    private final Engine engine;
    private final Documents documents;
    private final ContentRange.@Nullable Part part;

    /// Takes the request, whose answer comes once its body has.
    static void handle(
            Engine engine,
            Uploads uploads,
            Documents documents,
            Job job,
            Request request,
            Response response,
            Callback callback)
            throws IOException {
        String header = request.getHeaders().get(HttpHeader.CONTENT_RANGE);
        ContentRange range = header == null ? null : ContentRange.parse(header);
        Long size = job.totalBytes();
        long length = request.getLength();
        if (range != null && size != null) {
            requireTotal(range, size);
        }
        if (range instanceof ContentRange.Query) {
            requireNoBody(request, length);
            Answers.json(response, callback, 200, documents.file(uploads.finishIfWhole(job)));
            return;
        }
        var part = (ContentRange.Part) range;
        long announced = part != null ? part.length() : size == null ? -1 : size;
        if (length >= 0 && announced >= 0 && length != announced) {
            throw new ProblemException(
                    ErrorCode.SIZE_MISMATCH,
                    "the body has " + length + " bytes, but " + announced + " were announced",
                    Map.of("announced", announced));
        }
        UploadSession session = uploads.open(job.id(), part == null ? Opening.FRESH_RESUMABLE : Opening.RESUME);
        if (part != null) {
            try {
                begin(session, part);
            } catch (RuntimeException e) {
                session.close();
                throw e;
            }
        }
        new PutUpload(engine, documents, session, part, request, response, callback).start();
    }

    private static void begin(UploadSession session, ContentRange.Part part) {
        session.from(part.first());
        if (session.size() == null && part.total().isPresent()) {
            session.announce(part.total().getAsLong());
        }
    }

    private static void requireNoBody(Request request, long length) throws IOException {
        if (length > 0 || (length < 0 && Content.Source.asInputStream(request).read() >= 0)) {
            throw new ProblemException(
                    ErrorCode.SIZE_MISMATCH,
                    "a Content-Range without a range asks for the offset and has no body; name the range to send bytes",
                    Map.of("announced", 0));
        }
    }

    private static void requireTotal(ContentRange range, long size) {
        if (range.total().isPresent() && range.total().getAsLong() != size) {
            throw new ProblemException(
                    ErrorCode.SIZE_MISMATCH,
                    "Content-Range speaks of " + range.total().getAsLong() + " bytes, but " + size + " were announced",
                    Map.of("announced", size));
        }
    }

    private PutUpload(
            Engine engine,
            Documents documents,
            UploadSession session,
            ContentRange.@Nullable Part part,
            Request request,
            Response response,
            Callback callback) {
        super(session, request, response, callback);
        this.engine = engine;
        this.documents = documents;
        this.part = part;
    }

    @Override
    void store(Content.Chunk chunk) {
        if (part != null && chunk.remaining() > part.last() + 1 - session.offset()) {
            refuse(lengthDiffers(part, "more"));
            return;
        }
        session.write(chunk.getByteBuffer());
    }

    @Override
    void complete() {
        if (part == null && session.size() == null) {
            session.announce(session.offset());
        }
        if (part != null && session.offset() <= part.last()) {
            refuse(lengthDiffers(part, "fewer"));
        } else if (session.whole()) {
            answer(session.finish());
        } else if (part != null) {
            session.close();
            answer(engine.job(session.job().id()));
        } else {
            long offset = session.offset();
            refuse(new Problem(
                    ErrorCode.SIZE_MISMATCH,
                    "only " + offset + " of " + session.size() + " bytes have come",
                    Map.of("offset", offset)));
        }
    }

    /// What is stored of the part stays: the file goes on from its offset.
    private Problem lengthDiffers(ContentRange.Part announced, String how) {
        return new Problem(
                ErrorCode.SIZE_MISMATCH,
                how + " bytes came than the " + announced.length() + " that Content-Range announced; the next byte is "
                        + session.offset(),
                Map.of("announced", announced.length(), "offset", session.offset()));
    }

    private void answer(Job job) {
        if (mayAnswer()) {
            Answers.json(response, callback, 200, documents.file(job));
        }
    }
}
