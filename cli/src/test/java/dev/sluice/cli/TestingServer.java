package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/// A server that knows uploads, and is strict: a PUT that does not go on exactly where the file stands is
/// refused. Faults are queued, one for each PUT.
@NullMarked
final class TestingServer implements AutoCloseable {
    private static final Pattern RANGE = Pattern.compile("bytes (\\d+)-(\\d+)/(\\d+)");

    /// What happens to a PUT instead of going well.
    interface Fault {
        /// @return whether the PUT has been dealt with
        boolean befall(TestingServer server, Upload upload, HttpExchange exchange) throws IOException;
    }

    static final class Upload {
        final String id;
        final String name;
        final long size;
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        volatile String status = "pending";
        /// What the job's document says, one state after the other; then its status.
        final Queue<String> states = new ConcurrentLinkedQueue<>();
        volatile @Nullable String cancelledBy;

        Upload(String id, String name, long size) {
            this.id = id;
            this.name = name;
            this.size = size;
        }

        synchronized byte[] content() {
            return bytes.toByteArray();
        }

        synchronized void add(byte[] more, int length) {
            bytes.write(more, 0, length);
        }
    }

    final Map<String, Upload> uploads = Collections.synchronizedMap(new LinkedHashMap<>());
    /// What was asked for of downloads.
    final List<JsonNode> downloads = Collections.synchronizedList(new ArrayList<>());
    final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    volatile int initiateStatus = 200;
    /// So many answers of an initiation never arrive.
    final AtomicInteger answersToLose = new AtomicInteger();
    private final Map<String, String> initiated = Collections.synchronizedMap(new LinkedHashMap<>());
    private HttpServer http;

    TestingServer() throws IOException {
        http = start(0);
    }

