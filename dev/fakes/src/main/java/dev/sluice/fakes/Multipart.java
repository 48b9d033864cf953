package dev.sluice.fakes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/// The body of `uploadType=multipart`: metadata and bytes as `multipart/related` (RFC 2387).
///
/// @param type of the bytes
record Multipart(ObjectNode metadata, @Nullable String type, ByteBuffer bytes) {
    private static final int MOST = 64 << 20;
    private static final Pattern BOUNDARY = Pattern.compile("multipart/related;.*boundary=\"?([^\";]+)\"?.*");
    private static final Pattern TYPE = Pattern.compile("(?im)^content-type:\\s*(\\S.*?)\\s*$");

    static Multipart read(Exchange exchange) throws IOException {
        Matcher boundary = BOUNDARY.matcher(String.valueOf(exchange.requestHeader(HttpHeader.CONTENT_TYPE)));
        if (!boundary.matches()) {
            throw new Refusal(400, "badContent", "Media type is not supported: multipart/related is needed");
        }
        byte[] body = exchange.body(MOST);
        // One byte is one character here, whatever the parts are written in.
        String text = new String(body, StandardCharsets.ISO_8859_1);
        String delimiter = "--" + boundary.group(1);
        int first = text.indexOf(delimiter);
        int second = text.indexOf("\r\n" + delimiter, first + delimiter.length());
        int end = text.lastIndexOf("\r\n" + delimiter + "--");
        if (first < 0 || second < 0 || end <= second) {
            throw new Refusal(400, "badContent", "Malformed multipart body.");
        }
        int metadata = bytesOf(text, first, second);
        int bytes = bytesOf(text, second + 2, end);
        Matcher type = TYPE.matcher(text.substring(second, bytes));
        return new Multipart(
                Exchange.object(text.substring(metadata, second).getBytes(StandardCharsets.ISO_8859_1)),
                type.find() ? type.group(1) : null,
                ByteBuffer.wrap(body, bytes, end - bytes));
    }

    private static int bytesOf(String text, int from, int to) {
        int headers = text.indexOf("\r\n\r\n", from);
        if (headers < 0 || headers + 4 > to) {
            throw new Refusal(400, "badContent", "Malformed multipart body.");
        }
        return headers + 4;
    }
}
