package dev.sluice.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One connection of the [S3SinkProcess]: HTTP/1.1, one call after the other. The bytes of objects and parts are
/// counted, other bodies are read.
final class S3SinkConnection {
    private static final int MOST_HEAD = 32 << 10;
    private static final int MOST_TEXT = 4 << 20;
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final SocketChannel channel;
    private final S3SinkBucket bucket;
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private int newlines;
    private @Nullable Incoming incoming;

    /// A call whose body is on its way, perhaps in Amazon's chunks.
    private static final class Incoming {
        final S3SinkBucket.Call call;
        final @Nullable AwsChunks chunks;
        long left;

        Incoming(S3SinkBucket.Call call, long length) {
            this.call = call;
            this.left = length;
            this.chunks = call.headers().getOrDefault("content-encoding", "").contains("aws-chunked")
                    ? new AwsChunks()
                    : null;
        }
    }

    S3SinkConnection(SocketChannel channel, S3SinkBucket bucket) {
        this.channel = channel;
        this.bucket = bucket;
    }

    /// Takes what has come.
    void take(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            Incoming now = incoming;
            if (now == null) {
                head(bytes);
            } else {
                body(now, bytes);
            }
        }
    }

    private void head(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            byte b = bytes.get();
            text.write(b);
            newlines = b == '\n' ? newlines + 1 : b == '\r' ? newlines : 0;
            if (newlines == 2) {
                begin(text.toString(StandardCharsets.ISO_8859_1));
                return;
            }
            if (text.size() > MOST_HEAD) {
                throw new IOException("a head of more than " + MOST_HEAD + " bytes");
            }
        }
    }

    private void begin(String head) throws IOException {
        text.reset();
        newlines = 0;
        String[] lines = head.split("\r\n");
        String[] first = lines[0].split(" ");
        var headers = new TreeMap<String, String>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            headers.put(
                    lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
                    lines[i].substring(colon + 1).strip());
        }
        long length = Long.parseLong(headers.getOrDefault("content-length", "0"));
        var next = new Incoming(S3SinkBucket.Call.of(first[0], first[1], headers), length);
        if ("100-continue".equalsIgnoreCase(headers.get("expect"))) {
            write(ByteBuffer.wrap(CONTINUE));
        }
        if (length == 0) {
            answer(next);
        } else {
            incoming = next;
        }
    }

    private void body(Incoming now, ByteBuffer bytes) throws IOException {
        int count = (int) Math.min(now.left, bytes.remaining());
        ByteBuffer piece = bytes.slice(bytes.position(), count);
        bytes.position(bytes.position() + count);
        now.left -= count;
        if (now.call.isStoring()) {
            bucket.arrived(count);
            if (now.chunks != null) {
                now.chunks.take(piece);
            }
        } else {
            while (piece.hasRemaining() && text.size() < MOST_TEXT) {
                text.write(piece.get());
            }
        }
        if (now.left == 0) {
            answer(now);
        }
    }

    private void answer(Incoming now) throws IOException {
        incoming = null;
        String body = text.toString(StandardCharsets.UTF_8);
        text.reset();
        long length = now.chunks == null
                ? Long.parseLong(now.call.headers().getOrDefault("content-length", "0"))
                : now.chunks.whole(
                        Long.parseLong(now.call.headers().getOrDefault("x-amz-decoded-content-length", "-1")));
        S3SinkBucket.Reply reply =
                length < 0 ? S3SinkBucket.Reply.error(400, "IncompleteBody") : bucket.answer(now.call, length, body);
        byte[] content = reply.body().getBytes(StandardCharsets.UTF_8);
        var head = new StringBuilder("HTTP/1.1 ")
                .append(reply.status())
                .append(" -\r\n")
                .append(reply.headers());
        if (!reply.headers().contains("Content-Length")) {
            head.append("Content-Length: ").append(content.length).append("\r\n");
        }
        byte[] first = head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
        boolean bodiless = now.call.method().equals("HEAD");
        ByteBuffer out = ByteBuffer.allocate(first.length + (bodiless ? 0 : content.length));
        out.put(first);
        if (!bodiless) {
            out.put(content);
        }
        write(out.flip());
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
