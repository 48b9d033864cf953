package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What stays of that which yt-dlp has left in its folder, named as it names it.
final class WorkplaceTest {
    @TempDir
    private Path folder;

    private void lies(String... names) throws IOException {
        for (String name : names) {
            Files.createFile(folder.resolve(name));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "one form that is put together, media.0.mp4.part-Frag1, media.0.mp4.part media.0.mp4.ytdl, media.0.mp4.part-Frag2.part",
        "one that was finished, media.0.mp4.part-Frag1, media.0.mp4, ''",
        "noted before its first piece, '', media.0.mp4.part media.0.mp4.ytdl, ''",
        "sound in pieces beside a picture as it came, media.v+a.fa.m4a.part-Frag1, media.v+a.fa.m4a, media.v+a.fv.mp4",
        "the same while the picture comes, media.v+a.fa.m4a.part-Frag1, media.v+a.fa.m4a, media.v+a.fv.mp4.part",
        "what was merged of them, media.v+a.fa.m4a.part-Frag1, media.v+a.mkv media.v+a.fa.m4a, media.v+a.fv.mp4",
        "subtitles in pieces beside a film as it came, media.1.fr.vtt.part-Frag1, media.1.fr.vtt, media.1.mp4",
        "nothing in pieces, '', '', media.1.mp4 media.2.mp4.part"
    })
    void whatIsMadeOfPiecesIsGivenUpAndAllElseStays(String what, String pieces, String given, String stays)
            throws IOException {
        List<String> kept = words(pieces + " " + stays);
        lies(kept.toArray(String[]::new));
        lies(words(given).toArray(String[]::new));
        new Workplace(folder).takeApart();
        assertThat(MediaNode.list(folder))
                .as(what)
                .extracting(file -> file.getFileName().toString())
                .containsExactlyInAnyOrderElementsOf(kept);
    }

    private static List<String> words(String all) {
        return List.of(all.strip().split(" +")).stream()
                .filter(word -> !word.isEmpty())
                .toList();
    }

    @Test
    void aPieceThatIsMissingIsSeenWhereverItIs() throws IOException {
        var place = new Workplace(folder);
        lies("media.0.mp4.part-Frag1", "media.0.mp4.part-Frag3", "media.0.mp4.part-Frag2.part");
        assertThat(place.hasPieces("/x/media.0.mp4.part", 3)).isFalse();
        lies("media.0.mp4.part-Frag2");
        assertThat(place.hasPieces("/x/media.0.mp4.part", 3)).isTrue();
        assertThat(place.hasPieces("/x/media.0.mp4.part", 4)).isFalse();
    }
}
