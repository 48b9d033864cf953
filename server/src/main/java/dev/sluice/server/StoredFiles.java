package dev.sluice.server;

import dev.sluice.core.Batch;
import dev.sluice.core.Engine;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Problem;
import dev.sluice.core.StopToken;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.ObjectContent;
import dev.sluice.storage.Storages;
import dev.sluice.upload.UploadContent;
import dev.sluice.upload.UploadFacts;
import dev.sluice.upload.Uploads;
import dev.sluice.wire.ContentDisposition;
import dev.sluice.wire.RangeHeader;
import dev.sluice.wire.ZipLayout;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executor;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// Stored bytes on their way out: one file, or a batch as one ZIP that is made as it is sent.
final class StoredFiles {
    private final Engine engine;
    private final Storages storages;
    private final UploadContent content;

    StoredFiles(Engine engine, Storages storages, UploadContent content) {
        this.engine = engine;
        this.storages = storages;
        this.content = content;
    }

    /// What an upload or a download has stored.
    void file(Job job, Request request, Response response, Callback callback) {
        StoredFile file = StoredFile.of(job, storages);
        file.requireReadable();
        describe(response, file.contentType(), file.name(), file.etag(), file.modified());
        ByteRange range = range(request, response, file.size(), file.etag(), file.modified());
        if (range == null || hasNoBody(request, range)) {
            finishEmpty(response, callback, range);
            return;
        }
        ObjectContent bytes = file.read(range);
        new ContentSender(plain(bytes, file.storage().executor()), range.length(), response, callback).start();
    }

    /// A batch's uploads: a ZIP begins with their CRC-32, which downloads have none of.
    void zip(Batch batch, Request request, Response response, Callback callback) {
        List<Job> files = engine.jobs().jobsOf(batch.id()).stream()
                .filter(job -> job.kind().equals(Uploads.KIND) && job.state() == JobState.COMPLETED)
                .toList();
        content.requireStored(files);
        var layout = new ZipLayout(files.stream().map(StoredFiles::entry).toList());
        describe(response, "application/zip", "batch-" + batch.id() + ".zip", layout.etag(), null);
        ByteRange range = range(request, response, layout.length(), layout.etag(), null);
        if (range == null || hasNoBody(request, range)) {
            finishEmpty(response, callback, range);
            return;
        }
        var source =
                new ZipSource(layout.segments(range.first(), range.length()).iterator(), files);
        new ContentSender(source, range.length(), response, callback).start();
    }

    private static ZipLayout.Entry entry(Job job) {
        UploadFacts facts = UploadFacts.of(job);
        Instant ended = job.ended();
        return new ZipLayout.Entry(
                Uploads.spec(job).filename(), facts.size(), facts.crc(), ended == null ? job.created() : ended);
    }

    private static void describe(Response response, String type, String name, String etag, @Nullable Instant modified) {
        var headers = response.getHeaders();
        headers.put(HttpHeader.CONTENT_TYPE, type);
        headers.put(HttpHeader.CONTENT_DISPOSITION, ContentDisposition.attachment(name));
        headers.put(HttpHeader.ETAG, etag);
        headers.put(HttpHeader.ACCEPT_RANGES, "bytes");
        if (modified != null) {
            headers.put(
                    HttpHeader.LAST_MODIFIED,
                    DateTimeFormatter.RFC_1123_DATE_TIME.format(modified.atOffset(ZoneOffset.UTC)));
        }
    }

