package dev.sluice.bench;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What the [S3SinkProcess] knows: which objects there are and of what size, which parts of others have come. It
/// refuses what the service would: a part of an upload that is not there, a completion with a part that is missing,
/// too small or has another tag, or in a place that is taken (`If-None-Match`). It checks no signature and no
/// checksum, as it has no bytes. Used by one thread.
final class S3SinkBucket {
    private static final long LEAST_PART = 5 << 20;
    private static final String META = "x-amz-meta-";
    private static final Pattern PART = Pattern.compile("<Part>(.*?)</Part>", Pattern.DOTALL);
    private static final Pattern NUMBER = Pattern.compile("<PartNumber>(\\d+)</PartNumber>");
    private static final Pattern TAG = Pattern.compile("<ETag>(?:&quot;|\")?([^<&\"]*)(?:&quot;|\")?</ETag>");

    private final Map<String, Stored> objects = new TreeMap<>();
    private final Map<String, Upload> uploads = new LinkedHashMap<>();
    private long bytes;
    private long named;

    /// @param headers of its metadata, as lines
    private record Stored(long size, String tag, String headers) {}

    private static final class Upload {
        final String key;
        final String headers;
        final NavigableMap<Integer, Stored> parts = new TreeMap<>();

        Upload(String key, String headers) {
            this.key = key;
            this.headers = headers;
        }
    }

    /// @param key behind the bucket's name; empty for the bucket itself
    /// @param headers by name in lower case
    record Call(String method, String key, Map<String, String> query, Map<String, String> headers) {
        static Call of(String method, String target, Map<String, String> headers) {
            String[] parts = target.split("\\?", 2);
            var query = new HashMap<String, String>();
            for (String word : parts.length < 2 ? new String[0] : parts[1].split("&")) {
                String[] pair = word.split("=", 2);
                query.put(pair[0], pair.length < 2 ? "" : URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
            }
            String path = URLDecoder.decode(parts[0].replace("+", "%2B"), StandardCharsets.UTF_8);
            int slash = path.indexOf('/', 1);
            return new Call(method, slash < 0 ? "" : path.substring(slash + 1), query, headers);
        }

        /// Whether its body is that of an object or a part.
        boolean isStoring() {
            return method.equals("PUT");
        }

        private String upload() {
            return query.getOrDefault("uploadId", "");
        }
    }

    /// @param headers as lines
    record Reply(int status, String headers, String body) {
        static Reply of(int status) {
            return new Reply(status, "", "");
        }

        static Reply xml(String body) {
            return new Reply(200, "Content-Type: application/xml\r\n", body);
        }

        static Reply error(int status, String code) {
            return new Reply(
                    status,
                    "Content-Type: application/xml\r\n",
                    "<Error><Code>" + code + "</Code><Message>The sink says " + code + "</Message></Error>");
        }
    }

    /// Bytes of objects and parts have come, of ones that are not whole yet, too.
    void arrived(int count) {
        bytes += count;
    }

    /// @param length of the bytes that came
    /// @param body what came where it is not to be stored
    Reply answer(Call call, long length, String body) {
        boolean ofUpload = call.query.containsKey("uploadId");
        return switch (call.method) {
            case "PUT" -> ofUpload ? part(call, length) : put(call, length);
            case "POST" -> ofUpload ? complete(call, body) : begin(call);
            case "DELETE" -> ofUpload ? abort(call) : delete(call);
            case "HEAD" -> head(call);
            case "GET" -> ofUpload ? parts(call) : call.query.containsKey("uploads") ? uploads(call) : report();
            default -> Reply.error(405, "MethodNotAllowed");
        };
    }

    private String newName() {
        named++;
        return String.format("%032x", named);
    }

    private static String metadata(Map<String, String> headers) {
        return headers.entrySet().stream()
                .filter(header -> header.getKey().startsWith(META))
                .map(header -> header.getKey() + ": " + header.getValue() + "\r\n")
                .collect(Collectors.joining());
    }

    private static Reply tagged(Stored stored) {
        return new Reply(200, "ETag: \"" + stored.tag + "\"\r\n", "");
    }

    private boolean taken(Call call) {
        return "*".equals(call.headers.get("if-none-match")) && objects.containsKey(call.key);
    }

    private Reply put(Call call, long length) {
        if (taken(call)) {
            return Reply.error(412, "PreconditionFailed");
        }
        var stored = new Stored(length, newName(), metadata(call.headers));
        objects.put(call.key, stored);
        return tagged(stored);
    }

