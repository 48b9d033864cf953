package dev.sluice.download;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which of the forms that a page offers is wanted.
///
/// @param height the most lines of the picture; null: any
/// @param worst whether the smallest will do
/// @param audio whether the sound alone is wanted
/// @param format the container, or of sound the format; null: as it is there
record MediaChoice(
        @Nullable Integer height,
        boolean worst,
        boolean audio,
        @Nullable String format) {
    private static final List<String> CONTAINERS = List.of("mp4", "webm", "mkv", "mov", "avi", "flv");
    private static final List<String> SOUNDS = List.of("mp3", "m4a", "aac", "opus", "vorbis", "flac", "wav", "alac");
    private static final Pattern LINES = Pattern.compile("([0-9]{3,4})(?:p(?:[0-9]{2,3})?)?");

    /// @throws ProblemException `invalid_request`
    static MediaChoice of(@Nullable String quality, @Nullable String format) {
        String container = format == null || format.equals("best") ? null : format;
        boolean sound = container != null && (container.equals("audio") || SOUNDS.contains(container));
        if (container != null && !sound && !CONTAINERS.contains(container)) {
            throw invalid(
                    "format", container, "best, audio, " + String.join(", ", CONTAINERS) + " or a format of sound");
        }
        if (container != null && container.equals("audio")) {
            container = null;
        }
        return switch (quality == null ? "best" : quality) {
            case "best", "highest" -> new MediaChoice(null, false, sound, container);
            case "worst", "lowest" -> new MediaChoice(null, true, sound, container);
            case "audio" -> {
                if (container != null && !sound) {
                    throw invalid("format", container, "a format of sound, since only that is wanted");
                }
                yield new MediaChoice(null, false, true, container);
            }
            case "8k" -> new MediaChoice(4320, false, sound, container);
            case "4k" -> new MediaChoice(2160, false, sound, container);
            case "2k" -> new MediaChoice(1440, false, sound, container);
            default -> new MediaChoice(lines(String.valueOf(quality)), false, sound, container);
        };
    }

    private static int lines(String quality) {
        Matcher matcher = LINES.matcher(quality);
        if (!matcher.matches()) {
            throw invalid("quality", quality, "best, worst, audio, 4k or lines as 1080p");
        }
        return Integer.parseInt(matcher.group(1));
    }

    private static ProblemException invalid(String field, String said, String known) {
        return new ProblemException(
                ErrorCode.INVALID_REQUEST,
                "\"" + said + "\" is no " + field + " that is known: write " + known,
                Map.of("field", field));
    }
}
