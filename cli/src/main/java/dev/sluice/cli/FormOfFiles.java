package dev.sluice.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// A body of `multipart/form-data`: some fields, then files as fields `file`, read as they are sent.
final class FormOfFiles {
    private static final int STEP = 1 << 16;
    private static final byte[] LINE_END = {'\r', '\n'};

    private final String boundary = "sluice-" + UUID.randomUUID();
    private final Map<String, String> fields;
    private final List<Path> files;

    /// @param fields in their order
    FormOfFiles(Map<String, String> fields, List<Path> files) {
        this.fields = fields;
        this.files = files;
    }

    String contentType() {
        return "multipart/form-data; boundary=" + boundary;
    }

    /// In bytes, as the files are now.
    long length() throws IOException {
        long length = (long) head().length + tail().length;
        for (var file : files) {
            length += (long) head(file).length + Files.size(file) + LINE_END.length;
        }
        return length;
    }

    void writeTo(Http exchange) throws IOException {
        write(exchange, head());
        var step = new byte[STEP];
        for (var file : files) {
            write(exchange, head(file));
            try (InputStream in = Files.newInputStream(file)) {
                for (var count = in.read(step); count >= 0 && !exchange.answered(); count = in.read(step)) {
                    exchange.write(step, count);
                }
            }
            write(exchange, LINE_END);
        }
        write(exchange, tail());
    }

    private static void write(Http exchange, byte[] bytes) throws IOException {
        exchange.write(bytes, bytes.length);
    }

    private byte[] head() {
        var head = new StringBuilder();
        fields.forEach((name, value) -> head.append("--")
                .append(boundary)
                .append("\r\nContent-Disposition: form-data; name=\"")
                .append(name)
                .append("\"\r\n\r\n")
                .append(value)
                .append("\r\n"));
        return head.toString().getBytes(StandardCharsets.UTF_8);
    }

    private byte[] head(Path file) {
        var name = String.valueOf(file.getFileName()).replace("\"", "%22").replaceAll("[\r\n]", " ");
        return ("--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name
                        + "\"\r\nContent-Type: text/csv\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private byte[] tail() {
        return ("--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8);
    }
}
