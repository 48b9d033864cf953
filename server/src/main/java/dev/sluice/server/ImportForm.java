package dev.sluice.server;

import dev.sluice.app.Sluice;
import dev.sluice.core.BatchId;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobId;
import dev.sluice.core.Owner;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.imports.ImportSpec;
import dev.sluice.imports.Imports;
import dev.sluice.storage.SafeName;
import dev.sluice.wire.ImportAnswer;
import dev.sluice.wire.ImportCall;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// `POST /api/v1/upload/csv`: the files of a form, each written as it comes to where its import will read it. What the
/// form says of them may stand before or behind them; so jobs are made of them when all of it is here, and a request
/// that ends before leaves nothing. Wire contract §3.
final class ImportForm implements BodyReader.Sink {
    private static final int MAX_PARTS = 200;
    private static final int MAX_FIELD = 1024;

    private final Sluice sluice;
    private final Imports imports;
    private final Response response;
    private final Callback callback;
    private final BodyReader reader;
    private final FormParser parser;
    private final AtomicBoolean answered = new AtomicBoolean();
    private final Map<String, String> fields = new LinkedHashMap<>();
    private final List<Arrived> files = new ArrayList<>();
    private final ByteArrayOutputStream value = new ByteArrayOutputStream(0);
    private @Nullable String field;
    private @Nullable Arrived coming;

    /// A file, so far as it is here.
    private static final class Arrived implements AutoCloseable {
        final JobId job;
        final String filename;
        final FileChannel channel;
        long size;

