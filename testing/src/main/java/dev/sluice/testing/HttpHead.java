package dev.sluice.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.ProtocolException;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// The head of a request or of an answer: as it came, and taken apart.
///
/// @param first the words of the first line, three at most
/// @param headers by name, in any case; of several with one name the values joined by commas
@SuppressWarnings("ArrayRecordComponent") // nobody compares heads
record HttpHead(byte[] raw, String[] first, Map<String, String> headers) {
    static HttpHead parse(byte[] raw) throws IOException {
        String[] lines = new String(raw, ISO_8859_1).split("\r\n");
        String[] first = lines[0].split(" ", 3);
        if (first.length < 2) {
            throw new ProtocolException("not HTTP: " + lines[0]);
        }
        var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                headers.merge(
                        lines[i].substring(0, colon),
                        lines[i].substring(colon + 1).strip(),
                        (a, b) -> a + ", " + b);
            }
        }
        return new HttpHead(raw, first, Collections.unmodifiableMap(headers));
    }

    String method() {
        return first[0];
    }

    String target() {
        return first[1];
    }

    int status() throws IOException {
        try {
            return Integer.parseInt(first[1]);
        } catch (NumberFormatException e) {
            throw new IOException("not a status: " + first[1], e);
        }
    }

    boolean says(String name, String value) {
        return headers.getOrDefault(name, "").equalsIgnoreCase(value);
    }

    /// By RFC 9112, section 6.3.
    BodyFrame requestBody() throws IOException {
        if (says("Transfer-Encoding", "chunked")) {
            return new BodyFrame.Chunks();
        }
        return new BodyFrame.Length(length());
    }

    BodyFrame answerBody(String method) throws IOException {
        int status = status();
        if (method.equals("HEAD") || status == 204 || status == 304 || status < 200) {
            return new BodyFrame.Length(0);
        }
        if (says("Transfer-Encoding", "chunked")) {
            return new BodyFrame.Chunks();
        }
        return headers.containsKey("Content-Length") ? new BodyFrame.Length(length()) : new BodyFrame.Rest();
    }

    /// 0 where none is given.
    private long length() throws IOException {
        String length = headers.getOrDefault("Content-Length", "0");
        try {
            return Long.parseLong(length);
        } catch (NumberFormatException e) {
            throw new IOException("not a length: " + length, e);
        }
    }
}
