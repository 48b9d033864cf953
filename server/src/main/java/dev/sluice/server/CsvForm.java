package dev.sluice.server;

import dev.sluice.app.Sluice;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.FullDisk;
import dev.sluice.core.JobId;
import dev.sluice.core.Owner;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.imports.Imports;
import dev.sluice.storage.SafeName;
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

/// The files of a form, each written as it comes to where an import would read it. What the form says of them may stand
/// before or behind them; so what is to become of them is done when all of it is here, and a request that ends before
/// leaves nothing.
abstract class CsvForm implements BodyReader.Sink {
    private static final int MAX_PARTS = 200;
    private static final int MAX_FIELD = 1024;

    final Imports imports;
    final Owner owner;
    final Response response;
    final Callback callback;
    private final BodyReader reader;
    private final FormParser parser;
    private final AtomicBoolean answered = new AtomicBoolean();
    private final Map<String, String> fields = new LinkedHashMap<>();
    private final List<Arrived> files = new ArrayList<>();
    private final ByteArrayOutputStream value = new ByteArrayOutputStream(0);
    private @Nullable String field;
    private @Nullable Arrived coming;

    /// A file, so far as it is here.
    static final class Arrived implements AutoCloseable {
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
    CsvForm(Sluice sluice, Executor threads, Request request, Response response, Callback callback) {
        String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "a CSV comes as multipart/form-data, in a field \"file\"",
                    Map.of("field", "Content-Type"));
        }
        this.imports = sluice.imports();
        this.owner = Identity.of(request).owner();
        this.response = response;
        this.callback = callback;
        this.reader = new BodyReader(request, new Lane(), threads, this);
        this.parser = new FormParser(FormParser.boundary(type), MAX_PARTS, new Parts());
    }

    final void start() {
        reader.start();
    }

    /// All of the form is here. Whoever overrides this answers, and keeps or discards the files.
    abstract void complete(ImportCall call, List<Arrived> arrived);

    /// What the form says is known so far.
    void said(ImportCall call) {}

    @Override
    public final void take(Content.Chunk chunk) {
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
                said(ImportCall.of(fields));
            }
        }
    }

    static ProblemException invalid(String message, @Nullable String field) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, message, Map.of("field", String.valueOf(field)));
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
        return FullDisk.isMeantBy(e)
                ? new ProblemException(
                        ErrorCode.DISK_FULL, "no space is left for " + filename + "; nothing of it is kept", e)
                : new ProblemException(ErrorCode.INTERNAL, filename + " cannot be written: " + e.getMessage(), e);
    }

    // ---- The end

    @Override
    public final void end() {
        try {
            ImportCall call = ImportCall.of(fields);
            if (files.isEmpty()) {
                throw invalid("the form has no file in a field \"file\"", "file");
            }
            complete(call, files);
        } catch (RuntimeException e) {
            refuse(Answers.of(e));
        }
    }

    /// The files are somebody else's from now on.
    final void keep() {
        files.clear();
    }

    /// Whether nobody has answered yet; who asks answers.
    final boolean mayAnswer() {
        return answered.compareAndSet(false, true);
    }

    @Override
    public final void broken(Throwable cause) {
        abandon();
        if (mayAnswer()) {
            callback.failed(cause);
        }
    }

    final void refuse(Problem problem) {
        reader.stop();
        abandon();
        if (mayAnswer()) {
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
