package dev.sluice.download;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/// What a server answers: a head, and a body that is read as it comes, straight from the socket where its length is
/// known. Used by one thread; closed before its end, it resets the connection.
final class Reply implements AutoCloseable {
    private static final int HEAD = 64 << 10;
    private static final long UNKNOWN = -1;

    private final Lines lines;
    private final Line line;
    private final Head head = new Head();
    private final HttpParser parser = new HttpParser(head, HEAD);
    private final ByteBuffer buffer = ByteBuffer.allocate(HEAD).flip();
    private long left;
    private boolean ended;
    private boolean closed;

    private Reply(Lines lines, Line line) {
        this.lines = lines;
        this.line = line;
    }

    /// Reads the head of the answer to the request that has just been sent.
    static Reply read(Lines lines, Line line) throws IOException {
        var reply = new Reply(lines, line);
        reply.readHead();
        return reply;
    }

    /// A header's value, of which each byte is a character, as what its bytes mean where they are UTF-8: many servers
    /// write names so, although HTTP knows only ASCII there.
    static String text(String value) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(value.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            return value;
        }
    }

    private static final class Head implements HttpParser.ResponseHandler {
        private final HttpFields.Mutable fields = HttpFields.build();
        private int status;
        private HttpVersion version = HttpVersion.HTTP_1_0;
        private boolean headComplete;
        private boolean complete;
        private @Nullable ByteBuffer piece;
        private @Nullable HttpException bad;

        @Override
        public void startResponse(HttpVersion said, int code, String reason) {
            version = said;
            status = code;
        }

        @Override
        public void parsedHeader(HttpField field) {
            fields.add(field);
        }

        @Override
        public boolean headerComplete() {
            headComplete = true;
            return true;
        }

        @Override
        public boolean content(ByteBuffer some) {
            piece = some;
            return true;
        }

        @Override
        public boolean contentComplete() {
            return false;
        }

        @Override
        public boolean messageComplete() {
            complete = true;
            return true;
        }

        @Override
        public void earlyEOF() {
            bad = new HttpException.IllegalStateException(400, "the connection ended too early");
        }

        @Override
        public void badMessage(HttpException failure) {
            bad = failure;
        }
    }

    private void readHead() throws IOException {
        long began = System.nanoTime();
        while (true) {
            while (!head.headComplete) {
                parseHead(began);
            }
            if (head.status >= 200) {
                break;
            }
            while (!head.complete) {
                parseHead(began);
            }
            parser.reset();
            head.headComplete = false;
            head.complete = false;
            head.fields.clear();
        }
        boolean bodiless = head.status == 204 || head.status == 304;
        long length = head.fields.getLongField(HttpHeader.CONTENT_LENGTH);
        left = bodiless ? 0 : isChunked() || length < 0 ? UNKNOWN : length;
        ended = left == 0;
    }

    private boolean isChunked() {
        return head.fields.contains(HttpHeader.TRANSFER_ENCODING);
    }

    /// Bytes that drip in, and answers that only say that one will come, count as silence here.
    private void parseHead(long beganNanos) throws IOException {
        Duration most = lines.patience().silence();
        if (System.nanoTime() - beganNanos > most.toNanos()) {
            throw new IOException(
                    "the server did not come to the end of an answer's head in " + most.toSeconds() + " s");
        }
        parse();
    }

    private void parse() throws IOException {
        if (!buffer.hasRemaining()) {
            buffer.clear();
            int count = line.read(buffer);
            buffer.flip();
            if (count < 0) {
                parser.atEOF();
            }
        }
        parser.parseNext(buffer);
        HttpException bad = head.bad;
        if (bad != null) {
            throw new IOException("the answer is no HTTP: " + bad.getReason());
        }
        if (parser.isTerminated() && !head.headComplete) {
            throw new EOFException("the connection ended before an answer");
        }
    }

    int status() {
        return head.status;
    }

    @Nullable
    String header(HttpHeader name) {
        return head.fields.get(name);
    }

    /// How the body is packed, as gzip; null where it is not.
    @Nullable
    String packing() {
        String coding = header(HttpHeader.CONTENT_ENCODING);
        if (coding != null && !coding.isBlank() && !coding.strip().equalsIgnoreCase("identity")) {
            return coding.strip();
        }
        String transfer = header(HttpHeader.TRANSFER_ENCODING);
        return transfer == null || transfer.strip().equalsIgnoreCase("chunked") ? null : transfer.strip();
    }

    /// The length of the body; -1 where only its end tells.
    long length() {
        return left;
    }

    Line line() {
        return line;
    }

    /// Whether all of its body was read.
    boolean isWhole() {
        return ended;
    }

    /// Reads some bytes of the body, at least one where there is room.
    ///
    /// @return how many; -1 at the end
    int read(ByteBuffer into) throws IOException {
        if (ended) {
            return -1;
        }
        if (isChunked()) {
            return readPiece(into);
        }
        int limit = into.limit();
        if (left >= 0) {
            into.limit((int) Math.min(limit, into.position() + left));
        }
        try {
            int count = buffer.hasRemaining() ? move(buffer, into) : line.read(into);
            if (count < 0) {
                if (left > 0) {
                    throw new EOFException("the connection ended " + left + " bytes too early");
                }
                ended = true;
            } else if (left >= 0) {
                left -= count;
                ended = left == 0;
            }
            return count;
        } finally {
            into.limit(limit);
        }
    }

    private int readPiece(ByteBuffer into) throws IOException {
        while (true) {
            ByteBuffer piece = head.piece;
            if (piece != null && piece.hasRemaining()) {
                return move(piece, into);
            }
            if (head.complete) {
                ended = true;
                return -1;
            }
            head.piece = null;
            parse();
        }
    }

    private static int move(ByteBuffer from, ByteBuffer into) {
        int count = Math.min(from.remaining(), into.remaining());
        into.put(from.slice(from.position(), count));
        from.position(from.position() + count);
        return count;
    }

    private boolean persists() {
        String connection = header(HttpHeader.CONNECTION);
        return head.version == HttpVersion.HTTP_1_1
                && (connection == null || !connection.equalsIgnoreCase("close"))
                && !buffer.hasRemaining();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (ended && persists() && !line.isCut()) {
            lines.keep(line);
        } else {
            lines.drop(line);
        }
    }
}