    private HttpServer start(int port) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/", this::handle);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        return server;
    }

    String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    void goAway() {
        http.stop(0);
    }

    void comeBack() throws IOException {
        http = start(http.getAddress().getPort());
    }

    Upload only() {
        return uploads.values().iterator().next();
    }

    private void handle(HttpExchange exchange) throws IOException {
        var method = exchange.getRequestMethod();
        var path = exchange.getRequestURI().getPath();
        requests.add(method + " " + exchange.getRequestURI());
        try {
            if (method.equals("POST") && path.endsWith("/initiate")) {
                initiate(exchange, path.contains("/batch/"));
            } else if (path.equals("/api/v1/download") || path.equals("/api/v1/downloads")) {
                download(exchange);
            } else if (path.startsWith("/api/v1/upload/")) {
                upload(exchange, path.substring("/api/v1/upload/".length()));
            } else if (path.startsWith("/api/v1/cli/cancel/")) {
                cancel(exchange, path.substring("/api/v1/cli/cancel/".length()));
            } else if (path.startsWith("/api/v1/jobs/")) {
                job(exchange, path.substring("/api/v1/jobs/".length()));
            } else if (path.equals("/ws/jobs")) {
                problem(exchange, 403, "forbidden");
            } else if (path.equals("/api/v1/jobs")) {
                var json =
                        "application/json".equals(exchange.getRequestHeaders().getFirst("Accept"));
                answer(exchange, 200, json ? "{\"jobs\":[]}" : "no jobs");
            } else {
                problem(exchange, 404, "not_found");
            }
        } finally {
            exchange.close();
        }
    }

    private void initiate(HttpExchange exchange, boolean batch) throws IOException {
        var request = Json.parse(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        if (initiateStatus != 200) {
            problem(exchange, initiateStatus, "too_large");
            return;
        }
        var key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
        var made = initiated.computeIfAbsent(key, first -> make(request, batch));
        if (answersToLose.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            return;
        }
        answer(exchange, 200, made);
    }

    private void download(HttpExchange exchange) throws IOException {
        var request = Json.parse(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        downloads.add(request);
        var made = new Upload("download-" + downloads.size(), "film.mp4", 0);
        uploads.put(made.id, made);
        answer(
                exchange,
                202,
                Json.object().put("jobId", made.id).put("status", "queued").toString());
    }

    private String make(JsonNode request, boolean batch) {
        var wanted = new ArrayList<JsonNode>();
        if (batch) {
            request.path("files").forEach(wanted::add);
        } else {
            wanted.add(request);
        }
        var answer = Json.object();
        var files = answer.putArray("files");
        for (var file : wanted) {
            var made = new Upload(
                    "file-" + (uploads.size() + 1),
                    file.path("filename").asText(),
                    file.path("size").asLong());
            uploads.put(made.id, made);
            files.addObject().put("file_id", made.id);
        }
        return batch
                ? answer.put("batch_id", "batch-1").toString()
                : Json.object().put("file_id", only().id).toString();
    }

    private void upload(HttpExchange exchange, String id) throws IOException {
        var upload = uploads.get(id);
        if (upload == null) {
            problem(exchange, 404, "not_found");
        } else if (exchange.getRequestMethod().equals("GET")) {
            answer(exchange, 200, document(upload));
        } else {
            put(exchange, upload);
        }
    }

    private void put(HttpExchange exchange, Upload upload) throws IOException {
        var fault = faults.poll();
        if (fault != null && fault.befall(this, upload, exchange)) {
            return;
        }
        var range = exchange.getRequestHeaders().getFirst("Content-Range");
        if (range != null) {
            var matcher = RANGE.matcher(range);
            if (!matcher.matches()
                    || Long.parseLong(matcher.group(1)) != upload.content().length
                    || Long.parseLong(matcher.group(2)) != upload.size - 1
                    || Long.parseLong(matcher.group(3)) != upload.size) {
                problem(exchange, 409, "offset_mismatch");
                return;
            }
        }
        upload.status = "uploading";
        read(exchange, upload, Long.MAX_VALUE);
        upload.status = upload.content().length == upload.size ? "completed" : "uploading";
        answer(exchange, 200, document(upload));
    }

    /// Takes at most so many bytes of the body.
    static void read(HttpExchange exchange, Upload upload, long most) throws IOException {
        var buffer = new byte[16 * 1024];
        var left = most;
        while (left > 0) {
            var length = exchange.getRequestBody().read(buffer, 0, (int) Math.min(left, buffer.length));
            if (length < 0) {
                return;
            }
            upload.add(buffer, length);
            left -= length;
        }
    }

    private void cancel(HttpExchange exchange, String id) throws IOException {
        switch (id) {
            case "ended" -> answer(exchange, 409, "{\"success\":false,\"message\":\"has already completed\"}");
            case "forbidden" -> problem(exchange, 403, "forbidden");
            default -> {
                var upload = uploads.get(id);
                if (upload == null && !id.equals("batch-1")) {
                    answer(exchange, 404, "{\"success\":false,\"message\":\"unknown\"}");
                    return;
                }
                uploads.values().forEach(each -> each.status = "cancelled");
                answer(
                        exchange,
                        200,
                        "{\"success\":true,\"message\":\"upload cancelled\",\"receipt\":{\"by\":\"cli\"}}");
            }
        }
    }

    private void job(HttpExchange exchange, String id) throws IOException {
        var upload = uploads.get(id);
        if (upload == null) {
            problem(exchange, 404, "not_found");
        } else {
            var state = upload.states.poll();
            answer(
                    exchange,
                    200,
                    Json.object()
                            .put("id", id)
                            .put("state", state == null ? upload.status : state)
                            .toString());
        }
    }

    static void problem(HttpExchange exchange, int status, String code) throws IOException {
        answer(
                exchange,
                status,
                Json.object()
                        .put("code", code)
                        .put("detail", "because of " + code)
                        .toString());
    }

    static void answer(HttpExchange exchange, int status, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static String document(Upload upload) {
        var document = Json.object()
                .put("_id", upload.id)
                .put("status", upload.status)
                .put("size_bytes", upload.size)
                .put("offset", upload.content().length);
        var by = upload.cancelledBy;
        return (by == null ? document : document.put("cancelled_by", by)).toString();
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
