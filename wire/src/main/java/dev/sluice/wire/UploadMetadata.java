package dev.sluice.wire;

import dev.sluice.core.ProblemException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a tus client says of its file (`Upload-Metadata`): keys, and values of any bytes.
public final class UploadMetadata {
    private final @Nullable String said;
    private final Map<String, byte[]> values;

    private UploadMetadata(@Nullable String said, Map<String, byte[]> values) {
        this.said = said;
        this.values = values;
    }

    /// Reads `key base64,key,…`. A header that is missing or empty says nothing.
    ///
    /// Keys are taken in printable ASCII only: the header is sent back as it came.
    ///
    /// @throws ProblemException `invalid_request`
    public static UploadMetadata parse(@Nullable String header) {
        var values = new LinkedHashMap<String, byte[]>();
        if (header == null || header.isBlank()) {
            return new UploadMetadata(null, values);
        }
        if (!Texts.isPrintableAscii(header)) {
            throw invalid("has characters that are not printable ASCII");
        }
        for (String pair : header.split(",", -1)) {
            String trimmed = pair.strip();
            int space = trimmed.indexOf(' ');
            String key = space < 0 ? trimmed : trimmed.substring(0, space);
            if (key.isEmpty()) {
                throw invalid("has an empty key");
            }
            byte[] value = space < 0 ? new byte[0] : decoded(key, trimmed.substring(space + 1));
            if (values.putIfAbsent(key, value) != null) {
                throw invalid("has the key " + key + " twice");
            }
        }
        return new UploadMetadata(header, values);
    }

    private static byte[] decoded(String key, String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw invalid("has a value of " + key + " that is not Base64");
        }
    }

    /// The header as the client sent it; null where it said nothing.
    public @Nullable String said() {
        return said;
    }

    public Map<String, byte[]> values() {
        return values;
    }

    /// A value that is text and not blank.
    ///
    /// @throws ProblemException `invalid_request` where it is there and no UTF-8
    public Optional<String> text(String key) {
        byte[] value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(value))
                    .toString();
            if (text.indexOf('\0') >= 0) {
                throw invalid("has a value of " + key + " with U+0000 in it");
            }
            return text.isBlank() ? Optional.empty() : Optional.of(text);
        } catch (CharacterCodingException e) {
            throw invalid("has a value of " + key + " that is no UTF-8");
        }
    }

    private static ProblemException invalid(String state) {
        return Tus.invalid(Tus.UPLOAD_METADATA, state, "pairs of an ASCII key and a Base64 value, with commas between");
    }
}
