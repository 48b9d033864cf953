package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.app.Configuration;
import dev.sluice.app.DataFolder;
import dev.sluice.app.Logs;
import dev.sluice.app.Settings;
import dev.sluice.app.StorageKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A real server on a free port and a folder of its own, and a client of it.
final class TestingServer implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();

    final Path folder;
    final SluiceServer server;
    final URI uri;
    private final DataFolder data;
    private @Nullable String bearer;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    TestingServer(Path folder, Map<String, String> settings) {
        this(folder, settings, StorageKind.ALL);
    }

    TestingServer(Path folder, Map<String, String> settings, Map<String, StorageKind> kinds) {
        this.folder = folder;
        var flags = new HashMap<String, String>();
        flags.put("server.port", "0");
        flags.put("operations.port", "0");
        flags.put("storages.local.reserve", "0");
        flags.put("storages.local.durability", "process");
        flags.putAll(settings);
        Settings parsed = Configuration.load(folder, null, flags, Map.of()).settings();
        data = DataFolder.open(folder);
        Logs.configure(folder, parsed.log());
        server = SluiceServer.start(data, parsed, kinds);
        uri = URI.create(server.url());
    }

    /// An answer, with its body as text.
    record Answer(int status, HttpResponse<byte[]> raw) {
        String text() {
            return new String(raw.body(), StandardCharsets.UTF_8);
        }

        byte[] bytes() {
            return raw.body();
        }

        JsonNode json() {
            try {
                return JSON.readTree(raw.body());
            } catch (IOException e) {
                throw new UncheckedIOException(text(), e);
            }
        }

        String header(String name) {
            return raw.headers().firstValue(name).orElse("");
        }

        /// The answer is a problem with this status and code.
        JsonNode problem(int expected, String code) {
            assertThat(text()).isNotEmpty();
            assertThat(header("content-type")).isEqualTo("application/problem+json");
            JsonNode problem = json();
            assertThat(status + " " + problem.path("code").asText() + " ("
                            + problem.path("detail").asText() + ")")
                    .startsWith(expected + " " + code + " (");
            assertThat(problem.path("status").asInt()).isEqualTo(expected);
            assertThat(problem.path("detail").asText()).isNotBlank();
            return problem;
        }

        JsonNode ok() {
            assertThat(status).as(text()).isEqualTo(200);
            return json();
        }
    }

    /// Whose requests the next ones are.
    ///
    /// @param word of a session or a key; null: nobody's
    TestingServer as(@Nullable String word) {
        bearer = word;
        return this;
    }

    /// A form, as front ends send it.
    Answer form(String path, String... fields) {
        var body = new StringBuilder();
        for (int i = 0; i < fields.length; i += 2) {
            body.append(i == 0 ? "" : "&")
                    .append(fields[i])
                    .append('=')
                    .append(java.net.URLEncoder.encode(fields[i + 1], StandardCharsets.UTF_8));
        }
        return send(request(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(body.toString())));
    }

    Answer send(HttpRequest.Builder request) {
        if (bearer != null) {
            request.setHeader("Authorization", "Bearer " + bearer);
        }
        try {
            HttpResponse<byte[]> raw =
                    http.send(request.timeout(Duration.ofSeconds(20)).build(), BodyHandlers.ofByteArray());
            return new Answer(raw.statusCode(), raw);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri.resolve(path));
    }

    Answer get(String path, String... headers) {
        HttpRequest.Builder request = request(path);
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    Answer head(String path) {
        return send(request(path).method("HEAD", BodyPublishers.noBody()));
    }

    Answer post(String path, String json, String... headers) {
        HttpRequest.Builder request = request(path)
                .header("Content-Type", "application/json")
                .POST(json.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(json));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    Answer post(String path) {
        return post(path, "");
    }

    Answer delete(String path) {
        return send(request(path).DELETE());
    }

    Answer put(String id, byte[] body, String... headers) {
        HttpRequest.Builder request = request("/api/v1/upload/" + id).PUT(BodyPublishers.ofByteArray(body));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    /// The body goes without its length.
    Answer putChunked(String id, byte[] body, String... headers) {
        HttpRequest.Builder request = request("/api/v1/upload/" + id)
                .PUT(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(body)));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    Answer postRaw(String filename, byte[] body) {
        return send(request("/api/v1/upload?filename=" + java.net.URLEncoder.encode(filename, StandardCharsets.UTF_8))
                .header("Content-Type", "application/octet-stream")
                .POST(BodyPublishers.ofByteArray(body)));
    }

    Answer postMultipart(String body) {
        return send(request("/api/v1/upload")
                .header("Content-Type", "multipart/form-data; boundary=XX")
                .POST(BodyPublishers.ofString(body)));
    }

    static String part(String field, String filename, String type, String content) {
        return "--XX\r\nContent-Disposition: form-data; name=\"" + field + "\"; filename=\"" + filename
                + "\"\r\nContent-Type: " + type + "\r\n\r\n" + content + "\r\n";
    }

    /// An announced file.
    record File(String id, String handle) {
        String socket() {
            return "/ws_api/upload/" + id + "?gdrive_url=" + java.net.URLEncoder.encode(handle, StandardCharsets.UTF_8);
        }
    }

    File announce(String name, long size) {
        JsonNode made = post("/api/v1/upload/initiate", initiation(name, size)).ok();
        return new File(
                made.path("file_id").asText(), made.path("gdrive_upload_url").asText());
    }

    static String initiation(String name, long size) {
        return JSON.createObjectNode()
                .put("filename", name)
                .put("size", size)
                .put("content_type", "text/plain")
                .toString();
    }

    String batch(int files, long size) {
        var body = JSON.createObjectNode();
        var list = body.putArray("files");
        for (int i = 0; i < files; i++) {
            list.addObject()
                    .put("filename", "f" + i + ".bin")
                    .put("size", size)
                    .put("content_type", "application/octet-stream");
        }
        return post("/api/v1/batch/initiate", body.toString())
                .ok()
                .path("batch_id")
                .asText();
    }

    File uploaded(String name, byte[] content) {
        File file = announce(name, content.length);
        assertThat(put(file.id(), content).status()).isEqualTo(200);
        return file;
    }

    JsonNode job(String id) {
        return get("/api/v1/jobs/" + id).ok();
    }

    String state(String id) {
        return job(id).path("state").asText();
    }

    void becomes(String id, String state) {
        await().untilAsserted(() -> assertThat(state(id)).isEqualTo(state));
    }

    TestingSocket socket(String path, String... headers) {
        return new TestingSocket(uri, path, headers);
    }

    /// A plain connection, to send what no client would.
    Socket connect() {
        try {
            var socket = new Socket(uri.getHost(), uri.getPort());
            socket.setSoTimeout(20_000);
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Sends a whole request as it stands and returns all that comes until the connection ends.
    String exchange(String request) {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return readAll(socket.getInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String readAll(InputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /// All that lies in the storage's folder, hidden files too.
    List<String> held() {
        return held(folder.resolve("files"));
    }

    static List<String> held(Path files) {
        try (Stream<Path> all = Files.list(files)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Nothing of a file is left, neither in the folder nor as a debt.
    void nothingIsLeftOf(String id) {
        await().untilAsserted(() -> assertThat(held()).noneMatch(name -> name.contains(id)));
    }

    static byte[] bytes(int count) {
        var bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    @Override
    public void close() {
        http.close();
        server.close();
        data.close();
    }
}
