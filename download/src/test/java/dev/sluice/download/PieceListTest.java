package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.download.PieceList.Piece;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Lists as servers write them, RFC 8216 §4.3 and §8.
class PieceListTest {
    @Test
    void whatStandsInIt() {
        PieceList list = PieceList.of("""
                #EXTM3U
                #EXT-X-TARGETDURATION:15
                #EXT-X-MEDIA-SEQUENCE:7794
                #EXT-X-MAP:URI="head.mp4"
                #EXT-X-KEY:METHOD=AES-128,URI="https://example.com/key?r=52,1",IV=0xA1
                #EXTINF:2.833,its title, with a comma
                a.ts

                # a comment
                #EXT-X-PROGRAM-DATE-TIME:2026-11-30T10:00:00Z
                #EXT-X-KEY:METHOD=NONE
                #EXT-X-GAP
                #EXTINF:15.0,
                https://example.com/b.ts
                #EXT-X-BYTERANGE:100@0
                #EXTINF:3
                c.ts
                #EXT-X-MAP:URI="other.mp4",BYTERANGE="720@0"
                #EXTINF:1,
                d.ts
                """.replace("\n", "\r\n"));
        var key = new PieceList.Key("AES-128", "https://example.com/key?r=52,1", "0".repeat(30) + "A1");
        assertThat(list.first()).isEqualTo(7794);
        assertThat(list.next()).isEqualTo(7798);
        assertThat(list.target()).isEqualTo(15);
        assertThat(list.ended()).isFalse();
        assertThat(list.pieces())
                .containsExactly(
                        new Piece("a.ts", 2.833, false, "head.mp4", key, false),
                        new Piece("https://example.com/b.ts", 15, true, "head.mp4", null, false),
                        new Piece("c.ts", 3, false, "head.mp4", null, true),
                        new Piece("d.ts", 1, false, "other.mp4", null, true));
    }

    @ParameterizedTest
    @CsvSource({
        "#EXT-X-ENDLIST, true",
        "#EXT-X-PLAYLIST-TYPE:VOD, true",
        "#EXT-X-PLAYLIST-TYPE:EVENT, false",
        "#EXT-X-VERSION:3, false"
    })
    void whetherMoreIsAdded(String tag, boolean ended) {
        assertThat(PieceList.of("#EXTM3U\n" + tag + "\n").ended()).isEqualTo(ended);
    }

    @Test
    void numbersThatAreNoneAreTakenForTheUsual() {
        PieceList list = PieceList.of("""
                #EXTM3U
                #EXT-X-TARGETDURATION:many
                #EXT-X-MEDIA-SEQUENCE:-4
                #EXTINF:NaN,
                a.ts
                #EXTINF:-1,
                b.ts
                #EXTINF:1e99,
                c.ts
                """);
        assertThat(list.target()).isEqualTo(1);
        assertThat(list.first()).isZero();
        assertThat(list.pieces()).extracting(Piece::seconds).containsOnly(1.0);
    }

    @Test
    void aListOfListsNamesItsForms() {
        assertThat(PieceList.firstOfForms("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n# low\nlow.m3u8\n"))
                .contains("low.m3u8");
        assertThat(PieceList.firstOfForms("#EXTM3U\n#EXTINF:1,\na.ts\n")).isEmpty();
    }
}
