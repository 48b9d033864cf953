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
import dev.sluice.upload.Opening;
import dev.sluice.upload.UploadSession;
import dev.sluice.upload.Uploads;
import dev.sluice.wire.FileDocument;
import dev.sluice.wire.FilesDocument;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// The files of a form: its fields `file`, one after the other, for the one storage that `?storage=` or a field
/// `storage` before them names. Which it is shows on the way, so the form is read on virtual threads up to its first
/// file, from there on the threads of the storage.
final class PostForm implements BodyReader.Sink {
    private static final int MAX_PARTS = 1000;
    private static final int MAX_FIELD = 256;

    private final Uploads uploads;
    private final Engine engine;
    private final Documents documents;
    private final Response response;
    private final Callback callback;
    private final Lane lane = new Lane();
    private final BodyReader reader;
    private final AtomicBoolean answered = new AtomicBoolean();
    private final List<Job> finished = new ArrayList<>();
    private final BatchId batch;
    private final Owner owner;
    private final FormParser parser;
    private @Nullable String storage;
    private @Nullable ByteArrayOutputStream field;
    private @Nullable UploadSession session;
    private boolean begun;
    private boolean batchMade;

    static void handle(
            Engine engine,
            Uploads uploads,
            Documents documents,
            @Nullable String storage,
            String type,
            Request request,
            Response response,
            Callback callback) {
        new PostForm(engine, uploads, documents, storage, FormParser.boundary(type), request, response, callback)
                .reader.start();
    }

    private PostForm(
            Engine engine,
            Uploads uploads,
            Documents documents,
            @Nullable String storage,
            String boundary,
            Request request,
            Response response,
            Callback callback) {
        this.uploads = uploads;
        this.engine = engine;
        this.documents = documents;
        this.storage = storage;
        this.response = response;
        this.callback = callback;
        this.batch = uploads.newBatch();
        this.owner = Identity.of(request).owner();
        this.reader = new BodyReader(request, lane, Thread::startVirtualThread, this);
        this.parser = new FormParser(boundary, MAX_PARTS, new Parts());
    }

    @Override
    public void take(Content.Chunk chunk) {
        try {
            parser.parse(chunk);
        } catch (Stopped e) {
            stopped(e.reason());
        } catch (RuntimeException e) {
            refuse(Answers.of(e));
        }
    }

    private final class Parts implements FormParser.Parts {
        @Override
        public void begin(String name, @Nullable String filename, @Nullable String type) {
            beginPart(name, filename, type);
        }

        @Override
        public void content(ByteBuffer bytes) {
            write(bytes);
        }

        @Override
        public void end() {
            endPart();
        }
    }

    private void beginPart(String name, @Nullable String filename, @Nullable String type) {
        if (name.equals("storage") && filename == null) {
            if (begun) {
                throw new ProblemException(
                        ErrorCode.INVALID_REQUEST,
                        "the field \"storage\" comes before the files of its form: they all go there",
                        Map.of("field", name));
            }
            field = new ByteArrayOutputStream();
        } else if (name.equals("file") && filename != null && !filename.isBlank()) {
            begin(filename, type);
        } else {
            throw new ProblemException(
                    ErrorCode.UNKNOWN_FIELD,
                    "the form has a field \"" + name + "\"; only files in fields \"file\" are taken, and before them a"
                            + " field \"storage\"",
                    Map.of("field", name));
        }
    }

    private void begin(String filename, @Nullable String type) {
        begun = true;
        Job job = uploads.join(owner, PostUpload.file(filename, null, type, storage), batch, !batchMade);
        batchMade = true;
        UploadSession opened = uploads.open(job.id(), Opening.ONCE);
        session = opened;
        opened.stop().onStop(why -> lane.run(opened.executor(), () -> stopped(why)));
    }

    private void write(ByteBuffer bytes) {
        ByteArrayOutputStream word = field;
        UploadSession open = session;
        if (word != null) {
            if (word.size() + bytes.remaining() > MAX_FIELD) {
                throw new ProblemException(
                        ErrorCode.INVALID_REQUEST,
                        "the field \"storage\" is longer than any storage's name",
                        Map.of("field", "storage"));
            }
            while (bytes.hasRemaining()) {
                word.write(bytes.get());
            }
        } else if (open != null) {
            reader.on(open.executor(), () -> open.write(bytes));
        }
    }

    private void endPart() {
        ByteArrayOutputStream word = field;
        if (word != null) {
            storage = word.toString(StandardCharsets.UTF_8).strip();
            field = null;
        }
        finish();
    }

    private void finish() {
        UploadSession open = session;
        if (open != null) {
            reader.on(open.executor(), () -> finished.add(open.finish()));
            session = null;
        }
    }

    private void sealBatch() {
        if (batchMade) {
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
        abandon(PostUpload.CUT);
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
            BodyReader.letGo(open.job().id(), () -> PostUpload.end(open, problem));
        }
        BodyReader.letGo(batch, this::sealBatch);
    }
}