    private Reply begin(Call call) {
        String id = newName();
        uploads.put(id, new Upload(call.key, metadata(call.headers)));
        return Reply.xml("<InitiateMultipartUploadResult><Key>" + call.key + "</Key><UploadId>" + id
                + "</UploadId></InitiateMultipartUploadResult>");
    }

    private @Nullable Upload upload(Call call) {
        Upload upload = uploads.get(call.upload());
        return upload == null || !upload.key.equals(call.key) ? null : upload;
    }

    private Reply part(Call call, long length) {
        Upload upload = upload(call);
        if (upload == null) {
            return Reply.error(404, "NoSuchUpload");
        }
        var stored = new Stored(length, newName(), "");
        upload.parts.put(Integer.parseInt(call.query.getOrDefault("partNumber", "0")), stored);
        return tagged(stored);
    }

    private Reply complete(Call call, String body) {
        Upload upload = upload(call);
        if (upload == null) {
            return Reply.error(404, "NoSuchUpload");
        }
        if (taken(call)) {
            return Reply.error(412, "PreconditionFailed");
        }
        long size = 0;
        int before = 0;
        long smallest = LEAST_PART;
        Matcher part = PART.matcher(body);
        while (part.find()) {
            Matcher number = NUMBER.matcher(part.group(1));
            Matcher tag = TAG.matcher(part.group(1));
            Stored stored = number.find() ? upload.parts.get(Integer.parseInt(number.group(1))) : null;
            if (stored == null || !tag.find() || !stored.tag.equals(tag.group(1))) {
                return Reply.error(400, "InvalidPart");
            }
            if (smallest < LEAST_PART) {
                return Reply.error(400, "EntityTooSmall");
            }
            int now = Integer.parseInt(number.group(1));
            if (now <= before) {
                return Reply.error(400, "InvalidPartOrder");
            }
            before = now;
            smallest = stored.size;
            size += stored.size;
        }
        if (before == 0) {
            return Reply.error(400, "MalformedXML");
        }
        var stored = new Stored(size, newName() + "-" + upload.parts.size(), upload.headers);
        objects.put(call.key, stored);
        uploads.remove(call.upload());
        return Reply.xml("<CompleteMultipartUploadResult><Key>" + call.key + "</Key><ETag>\"" + stored.tag
                + "\"</ETag></CompleteMultipartUploadResult>");
    }

    private Reply abort(Call call) {
        if (upload(call) == null) {
            return Reply.error(404, "NoSuchUpload");
        }
        uploads.remove(call.upload());
        return Reply.of(204);
    }

    private Reply delete(Call call) {
        objects.remove(call.key);
        return Reply.of(204);
    }

    private Reply head(Call call) {
        Stored stored = objects.get(call.key);
        if (stored == null) {
            return Reply.of(404);
        }
        return new Reply(
                200,
                "Content-Length: " + stored.size + "\r\nETag: \"" + stored.tag + "\"\r\nLast-Modified: "
                        + DateTimeFormatter.RFC_1123_DATE_TIME.format(
                                Instant.now().atZone(ZoneOffset.UTC)) + "\r\n"
                        + stored.headers,
                "");
    }

    private Reply parts(Call call) {
        Upload upload = upload(call);
        if (upload == null) {
            return Reply.error(404, "NoSuchUpload");
        }
        String parts = upload.parts.entrySet().stream()
                .map(part -> "<Part><PartNumber>" + part.getKey() + "</PartNumber><ETag>\"" + part.getValue().tag
                        + "\"</ETag><Size>" + part.getValue().size + "</Size></Part>")
                .collect(Collectors.joining());
        return Reply.xml("<ListPartsResult><IsTruncated>false</IsTruncated>" + parts + "</ListPartsResult>");
    }

    private Reply uploads(Call call) {
        String prefix = call.query.getOrDefault("prefix", "");
        String found = uploads.entrySet().stream()
                .filter(upload -> upload.getValue().key.startsWith(prefix))
                .map(upload -> "<Upload><Key>" + upload.getValue().key + "</Key><UploadId>" + upload.getKey()
                        + "</UploadId></Upload>")
                .collect(Collectors.joining());
        return Reply.xml("<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>" + found
                + "</ListMultipartUploadsResult>");
    }

    /// For the bench: how many bytes came in all, how many uploads are open, and every object with its size.
    private Reply report() {
        var lines = new StringBuilder("bytes " + bytes + "\nuploads " + uploads.size() + "\n");
        objects.forEach((key, stored) -> lines.append("object ")
                .append(stored.size)
                .append(' ')
                .append(key)
                .append('\n'));
        return new Reply(200, "Content-Type: text/plain\r\n", lines.toString());
    }
}
