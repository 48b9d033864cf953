package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is asked for, as words for yt-dlp.
class MediaChoiceTest {
    private static final String HTTP = "[protocol~='^(https?|m3u8(_native)?|http_dash_segments)$']";

    @TempDir
    Path folder;

    private List<String> words(@Nullable String quality, @Nullable String format, boolean subtitles) {
        var settings = new DownloadSettings(
                1000, 1, 1, 1, 1, null, null, List.of(), "yt-dlp", "ffmpeg", folder, folder.resolve("cookies"));
        return new YtDlp(settings, "word", folder, "http://127.0.0.1:1")
                .fetch(MediaChoice.of(quality, format), subtitles);
    }

    @ParameterizedTest(name = "{0} as {1}: {2}")
    @CsvSource({
        ",            ,     ",
        "best,        ,     ",
        "highest,     best, ",
        "8k,          ,     res:4320",
        "4k,          ,     res:2160",
        "2k,          ,     res:1440",
        "2160p,       ,     res:2160",
        "1440p,       ,     res:1440",
        "1080p,       ,     res:1080",
        "1080p60,     ,     res:1080",
        "1080,        ,     res:1080",
        "720p,        ,     res:720",
        "480p,        ,     res:480",
        "360p,        ,     res:360",
        "240p,        ,     res:240",
        "144p,        ,     res:144",
        "720p,        mp4,  'res:720,ext:mp4:m4a'",
        ",            mp4,  ext:mp4:m4a",
        ",            webm, ext:webm",
        "best,        mkv,  ext:mkv",
        "best,        mov,  ext:mov",
        "best,        avi,  ext:avi",
        "best,        flv,  ext:flv",
    })
    void aPictureIsTheBestThatIsNotMoreThanWasAskedFor(
            @Nullable String quality, @Nullable String format, @Nullable String sorted) {
        List<String> words = words(quality, format, false);
        assertThat(words).contains("--format=bv*" + HTTP + "+ba" + HTTP + "/b" + HTTP);
        assertThat(having(words, "--format-sort=")).isEqualTo(sorted == null ? List.of() : List.of(sorted));
        boolean container = format != null && !format.equals("best");
        List<String> containers = container ? List.of(String.valueOf(format)) : List.of();
        assertThat(having(words, "--merge-output-format=")).isEqualTo(containers);
        assertThat(having(words, "--remux-video=")).isEqualTo(containers);
        assertThat(words).doesNotContain("--extract-audio", "--embed-subs");
    }

    private static List<String> having(List<String> words, String option) {
        return words.stream()
                .filter(word -> word.startsWith(option))
                .map(word -> word.substring(option.length()))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"worst", "lowest"})
    void theSmallestWillDo(String quality) {
        assertThat(words(quality, null, false)).contains("--format=wv*" + HTTP + "+wa" + HTTP + "/w" + HTTP);
    }

    @ParameterizedTest(name = "{0} as {1}: {2}")
    @CsvSource({
        "audio, ,       ",
        "audio, audio,  ",
        "audio, best,   ",
        ",      audio,  ",
        "audio, mp3,    mp3",
        ",      mp3,    mp3",
        "audio, m4a,    m4a",
        "audio, aac,    aac",
        "audio, opus,   opus",
        "audio, vorbis, vorbis",
        "audio, flac,   flac",
        "audio, wav,    wav",
        "audio, alac,   alac",
    })
    void soundAlone(@Nullable String quality, @Nullable String format, @Nullable String made) {
        List<String> words = words(quality, format, true);
        assertThat(words).contains("--format=ba" + HTTP + "/b" + HTTP, "--extract-audio");
        assertThat(having(words, "--audio-format=")).isEqualTo(made == null ? List.of() : List.of(made));
        assertThat(words).as("sound has no subtitles").doesNotContain("--embed-subs");
        assertThat(words("worst", "mp3", false)).contains("--format=wa" + HTTP + "/w" + HTTP, "--audio-format=mp3");
    }

    @Test
    void subtitlesAreAskedForAndPutIntoTheFile() {
        assertThat(words("best", null, true)).contains("--write-subs", "--sub-langs=all,-live_chat", "--embed-subs");
    }

    @ParameterizedTest(name = "{0} as {1}")
    @CsvSource({
        "huge,     ,    quality",
        "12p,      ,    quality",
        "99999,    ,    quality",
        "'1080p;', ,    quality",
        "--exec,   ,    quality",
        "BEST,     ,    quality",
        "best,     exe, format",
        "best,     MP4, format",
        "audio,    mp4, format",
    })
    void whatIsNotKnownIsRefusedByItsField(String quality, @Nullable String format, String field) {
        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> MediaChoice.of(quality, format))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                    assertThat(e.problem().details()).containsEntry("field", field);
                    assertThat(e.getMessage())
                            .contains("\"" + (field.equals("format") ? format : quality) + "\" is no " + field)
                            .contains("write ");
                });
    }
}
