package dev.sluice.server;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/// Takes a `multipart/form-data` body apart as it comes (RFC 7578). Jetty's parser swallows what its listener throws:
/// here the first failure is thrown, and what comes after it is not looked at.
final class FormParser {
    private static final int MAX_PART_HEADERS = 16 << 10;

    private final MultiPart.Parser parser;
    private final int mostParts;
    private @Nullable RuntimeException failure;

    /// Hears of the parts of a form, one after the other.
    interface Parts {
        /// @param filename as the client says it; null where the part is no file
        void begin(String name, @Nullable String filename, @Nullable String type);

        /// Some of it.
        void content(ByteBuffer bytes);

        /// All of it has come.
        void end();
    }

    FormParser(String boundary, int mostParts, Parts parts) {
        this.mostParts = mostParts;
        this.parser = new MultiPart.Parser(boundary, new Listener(parts));
        parser.setMaxParts(mostParts);
        parser.setPartHeadersMaxLength(MAX_PART_HEADERS);
    }

    /// What stands between the parts, as `Content-Type` says it.
    ///
    /// @throws ProblemException `invalid_request`
    static String boundary(String type) {
        String boundary;
        try {
            boundary = MultiPart.extractBoundary(type);
        } catch (IllegalArgumentException e) {
            // A quote that does not end.
            boundary = null;
        }
        if (boundary == null || boundary.isEmpty()) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "multipart/form-data needs its boundary",
                    Map.of("field", "Content-Type"));
        }
        return boundary;
    }

    /// @throws ProblemException `invalid_request`, or what the parts throw
    void parse(Content.Chunk chunk) {
        parser.parse(chunk);
        RuntimeException first = failure;
        if (first != null) {
            throw first;
        }
    }

    private ProblemException malformed(String wrong, Throwable cause) {
        return new ProblemException(
                ErrorCode.INVALID_REQUEST,
                "the multipart body " + wrong + "; a form has at most " + mostParts + " parts, each with at most "
                        + MAX_PART_HEADERS + " bytes of headers",
                cause);
    }

    private final class Listener implements MultiPart.Parser.Listener {
        private final Parts parts;
        private HttpFields.Mutable headers = HttpFields.build();

        Listener(Parts parts) {
            this.parts = parts;
        }

        @Override
        public void onPartBegin() {
            headers = HttpFields.build();
        }

        @Override
        public void onPartHeader(String name, String value) {
            headers.add(name, value);
        }

        @Override
        public void onPartHeaders() {
            unlessFailed(() -> {
                var parameters = new HashMap<String, String>();
                try {
                    HttpField.getValueParameters(headers.get(HttpHeader.CONTENT_DISPOSITION), parameters);
                } catch (IllegalArgumentException e) {
                    throw malformed("has a header that cannot be read: " + e.getMessage(), e);
                }
                parts.begin(
                        String.valueOf(parameters.get("name")),
                        parameters.get("filename"),
                        headers.get(HttpHeader.CONTENT_TYPE));
            });
        }

        @Override
        public void onPartContent(Content.Chunk chunk) {
            unlessFailed(() -> parts.content(chunk.getByteBuffer()));
        }

        @Override
        public void onPartEnd() {
            unlessFailed(parts::end);
        }

        @Override
        public void onFailure(Throwable cause) {
            unlessFailed(() -> {
                // So the parser says what is too much.
                String wrong = cause instanceof IllegalStateException ? "is over a limit" : "is malformed";
                throw malformed(wrong + ": " + cause.getMessage(), cause);
            });
        }

        private void unlessFailed(Runnable step) {
            if (failure != null) {
                return;
            }
            try {
                step.run();
            } catch (RuntimeException e) {
                failure = e;
            }
        }
    }
}
