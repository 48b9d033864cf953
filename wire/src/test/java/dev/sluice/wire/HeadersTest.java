package dev.sluice.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.core.ProblemException;
import dev.sluice.storage.ByteRange;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class HeadersTest {
    @Test
    void rangesAreThoseOfTheRfc() {
        assertThat(RangeHeader.parse("bytes=0-4", 10)).isEqualTo(part(0, 5));
        assertThat(RangeHeader.parse("Bytes = 3-", 10)).isEqualTo(part(3, 7));
        assertThat(RangeHeader.parse("bytes=3-99999999999999999999", 10)).isEqualTo(part(3, 7));
        assertThat(RangeHeader.parse("bytes=-4", 10)).isEqualTo(part(6, 4));
        assertThat(RangeHeader.parse("bytes=-99", 10)).isEqualTo(part(0, 10));
        assertThat(RangeHeader.parse("bytes=10-", 10)).isEqualTo(new RangeHeader.Unsatisfiable(10));
        assertThat(RangeHeader.parse("bytes=-0", 10)).isEqualTo(new RangeHeader.Unsatisfiable(10));
        assertThat(RangeHeader.parse("bytes=0-", 0)).isEqualTo(new RangeHeader.Unsatisfiable(0));
        assertThat(RangeHeader.parse(null, 10)).isEqualTo(new RangeHeader.Whole(10));
        for (String ignored :
                List.of("", "bytes=", "bytes=-", "bytes=4-3", "bytes=a-b", "lines=0-1", "bytes=0-1,3-4")) {
            assertThat(RangeHeader.parse(ignored, 10)).as(ignored).isEqualTo(new RangeHeader.Whole(10));
        }
        assertThat(new RangeHeader.Part(new ByteRange(2, 3), 10).contentRange()).isEqualTo("bytes 2-4/10");
        assertThat(new RangeHeader.Unsatisfiable(10).contentRange()).isEqualTo("bytes */10");
    }

    @Property
    void anyRangeLiesWithinTheContent(
            @ForAll @CharRange(from = '-', to = '9') String spec, @ForAll @LongRange(min = 0, max = 50) long length) {
        if (RangeHeader.parse("bytes=" + spec, length) instanceof RangeHeader.Part part) {
            assertThat(part.range().length()).isPositive();
            assertThat(part.range().end()).isLessThanOrEqualTo(length);
            assertThat(part.length()).isEqualTo(length);
        }
    }

    @Property
    void noHeaderIsMoreThanAProblem(@ForAll String text) {
        assertThat(RangeHeader.parse(text, 10)).isNotNull();
        RangeHeader.applies(text, "\"a\"", Instant.EPOCH);
        try {
            ContentRange.parse(text);
        } catch (ProblemException refused) {
            assertThat(refused.problem().details()).containsEntry("field", "Content-Range");
        }
    }

    @Test
    void ifRangeComparesStrongly() {
        Instant modified = Instant.parse("2026-11-21T12:00:00.5Z");
        assertThat(RangeHeader.applies(null, "\"a\"", null)).isTrue();
        assertThat(RangeHeader.applies("\"a\"", "\"a\"", null)).isTrue();
        assertThat(RangeHeader.applies("\"b\"", "\"a\"", null)).isFalse();
        assertThat(RangeHeader.applies("W/\"a\"", "W/\"a\"", null)).isFalse();
        assertThat(RangeHeader.applies("Sat, 21 Nov 2026 12:00:00 GMT", "\"a\"", modified))
                .isTrue();
        assertThat(RangeHeader.applies("Sat, 21 Nov 2026 12:00:01 GMT", "\"a\"", modified))
                .isFalse();
        assertThat(RangeHeader.applies("yesterday", "\"a\"", modified)).isFalse();
    }

    @Test
    void aContentRangeTellsWhereAPutGoesOn() {
        var part = new ContentRange.Part(5, 9, OptionalLong.of(10));
        assertThat(ContentRange.parse("bytes 5-9/10")).isEqualTo(part);
        assertThat(part.ends()).isTrue();
        assertThat(part.length()).isEqualTo(5);
        assertThat(ContentRange.parse("bytes 5-9/*")).isEqualTo(new ContentRange.Part(5, 9, OptionalLong.empty()));
        assertThat(ContentRange.parse("bytes */10")).isEqualTo(new ContentRange.Query(OptionalLong.of(10)));
        for (String wrong : List.of("", "bytes 5-4/10", "bytes 5-10/10", "bytes */*", "5-9/10", "bytes 5-/10")) {
            assertThatExceptionOfType(ProblemException.class).as(wrong).isThrownBy(() -> ContentRange.parse(wrong));
        }
    }

    @Test
    void aDownloadKeepsItsName() {
        assertThat(ContentDisposition.attachment("a b.txt")).isEqualTo("attachment; filename=\"a b.txt\"");
        assertThat(ContentDisposition.attachment("ä€.txt"))
                .isEqualTo("attachment; filename=\"__.txt\"; filename*=UTF-8''%C3%A4%E2%82%AC.txt");
        assertThat(ContentDisposition.attachment("a\"\r\nX: y"))
                .isEqualTo("attachment; filename=\"a___X: y\"; filename*=UTF-8''a%22%0D%0AX%3A%20y");
    }

    @Property
    void nothingInANameEndsTheHeader(@ForAll String name) {
        assertThat(ContentDisposition.attachment(name))
                .matches("attachment; filename=\"[^\"\\\\\\p{Cntrl}]*\"(; filename\\*=UTF-8''[!-~]*)?");
    }

    private static RangeHeader part(long first, long length) {
        return new RangeHeader.Part(new ByteRange(first, length), 10);
    }
}
