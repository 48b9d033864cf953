package dev.sluice.house;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// `sluice serve` as a process of its own on a data folder, and its clients. It can be killed, which is `SIGKILL`, and
/// started again on what it left.
final class ServerProcess implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final List<String> settings;
    private Map<String, String> environment = Map.of();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private @Nullable Process process;
    private URI uri = URI.create("http://127.0.0.1");

    /// @param folder for data and logs
    /// @param settings each as `--set` takes it
    ServerProcess(Path folder, List<String> settings) {
        this.folder = folder;
        this.settings = settings;
    }

    /// One whose only storage is that provider's, on a folder of its own.
    ///
    /// @param more settings, each as `--set` takes it
    static ServerProcess storingIn(Provider provider, Path folder, String... more) {
        var settings = new ArrayList<>(List.of(more));
        settings.add("storage=clips");
        provider.settings().forEach(setting -> settings.add("storages.clips." + setting));
        return new ServerProcess(folder, settings);
    }

    /// @param variables of its environment, beside ours
    ServerProcess with(Map<String, String> variables) {
        environment = variables;
        return this;
    }

    /// @param options for its JVM
    ServerProcess start(String... options) throws IOException {
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                // Without the launcher the database's library is unpacked there, and stays after a kill.
                "-Djava.io.tmpdir=" + folder,
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(Arrays.asList(options));
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                "dev.sluice.cli.Main",
                "serve",
                "--data",
                folder.resolve("data").toString(),
                "--port",
                Integer.toString(port)));
        for (String setting : settings) {
            command.add("--set");
            command.add(setting);
        }
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
        builder.environment().putAll(environment);
        Process started = builder.start();
        process = started;
        uri = URI.create("http://127.0.0.1:" + port);
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions()
                .until(() -> {
                    assertThat(started.isAlive()).as(log()).isTrue();
                    return get("/health/ready").statusCode() == 200;
                });
        return this;
    }

    void kill() {
        Process running = process;
        if (running != null) {
            try {
                running.destroyForcibly().waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Has it end as it does by itself, and waits for that.
    void end() {
        Process running = process;
        if (running != null) {
            running.destroy();
            try {
                assertThat(running.waitFor(30, TimeUnit.SECONDS)).as(log()).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    URI at(String path) {
        return uri.resolve(path);
    }

    /// All that it has said so far.
    String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    HttpResponse<byte[]> get(String path, String... headers) throws IOException {
        var request = HttpRequest.newBuilder(at(path));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    HttpResponse<byte[]> post(String path) throws IOException {
        return send(HttpRequest.newBuilder(at(path)).POST(BodyPublishers.noBody()));
    }

    HttpResponse<byte[]> post(String path, String json) throws IOException {
        return send(HttpRequest.newBuilder(at(path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json)));
    }

    HttpResponse<byte[]> putJson(String path, String document) throws IOException {
        return send(HttpRequest.newBuilder(at(path)).PUT(BodyPublishers.ofString(document)));
    }

    /// Sends a form with one field `file`.
    HttpResponse<byte[]> postForm(String path, Map<String, String> fields, String filename, String content)
            throws IOException {
        String boundary = "----sluice";
        String said = fields.entrySet().stream()
                .map(field -> "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + field.getKey()
                        + "\"\r\n\r\n" + field.getValue() + "\r\n")
                .collect(Collectors.joining());
        String form = said + "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
                + filename + "\"\r\nContent-Type: text/csv\r\n\r\n" + content + "\r\n--" + boundary + "--\r\n";
        return send(HttpRequest.newBuilder(at(path))
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(BodyPublishers.ofString(form)));
    }

    /// What is at `path`.
    JsonNode json(String path) throws IOException {
        HttpResponse<byte[]> answer = get(path);
        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
        return json(answer);
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException {
        try {
            return http.send(request.timeout(Duration.ofSeconds(60)).build(), BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    // ------------------------------------------------------------ uploads

    /// Announces an upload by tus.
    ///
    /// @return its id
    String create(String name, long size) throws IOException {
        return created(size, "filename " + base64(name));
    }

    /// Announces an upload by tus into a storage that it names.
    String createIn(String storage, String name, long size) throws IOException {
        return created(size, "filename " + base64(name) + ",storage " + base64(storage));
    }

    private static String base64(String word) {
        return Base64.getEncoder().encodeToString(word.getBytes(UTF_8));
    }

    private String created(long size, String metadata) throws IOException {
        HttpResponse<byte[]> made = send(HttpRequest.newBuilder(at("/files/"))
                .header("Tus-Resumable", "1.0.0")
                .header("Upload-Length", Long.toString(size))
                .header("Upload-Metadata", metadata)
                .POST(BodyPublishers.noBody()));
        assertThat(made.statusCode()).as(text(made)).isEqualTo(201);
        return made.headers().firstValue("Location").orElseThrow().replaceAll(".*/", "");
    }

    HttpResponse<byte[]> patch(String upload, long offset, byte[] bytes) throws IOException {
        return send(HttpRequest.newBuilder(at("/files/" + upload))
                .header("Tus-Resumable", "1.0.0")
                .header("Upload-Offset", Long.toString(offset))
                .header("Content-Type", "application/offset+octet-stream")
                .method("PATCH", BodyPublishers.ofByteArray(bytes)));
    }

    /// By tus: what a client goes on from.
    long offset(String upload) throws IOException {
        HttpResponse<byte[]> head = send(HttpRequest.newBuilder(at("/files/" + upload))
                .header("Tus-Resumable", "1.0.0")
                .method("HEAD", BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        return head.headers().firstValueAsLong("Upload-Offset").orElseThrow();
    }

    HttpResponse<byte[]> put(String upload, long offset, byte[] bytes, long size) throws IOException {
        return send(HttpRequest.newBuilder(at("/api/v1/upload/" + upload))
                .header("Content-Range", "bytes " + offset + "-" + (offset + bytes.length - 1) + "/" + size)
                .PUT(BodyPublishers.ofByteArray(bytes)));
    }

    /// By an empty PUT: what a client goes on from.
    long offsetByPut(String upload, long size) throws IOException {
        HttpResponse<byte[]> asked = send(HttpRequest.newBuilder(at("/api/v1/upload/" + upload))
                .header("Content-Range", "bytes */" + size)
                .PUT(BodyPublishers.noBody()));
        assertThat(asked.statusCode()).as(text(asked)).isEqualTo(200);
        return json(asked).path("offset").longValue();
    }

    HttpResponse<byte[]> cancel(String upload) throws IOException {
        return post("/api/v1/jobs/" + upload + "/cancel");
    }

    /// Takes a completed upload away, with its file.
    void remove(String upload) throws IOException {
        HttpResponse<byte[]> removed = send(HttpRequest.newBuilder(at("/api/v1/jobs/" + upload + "?content=true"))
                .DELETE());
        assertThat(removed.statusCode()).as(text(removed)).isLessThan(300);
    }

    JsonNode job(String upload) throws IOException {
        return json(get("/api/v1/jobs/" + upload));
    }

    byte[] content(String upload) throws IOException {
        HttpResponse<byte[]> whole = get("/api/v1/download/stream/" + upload);
        assertThat(whole.statusCode())
                .as(new String(whole.body(), 0, Math.min(500, whole.body().length), UTF_8))
                .isEqualTo(200);
        return whole.body();
    }

    static JsonNode json(HttpResponse<byte[]> answer) throws IOException {
        return JSON.readTree(answer.body());
    }

    static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), UTF_8);
    }

    // ------------------------------------------------------------ what is left

    /// The value of a metric that has one.
    double metric(String name) throws IOException {
        return text(get("/metrics"))
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    /// The names in the data folder of ends of uploads that are too short for a part.
    Set<String> tails() throws IOException {
        try (var files = Files.list(folder.resolve("data").resolve("kept"))) {
            var names = new TreeSet<String>();
            files.map(file -> file.getFileName().toString())
                    .filter(file -> !file.endsWith(".key"))
                    .forEach(names::add);
            return names;
        }
    }

    @Override
    public void close() {
        kill();
        http.shutdownNow();
    }
}
