package dev.sluice.google;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.cloud.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A small answer as a whole.
record Reply(int status, Map<String, List<String>> headers, String body) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST = 4 << 20;

    static Reply of(Answer answer) throws IOException {
        try (InputStream body = answer.body()) {
            byte[] read = body.readNBytes(MOST);
            if (read.length == MOST) {
                throw new IOException("the answer is too long");
            }
            return new Reply(answer.status(), answer.headers(), new String(read, UTF_8));
        }
    }

    Optional<String> header(String name) {
        return headers.entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .flatMap(header -> header.getValue().stream())
                .findFirst();
    }

    /// @throws IOException where it is none
    JsonNode json() throws IOException {
        JsonNode read = JSON.readTree(body);
        if (read == null || !read.isObject()) {
            throw new IOException("the answer is no JSON object");
        }
        return read;
    }
}
