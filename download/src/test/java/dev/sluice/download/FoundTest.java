package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FoundTest {
    @ParameterizedTest(name = "{0} as {2}, {3}: {4}")
    @CsvSource({
        "talk.mp4, video/mp4,  best,  ,    false",
        "talk.mp4, video/mp4,  720p,  mp4, false",
        "talk.mp4, video/mp4,  audio, ,    true",
        "talk.mp4, video/mp4,  audio, mp3, true",
        "talk.mp4, video/mp4,  ,      mp3, true",
        "song.mp3, audio/mpeg, audio, ,    false",
        "song.mp3, audio/mpeg, audio, mp3, false",
        "song.wav, audio/wav,  audio, mp3, true",
        "list.csv, text/csv,   audio, mp3, false",
    })
    void theSoundOfAFilmIsMadeOfIt(String name, String type, String quality, String format, boolean made) {
        var found = new Found(1, true, null, null, name, type);
        assertThat(found.isToBeMade(MediaChoice.of(quality, format))).isEqualTo(made);
    }

    @Test
    void aNameTurnsNoTextAround() {
        Target target = Target.of("http://example.com/%E2%80%AEgpj.exe");
        assertThat(Found.name(target, null)).isEqualTo("gpj.exe");
        assertThat(Found.name(target, "attachment; filename*=UTF-8''my%E2%80%AEfdp.exe"))
                .isEqualTo("myfdp.exe");
        assertThat(Found.name(target, "attachment; filename=\"my\u00e2\u0080\u00aefdp%E2%81%A6.exe\""))
                .isEqualTo("myfdp.exe");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "Ã¼ber.txt, über.txt",
        "Ã¼bÃ¤r \u00e2\u0082\u00ac.txt, übär €.txt",
        "\u00fcber.txt, über.txt",
        "plain.txt, plain.txt",
    })
    void aNameIsReadAsUtf8WhereItsBytesAre(String said, String name) {
        assertThat(Found.name(Target.of("http://example.com/x"), "attachment; filename=\"" + said + "\""))
                .isEqualTo(name);
    }
}
