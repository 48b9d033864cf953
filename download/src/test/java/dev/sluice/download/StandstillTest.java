package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// At times that are given, in seconds.
class StandstillTest {
    private final Standstill standstill = new Standstill(Duration.ofSeconds(30), 0);

    private static long at(double seconds) {
        return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }

    /// @param longest a piece of so many seconds
    private boolean looked(double now, int first, int next, long wanted, int longest) {
        var text = new StringBuilder(
                "#EXTM3U\n#EXT-X-TARGETDURATION:" + longest + "\n#EXT-X-MEDIA-SEQUENCE:" + first + "\n");
        for (int number = first; number < next; number++) {
            text.append("#EXTINF:2,\n").append(number).append(".ts\n");
        }
        return standstill.looked(PieceList.of(text.toString()), wanted, at(now));
    }

    @Test
    void aListThatShowsNothingNewStandsStillAfterAWhile() {
        looked(0, 0, 3, 0, 2);
        standstill.wentThrough(at(1));
        standstill.came(at(1));
        looked(29, 0, 3, 3, 2);
        standstill.wentThrough(at(29));
        assertThat(standstill.isStill(true, true, at(30.9))).isFalse();
        assertThat(standstill.isStill(true, true, at(31.1))).isTrue();
        assertThat(standstill.silence(at(31.1))).isGreaterThan(Duration.ofSeconds(30));
    }

    @Test
    void ofLongPiecesItMayTakeLonger() {
        looked(0, 0, 3, 0, 20);
        standstill.wentThrough(0);
        standstill.came(0);
        assertThat(standstill.isStill(true, true, at(59))).isFalse();
        assertThat(standstill.isStill(true, true, at(61))).isTrue();
    }

    /// Pieces that take long to come, and a look that fails right after them.
    @Test
    void whatIsGoneThroughIsNoStandstill() {
        looked(0, 0, 300, 0, 2);
        standstill.came(at(99));
        standstill.wentThrough(at(100));
        assertThat(standstill.isStill(true, true, at(101))).isFalse();
        looked(102, 0, 300, 150, 2);
        standstill.came(at(150));
        standstill.wentThrough(at(151));
        assertThat(standstill.isStill(true, true, at(152)))
                .as("it shows nothing new, but brings")
                .isFalse();
        assertThat(standstill.isStill(true, false, at(181)))
                .as("there is more in it")
                .isFalse();
        assertThat(standstill.isStill(true, true, at(181))).isTrue();
    }

    @Test
    void piecesMayFailForLongerButNotForEver() {
        for (int second = 0; second <= 310; second += 10) {
            looked(second, second, second + 3, second, 2);
            standstill.wentThrough(at(second));
            assertThat(standstill.isStill(true, true, at(second))).isEqualTo(second > 300);
            assertThat(standstill.isStill(false, true, at(second))).isEqualTo(second > 30);
        }
    }

    @Test
    void aListThatIsBehindCountsAnewOnceNoCacheWouldBeSoOld() {
        looked(0, 5000, 5003, 5000, 2);
        assertThat(standstill.isAnew(false, at(100))).isFalse();
        looked(10, 0, 3, 5003, 2);
        assertThat(standstill.isAnew(false, at(13.9))).isFalse();
        assertThat(standstill.isAnew(false, at(14.1))).isTrue();
        assertThat(standstill.isAnew(true, at(39)))
                .as("of which the wanted piece may still come")
                .isFalse();
        assertThat(standstill.isAnew(true, at(41))).isTrue();
        standstill.anew();
        assertThat(standstill.isAnew(false, at(41))).isFalse();
        looked(42, 0, 3, 5003, 2);
        assertThat(looked(43, 5001, 5004, 5003, 2)).as("as a cache does").isFalse();
        assertThat(standstill.isAnew(false, at(60))).as("it has come").isFalse();
        looked(61, 0, 4, 5, 2);
        assertThat(looked(66, 0, 5, 5, 2)).as("it has begun anew and caught up").isTrue();
    }
}
