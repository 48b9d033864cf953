package dev.sluice.fakes;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;

/// Answers a read, whole or with a `Range` of one run (RFC 9110 §14.2): 206 with `Content-Range`, 416 where
/// nothing of it is there.
final class ByteRange {
    private static final Pattern SYNTAX = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    private ByteRange() {}

    static void send(Exchange exchange, String type, Content content) throws IOException {
        exchange.header(HttpHeader.ACCEPT_RANGES, "bytes");
        long size = content.size();
        String header = exchange.requestHeader(HttpHeader.RANGE);
        Matcher matcher = SYNTAX.matcher(header == null ? "" : header);
        // A Range that is none is as good as no Range (RFC 9110 §14.2).
        if (!matcher.matches() || matcher.group().equals("bytes=-")) {
            exchange.content(200, type, content, 0, size);
            return;
        }
        String first = matcher.group(1);
        String last = matcher.group(2);
        long from = first.isEmpty() ? Math.max(0, size - Long.parseLong(last)) : Long.parseLong(first);
        long to = first.isEmpty() || last.isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(last));
        if (from > to) {
            exchange.header(HttpHeader.CONTENT_RANGE, "bytes */" + size);
            throw new Refusal(416, "requestedRangeNotSatisfiable", "Request range not satisfiable").at("Range");
        }
        exchange.header(HttpHeader.CONTENT_RANGE, "bytes " + from + "-" + to + "/" + size);
        exchange.content(206, type, content, from, to - from + 1);
    }
}
