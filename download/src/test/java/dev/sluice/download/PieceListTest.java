package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.download.PieceList.Piece;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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
        assertThat(list.longestSeconds()).isEqualTo(15);
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
                #EXTINF:0,
                d.ts
                #EXTINF:0.0001,
                e.ts
                """);
        assertThat(list.longestSeconds()).isEqualTo(1);
        assertThat(list.first()).isZero();
        assertThat(list.pieces()).extracting(Piece::seconds).containsExactly(1.0, 1.0, 2.0, 1.0, 0.1);
    }

    @Test
    void aListOfListsNamesItsForms() {
        assertThat(PieceList.firstOfForms("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n# low\nlow.m3u8\n"))
                .contains("low.m3u8");
        assertThat(PieceList.firstOfForms("#EXTM3U\n#EXTINF:1,\na.ts\n")).isEmpty();
    }

    /// A server that wants to keep us busy.
    @Test
    @Timeout(5)
    void whatIsLongIsReadInTimeThatGrowsWithIt() {
        for (String tag : List.of("#EXT-X-KEY:", "#EXT-X-MAP:", "#EXTINF:", "#EXT-X-TARGETDURATION:", "")) {
            for (String unit : List.of("A", "A=\"", "A-", "1", ",", "=", "A\n", "\n")) {
                String text = PieceList.BEGIN + "\n" + tag + unit.repeat((1 << 20) / unit.length());
                assertThat(PieceList.of(text).ended()).isFalse();
                assertThat(PieceList.firstOfForms(text)).isEmpty();
            }
        }
        String line = "#EXT-X-KEY:" + "A".repeat(16_000) + "\n";
        assertThat(PieceList.of(PieceList.BEGIN + "\n" + line.repeat(64)).pieces())
                .isEmpty();
    }

    @Property
    void whateverComesIsReadOrPassedOver(@ForAll String text) {
        PieceList list = PieceList.of(PieceList.BEGIN + "\n" + text);
        assertThat(list.next()).isEqualTo(list.first() + list.pieces().size());
    }
}
