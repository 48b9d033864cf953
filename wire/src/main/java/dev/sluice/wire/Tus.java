package dev.sluice.wire;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The words of tus 1.0.0 (<https://tus.io/protocols/resumable-upload>), and the headers that are one number or
/// one word.
public final class Tus {
    public static final String VERSION = "1.0.0";
    public static final String EXTENSIONS =
            "creation,creation-with-upload,creation-defer-length,termination,checksum,expiration,concatenation";
    public static final String MEDIA_TYPE = "application/offset+octet-stream";

    public static final String RESUMABLE = "Tus-Resumable";
    public static final String VERSIONS = "Tus-Version";
    public static final String EXTENSION = "Tus-Extension";
    public static final String MAX_SIZE = "Tus-Max-Size";
    public static final String CHECKSUM_ALGORITHM = "Tus-Checksum-Algorithm";
    public static final String UPLOAD_OFFSET = "Upload-Offset";
    public static final String UPLOAD_LENGTH = "Upload-Length";
    public static final String UPLOAD_DEFER_LENGTH = "Upload-Defer-Length";
    public static final String UPLOAD_METADATA = "Upload-Metadata";
    public static final String UPLOAD_EXPIRES = "Upload-Expires";
    public static final String UPLOAD_CHECKSUM = "Upload-Checksum";
    public static final String UPLOAD_CONCAT = "Upload-Concat";
    public static final String METHOD_OVERRIDE = "X-HTTP-Method-Override";

    private static final Pattern NATURAL = Pattern.compile("[0-9]{1,100}");
    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);

    private Tus() {}

    /// Whether a request speaks a version that is spoken here.
    public static boolean speaks(@Nullable String version) {
        return VERSION.equals(version);
    }

    /// Whether a body is what PATCH and POST take.
    public static boolean isMediaType(@Nullable String contentType) {
        return contentType != null
                && contentType.replaceFirst(";.*", "").strip().equalsIgnoreCase(MEDIA_TYPE);
    }

    /// A non-negative integer; what is too large for any file is [Long#MAX_VALUE].
    ///
    /// @throws ProblemException `invalid_request`
    public static long natural(String header, String value) {
        if (!NATURAL.matcher(value.strip()).matches()) {
            throw invalid(header, "is \"" + Texts.printable(value) + "\"", "a non-negative integer");
        }
        return Syntax.number(value.strip());
    }

    /// The size that a creation announces, or null where it is to come later.
    ///
    /// @throws ProblemException `invalid_request` where neither header is there, or both are
    public static @Nullable Long length(@Nullable String length, @Nullable String deferred) {
        if (deferred != null && !deferred.strip().equals("1")) {
            throw invalid(UPLOAD_DEFER_LENGTH, "is \"" + Texts.printable(deferred) + "\"", "1");
        }
        if ((length == null) == (deferred == null)) {
            throw invalid(
                    UPLOAD_LENGTH,
                    length == null ? "is missing" : "stands beside " + UPLOAD_DEFER_LENGTH,
                    "one of the two");
        }
        return length == null ? null : (Long) natural(UPLOAD_LENGTH, length);
    }

    /// A moment as `Upload-Expires` says it (RFC 9110 §5.6.7), cut to its second.
    public static String date(Instant moment) {
        return HTTP_DATE.format(moment.atOffset(ZoneOffset.UTC));
    }

    static ProblemException invalid(String header, String state, String expected) {
        return new ProblemException(
                ErrorCode.INVALID_REQUEST,
                "The header " + header + " " + state + "; expected: " + expected + ".",
                Map.of("field", header));
    }
}
