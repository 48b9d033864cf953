package dev.sluice.wire;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The body of `POST /api/v1/upload/initiate`: a file that is going to be uploaded.
///
/// @param filename as the client calls it
/// @param size bytes
/// @param contentType a media type; `application/octet-stream` where the client knows none
/// @param storage the name of a storage, or absent for the default one
public record InitiateRequest(
        String filename,
        long size,
        String contentType,
        @Nullable String storage) {
    static final String UNKNOWN_TYPE = "application/octet-stream";
    private static final int MAX_NAME = 4_096;
    private static final Pattern MEDIA_TYPE =
            Pattern.compile("[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}( *;[\\x20-\\x7e]{1,200})?");

    /// @throws ProblemException `invalid_request` or `unknown_field`
    public static InitiateRequest parse(byte[] body) {
        Fields fields = Json.object(body);
        InitiateRequest request = take(fields, storage(fields));
        fields.end();
        return request;
    }

    static InitiateRequest take(Fields fields, @Nullable String storage) {
        String filename = fields.string("filename");
        if (filename.length() > MAX_NAME) {
            throw fields.refuse(
                    "filename", "has " + filename.length() + " characters", "at most " + MAX_NAME + " characters");
        }
        long size = fields.natural("size");
        String type = fields.optionalOrEmptyString("content_type").orElse(UNKNOWN_TYPE);
        if (!isMediaType(type)) {
            throw fields.refuse("content_type", "is no media type", "a media type such as text/plain");
        }
        return new InitiateRequest(filename, size, type, storage);
    }

    static @Nullable String storage(Fields fields) {
        return fields.optionalString("storage").orElse(null);
    }

    /// Whether a word may stand in a `Content-Type` (RFC 6838 §4.2), with or without parameters.
    public static boolean isMediaType(String word) {
        return MEDIA_TYPE.matcher(word).matches();
    }
}
