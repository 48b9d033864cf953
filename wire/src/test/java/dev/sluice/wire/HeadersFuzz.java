package dev.sluice.wire;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/// Headers that say what a body is: those of tus, ranges to send and to be sent. Each is read, or refused in words that
/// are fit for an answer. For `dev/fuzz`.
public final class HeadersFuzz {
    private static final Set<ErrorCode> REFUSALS = Set.of(ErrorCode.INVALID_REQUEST, ErrorCode.SIZE_MISMATCH);
    private static final List<Consumer<String>> READERS = List.of(
            HeadersFuzz::metadata,
            HeadersFuzz::concatenation,
            UploadChecksum::parse,
            said -> Tus.natural(Tus.UPLOAD_LENGTH, said),
            said -> Tus.length(said, null),
            said -> Tus.length(null, said),
            Tus::isMediaType,
            InitiateRequest::isMediaType,
            HeadersFuzz::contentRange,
            HeadersFuzz::range);

    private HeadersFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        String said = new String(bytes, StandardCharsets.ISO_8859_1);
        for (Consumer<String> reader : READERS) {
            try {
                reader.accept(said);
            } catch (ProblemException e) {
                String message = e.problem().message();
                if (!REFUSALS.contains(e.code()) || message.chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0)) {
                    throw new AssertionError(message, e);
                }
            }
        }
    }

    private static void metadata(String said) {
        UploadMetadata read = UploadMetadata.parse(said);
        String back = read.said();
        if (back != null && !(back.equals(said) && Texts.isPrintableAscii(back))) {
            throw new AssertionError(back);
        }
        read.text("filename");
    }

    private static void concatenation(String said) {
        if (UploadConcat.parse(said) instanceof UploadConcat.Final composed
                && composed.parts("/files").size() != composed.urls().size()) {
            throw new AssertionError(said);
        }
    }

    private static void contentRange(String said) {
        if (ContentRange.parse(said) instanceof ContentRange.Part part && part.length() <= 0) {
            throw new AssertionError(said);
        }
    }

    private static void range(String said) {
        Objects.requireNonNull(RangeHeader.parse(said, 1_000));
    }
}
