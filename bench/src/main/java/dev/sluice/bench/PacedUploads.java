package dev.sluice.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Many uploads at once, each at a steady rate: ten pieces a second, at a moment of its own. One thread sends
/// all of them, from one buffer.
final class PacedUploads implements AutoCloseable {
    private static final long PERIOD_NANOS = 100_000_000;
    private static final int PIECES_PER_SECOND = 10;

    /// None of them ends during a run.
    private static final long SIZE = 8L << 30;

    private final List<Upload> uploads = new ArrayList<>();
    private final Map<String, Upload> byJob = new ConcurrentHashMap<>();
    private final Thread thread = Thread.ofPlatform().daemon().name("uploads").unstarted(this::sendAll);
    private final ByteBuffer piece;
    private final ByteBuffer message;
    private final ByteBuffer answers = ByteBuffer.allocateDirect(16 << 10);
    private volatile boolean over;
    private volatile @Nullable RuntimeException failure;
    private volatile long behindNanos;
    private final AtomicLong late = new AtomicLong();

    /// The ways in.
    enum Door {
        WEBSOCKET,
        PUT,
        TUS
    }

    /// One upload.
    private static final class Upload {
        final String job;
        final SocketChannel channel;
        final ByteBuffer next;
        volatile boolean stopping;
        boolean ended;

        Upload(String job, SocketChannel channel, ByteBuffer piece) {
            this.job = job;
            this.channel = channel;
            this.next = piece.duplicate().limit(0);
        }
    }

    private PacedUploads(int bytesPerSecond) {
        byte[] content = new byte[bytesPerSecond / PIECES_PER_SECOND];
        new Random(bytesPerSecond).nextBytes(content);
        piece = ByteBuffer.allocateDirect(content.length).put(content).flip();
        message = ClientFrame.binary(ByteBuffer.wrap(content));
    }

    /// Opens `count` uploads, the doors in turn, and begins to send.
    static PacedUploads start(InetSocketAddress server, int count, int bytesPerSecond, List<Door> doors) {
        return start(server, count, bytesPerSecond, doors, "");
    }

    /// The same into a storage; empty for the standard one, as all by tus.
    static PacedUploads start(
            InetSocketAddress server, int count, int bytesPerSecond, List<Door> doors, String storage) {
        var paced = new PacedUploads(bytesPerSecond);
        try (var http = new HttpConnection(server)) {
            List<String> announced = announce(http, count, storage);
            for (int i = 0; i < count; i++) {
                Upload upload = switch (doors.get(i % doors.size())) {
                    case WEBSOCKET -> paced.webSocket(server, announced.get(i));
                    case PUT -> paced.request(server, "PUT", "/api/v1/upload/" + announced.get(i), "");
                    case TUS -> paced.tus(server, http);
                };
                paced.uploads.add(upload);
                paced.byJob.put(upload.job, upload);
            }
        }
        Collections.shuffle(paced.uploads, new Random(count));
        paced.thread.start();
        return paced;
    }

    private static List<String> announce(HttpConnection http, int count, String storage) {
        String files = IntStream.range(0, count)
                .mapToObj(i -> "{\"filename\":\"film-" + i + ".mp4\",\"size\":" + SIZE + "}")
                .collect(Collectors.joining(","));
        String where = storage.isEmpty() ? "" : ",\"storage\":\"" + storage + "\"";
        JsonNode answer = http.post("/api/v1/batch/initiate", "{\"files\":[" + files + "]" + where + "}")
                .expect(200)
                .json();
        var ids = new ArrayList<String>();
        answer.path("files").forEach(file -> ids.add(file.path("file_id").asText()));
        return ids;
    }

    private Upload webSocket(InetSocketAddress server, String id) {
        return upload(id, Handshake.open(server, "/ws/upload/" + id), message);
    }

    private Upload tus(InetSocketAddress server, HttpConnection http) {
        String location = Tus.create(http, SIZE);
        return request(server, "PATCH", location, Tus.patchHeaders(0));
    }

    private Upload request(InetSocketAddress server, String method, String path, String headers) {
        try {
            SocketChannel channel = SocketChannel.open(server);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.write(StandardCharsets.US_ASCII.encode(method + " " + path + " HTTP/1.1\r\nHost: "
                    + server.getHostString() + ":" + server.getPort() + "\r\nContent-Length: " + SIZE + "\r\n" + headers
                    + "\r\n"));
            return upload(path.substring(path.lastIndexOf('/') + 1), channel, piece);
        } catch (IOException e) {
            throw new BenchException(method + " " + path + " failed", e);
        }
    }

    private static Upload upload(String job, SocketChannel channel, ByteBuffer piece) {
        try {
            channel.configureBlocking(false);
        } catch (IOException e) {
            throw new BenchException("cannot set up a connection", e);
        }
        return new Upload(job, channel, piece);
    }

    List<String> jobs() {
        return uploads.stream().map(upload -> upload.job).toList();
    }

    /// The server may end this one from now on.
    void stopping(String job) {
        Upload upload = byJob.get(job);
        if (upload != null) {
            upload.stopping = true;
        }
    }

    /// How many pieces the server did not take in time.
    long late() {
        return late.get();
    }

    /// How much later than its time a piece was sent at the most because this process was slow, in milliseconds.
    double behind() {
        return behindNanos / 1e6;
    }

    /// Begins to look at that anew.
    void forgetBehind() {
        behindNanos = 0;
    }

    /// Fails where the server has ended one that nobody stopped.
    void requireMoving() {
        RuntimeException why = failure;
        if (why != null) {
            throw why;
        }
    }

    private void sendAll() {
        try {
            long round = System.nanoTime();
            while (!over) {
                for (int i = 0; i < uploads.size() && !over; i++) {
                    long due = round + PERIOD_NANOS * i / uploads.size();
                    long early = due - System.nanoTime();
                    if (early > 1_000_000) {
                        Pause.untilNanos(due);
                    } else if (-early > behindNanos) {
                        behindNanos = -early;
                    }
                    Upload upload = uploads.get(i);
                    if (!upload.ended) {
                        step(upload);
                    }
                }
                round += PERIOD_NANOS;
            }
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void step(Upload upload) {
        try {
            if (upload.next.hasRemaining()) {
                late.incrementAndGet();
            } else {
                upload.next.clear();
            }
            upload.channel.write(upload.next);
            if (upload.channel.read(answers.clear()) < 0) {
                ended(upload, null);
            }
        } catch (IOException e) {
            ended(upload, e);
        }
    }

    private static void ended(Upload upload, @Nullable IOException cause) {
        upload.ended = true;
        try {
            upload.channel.close();
        } catch (IOException e) {
            throw new BenchException("cannot close a connection", e);
        }
        if (!upload.stopping) {
            throw new BenchException("the server ended " + upload.job + " although nobody stopped it", cause);
        }
    }

    @Override
    public void close() {
        over = true;
        try {
            thread.join();
            for (Upload upload : uploads) {
                upload.channel.close();
            }
        } catch (IOException e) {
            throw new BenchException("cannot close the uploads", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