        Arrived(JobId job, String filename, FileChannel channel) {
            this.job = job;
            this.filename = filename;
            this.channel = channel;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /// @param threads for disks
    static void handle(Sluice sluice, Executor threads, Request request, Response response, Callback callback) {
        String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "a CSV comes as multipart/form-data, in a field \"file\"",
                    Map.of("field", "Content-Type"));
        }
        if (request.getHeaders().contains("Idempotency-Key")) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "a POST that brings its bytes takes no Idempotency-Key; name a batch_id of your own, which is taken"
                            + " once",
                    Map.of("field", "Idempotency-Key"));
        }
        new ImportForm(sluice, threads, FormParser.boundary(type), request, response, callback).reader.start();
    }

    private ImportForm(
            Sluice sluice, Executor threads, String boundary, Request request, Response response, Callback callback) {
        this.sluice = sluice;
        this.imports = sluice.imports();
        this.response = response;
        this.callback = callback;
        this.reader = new BodyReader(request, new Lane(), threads, this);
        this.parser = new FormParser(boundary, MAX_PARTS, new Parts());
    }

    @Override
    public void take(Content.Chunk chunk) {
        try {
            parser.parse(chunk);
        } catch (RuntimeException e) {
            refuse(Answers.of(e));
        }
    }

    private final class Parts implements FormParser.Parts {
        @Override
        public void begin(String name, @Nullable String filename, @Nullable String type) {
            if (name.equals("file") && filename != null && !filename.isBlank()) {
                coming = open(SafeName.of(filename));
            } else if (ImportCall.FIELDS.contains(name) && filename == null) {
                field = name;
                value.reset();
            } else if (name.equals("file")) {
                throw invalid("the field \"file\" holds no file", name);
            } else {
                throw new ProblemException(
                        ErrorCode.UNKNOWN_FIELD,
                        "the form has a field \"" + name + "\"; there may be \"file\", \"batch_id\", \"account\","
                                + " \"currency\" and \"profile\"",
                        Map.of("field", name));
            }
        }

        @Override
        public void content(ByteBuffer bytes) {
            Arrived file = coming;
            if (file != null) {
                write(file, bytes);
            } else if (value.size() + bytes.remaining() > MAX_FIELD) {
                throw invalid("the field \"" + field + "\" is longer than " + MAX_FIELD + " bytes", field);
            } else {
                while (bytes.hasRemaining()) {
                    value.write(bytes.get());
                }
            }
        }

        @Override
        public void end() {
            Arrived file = coming;
            String name = field;
            coming = null;
            field = null;
            if (file != null) {
                close(file);
            } else if (name != null) {
                if (fields.put(name, value.toString(StandardCharsets.UTF_8)) != null) {
                    throw invalid("the field \"" + name + "\" stands twice", name);
                }
                // What is wrong with it is said before the files are sent.
                requireFree(ImportCall.of(fields).batch());
            }
        }
    }

    private static ProblemException invalid(String message, @Nullable String field) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, message, Map.of("field", String.valueOf(field)));
    }

    private void requireFree(@Nullable BatchId batch) {
        if (batch != null && sluice.jobs().batch(batch).isPresent()) {
            throw new ProblemException(
                    ErrorCode.CONFLICT,
                    "the batch " + batch + " is taken; name another one, or none",
                    Map.of("field", "batch_id"));
        }
    }

    // ---- Files

    private Arrived open(String filename) {
        JobId job = imports.newJob();
        try {
            var file = new Arrived(
                    job,
                    filename,
                    FileChannel.open(imports.place(job), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
            files.add(file);
            return file;
        } catch (IOException e) {
            throw failed(filename, e);
        }
    }

    private void write(Arrived file, ByteBuffer bytes) {
        long most = imports.settings().maxSize();
        if (bytes.remaining() > most - file.size) {
            throw new ProblemException(
                    ErrorCode.TOO_LARGE,
                    file.filename + " has more than the " + most + " bytes that an import may have"
                            + " (imports.max-size)",
                    Map.of("limit", most));
        }
        try {
            while (bytes.hasRemaining()) {
                file.size += file.channel.write(bytes);
            }
        } catch (IOException e) {
            throw failed(file.filename, e);
        }
    }

    private static void close(Arrived file) {
        try {
            file.close();
        } catch (IOException e) {
            throw failed(file.filename, e);
        }
    }

    private static ProblemException failed(String filename, IOException e) {
        boolean full = String.valueOf(e.getMessage()).contains("No space left on device");
        return full
                ? new ProblemException(
                        ErrorCode.DISK_FULL, "no space is left for " + filename + "; nothing of it is kept", e)
                : new ProblemException(ErrorCode.INTERNAL, filename + " cannot be written: " + e.getMessage(), e);
    }

    // ---- The end

    @Override
    public void end() {
        try {
            submit();
        } catch (RuntimeException e) {
            refuse(Answers.of(e));
        }
    }

    private void submit() {
        ImportCall call = ImportCall.of(fields);
        if (files.isEmpty()) {
            throw invalid("the form has no file in a field \"file\"", "file");
        }
        BatchId named = call.batch();
        BatchId batch = named == null ? imports.newBatch() : named;
        String currency = call.currency();
        List<Imports.Sent> sent = files.stream()
                .map(file -> new Imports.Sent(
                        file.job,
                        new ImportSpec(
                                file.filename,
                                file.size,
                                call.account(),
                                currency == null ? imports.settings().currency() : currency,
                                call.profile())))
                .toList();
        List<Job> jobs = imports.submit(batch, sent, Owner.LOCAL);
        files.clear();
        if (answered.compareAndSet(false, true)) {
            response.getHeaders().put(HttpHeader.LOCATION, "/api/v1/imports/" + batch);
            Answers.json(response, callback, 202, ImportAnswer.of(batch, jobs));
        }
    }

    @Override
    public void broken(Throwable cause) {
        abandon();
        if (answered.compareAndSet(false, true)) {
            callback.failed(cause);
        }
    }

    private void refuse(Problem problem) {
        reader.stop();
        abandon();
        if (answered.compareAndSet(false, true)) {
            Answers.problemAndClose(response, callback, problem, reader::discard);
        }
    }

    private void abandon() {
        coming = null;
        for (Arrived file : files) {
            BodyReader.letGo(file.job, () -> {
                close(file);
                imports.discard(file.job);
            });
        }
        files.clear();
    }
}
