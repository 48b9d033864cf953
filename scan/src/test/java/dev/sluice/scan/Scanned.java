package dev.sluice.scan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.StopToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the built-in checks say of bytes, by way of a file.
final class Scanned {
    private Scanned() {}

    static Examined examined(byte[] bytes) {
        return examined(bytes, StandardCharsets.UTF_8);
    }

    static Examined examined(byte[] bytes, Charset charset) {
        try {
            Path file = Files.createTempFile("sluice-scan-", ".csv");
            try {
                Files.write(file, bytes);
                return Examination.of(file, charset, new StopToken(), done -> {});
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The one finding of a kind.
    static Finding finding(byte[] bytes, Finding.Kind kind) {
        var found = examined(bytes).findings().stream()
                .filter(one -> one.kind() == kind)
                .toList();
        assertThat(found).as(kind.code()).hasSize(1);
        return found.getFirst();
    }
}
