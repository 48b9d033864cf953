package dev.sluice.fakes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Calls a fake with plain requests; it retries nothing and follows nothing.
final class Caller implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String url;
    private @Nullable String token;

    record Answer(HttpResponse<byte[]> response) {
        int status() {
            return response.statusCode();
        }

        byte[] bytes() {
            return response.body();
        }

        String text() {
            return new String(bytes(), StandardCharsets.UTF_8);
        }

        JsonNode json() {
            try {
                return JSON.readTree(bytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        String reason() {
            return json().at("/error/errors/0/reason").asText();
        }

        @Nullable
        String header(String name) {
            return response.headers().firstValue(name).orElse(null);
        }
    }

    Caller(FakeGoogle fake, @Nullable Account account) {
        url = fake.url();
        token = account == null ? null : account.token();
    }

    void as(@Nullable String bearer) {
        token = bearer;
    }

    Answer call(String method, String pathOrUrl, byte @Nullable [] body, String... headers) throws IOException {
        return send(
                method, pathOrUrl, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body), headers);
    }

    /// Sends the body in chunks of HTTP, without a `Content-Length`.
    Answer stream(String method, String pathOrUrl, byte[] body, String... headers) throws IOException {
        return send(method, pathOrUrl, BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)), headers);
    }

    private Answer send(String method, String pathOrUrl, HttpRequest.BodyPublisher body, String... headers)
            throws IOException {
        URI uri = URI.create(pathOrUrl.startsWith("http") ? pathOrUrl : url + pathOrUrl);
        var request = HttpRequest.newBuilder(uri).method(method, body).timeout(Duration.ofSeconds(10));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        for (int index = 0; index < headers.length; index += 2) {
            request.header(headers[index], headers[index + 1]);
        }
        try {
            HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
            return new Answer(response);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    Answer get(String path, String... headers) throws IOException {
        return call("GET", path, null, headers);
    }

    Answer json(String method, String path, String body, String... headers) throws IOException {
        var all = new String[headers.length + 2];
        System.arraycopy(headers, 0, all, 0, headers.length);
        all[headers.length] = "Content-Type";
        all[headers.length + 1] = "application/json; charset=UTF-8";
        return call(method, path, body.getBytes(StandardCharsets.UTF_8), all);
    }

    /// Sends a run of the bytes to a session.
    Answer chunk(String session, byte[] bytes, int first, int length, String total) throws IOException {
        byte[] run = Arrays.copyOfRange(bytes, first, first + length);
        return call("PUT", session, run, "Content-Range", "bytes " + first + "-" + (first + length - 1) + "/" + total);
    }

    Answer query(String session, String total) throws IOException {
        return call("PUT", session, new byte[0], "Content-Range", "bytes */" + total);
    }

    @Override
    public void close() {
        client.close();
    }
}