    /// The bytes that are asked for, with the answer's status and headers set; null where they cannot be had.
    private static @Nullable ByteRange range(
            Request request, Response response, long length, String etag, @Nullable Instant modified) {
        var asked = request.getHeaders();
        boolean applies = RangeHeader.applies(asked.get(HttpHeader.IF_RANGE), etag, modified);
        var headers = response.getHeaders();
        return switch (RangeHeader.parse(applies ? asked.get(HttpHeader.RANGE) : null, length)) {
            case RangeHeader.Whole whole -> {
                response.setStatus(200);
                headers.put(HttpHeader.CONTENT_LENGTH, length);
                yield new ByteRange(0, whole.length());
            }
            case RangeHeader.Part part -> {
                response.setStatus(206);
                headers.put(HttpHeader.CONTENT_RANGE, part.contentRange());
                headers.put(HttpHeader.CONTENT_LENGTH, part.range().length());
                yield part.range();
            }
            case RangeHeader.Unsatisfiable none -> {
                response.setStatus(416);
                headers.put(HttpHeader.CONTENT_RANGE, none.contentRange());
                headers.remove(HttpHeader.CONTENT_DISPOSITION);
                yield null;
            }
        };
    }

    private static boolean hasNoBody(Request request, ByteRange range) {
        return HttpMethod.HEAD.is(request.getMethod()) || range.length() == 0;
    }

    private static void finishEmpty(Response response, Callback callback, @Nullable ByteRange range) {
        if (range == null) {
            var problem = new Problem(ErrorCode.INVALID_REQUEST, "the range lies beyond the end of the content");
            Answers.problem(response, callback, problem, 416);
        } else {
            response.write(true, ByteBuffer.allocate(0), callback);
        }
    }

    private static ContentSender.Source plain(ObjectContent content, Executor where) {
        return new ContentSender.Source() {
            @Override
            public Executor where() {
                return where;
            }

            @Override
            public int read(ByteBuffer target) {
                return content.read(target);
            }

            @Override
            public void close() {
                content.close();
            }
        };
    }

    /// A ZIP's segments one after the other; a stored file is opened when its turn comes, on the threads of its
    /// storage.
    private final class ZipSource implements ContentSender.Source {
        private final Iterator<ZipLayout.Segment> segments;
        private final List<Job> files;
        private Executor where = Thread::startVirtualThread;
        private ZipLayout.@Nullable Segment upcoming;
        private ContentSender.@Nullable Source current;

        ZipSource(Iterator<ZipLayout.Segment> segments, List<Job> files) {
            this.segments = segments;
            this.files = files;
            advance();
        }

        /// What is in memory is read wherever the last file was.
        private void advance() {
            upcoming = segments.hasNext() ? segments.next() : null;
            if (upcoming instanceof ZipLayout.Segment.Content entry) {
                where = content.executor(files.get(entry.index()));
            }
        }

        @Override
        public Executor where() {
            return where;
        }

        @Override
        public int read(ByteBuffer target) {
            ContentSender.Source open = current;
            if (open == null) {
                ZipLayout.Segment next = upcoming;
                if (next == null) {
                    return -1;
                }
                open = open(next);
                current = open;
            }
            int read = open.read(target);
            if (read >= 0) {
                return read;
            }
            open.close();
            current = null;
            advance();
            return upcoming == null ? -1 : 0;
        }

        private ContentSender.Source open(ZipLayout.Segment segment) {
            return switch (segment) {
                case ZipLayout.Segment.Bytes bytes -> inMemory(ByteBuffer.wrap(bytes.bytes()));
                case ZipLayout.Segment.Content entry -> stored(entry);
            };
        }

        private ContentSender.Source stored(ZipLayout.Segment.Content entry) {
            Job file = files.get(entry.index());
            var range = new ByteRange(entry.offset(), entry.length());
            return plain(content.read(file, range, new StopToken()), content.executor(file));
        }

        private ContentSender.Source inMemory(ByteBuffer bytes) {
            return new ContentSender.Source() {
                @Override
                public Executor where() {
                    return where;
                }

                @Override
                public int read(ByteBuffer target) {
                    if (!bytes.hasRemaining()) {
                        return -1;
                    }
                    int length = Math.min(bytes.remaining(), target.remaining());
                    target.put(bytes.slice(bytes.position(), length));
                    bytes.position(bytes.position() + length);
                    return length;
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void close() {
            ContentSender.Source open = current;
            if (open != null) {
                open.close();
            }
        }
    }
}
