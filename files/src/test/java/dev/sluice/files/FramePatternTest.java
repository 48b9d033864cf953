package dev.sluice.files;

import static dev.sluice.files.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class FramePatternTest {
    @Test
    void everyPlaceHasItsDigits() {
        assertNamed("shot.#.exr", 7, "shot.0007.exr");
        assertNamed("shot.##.exr", 7, "shot.00000007.exr");
        assertNamed("shot.@.exr", 7, "shot.7.exr");
        assertNamed("shot.@@@.exr", 7, "shot.007.exr");
        assertNamed("shot.#@.exr", 7, "shot.00007.exr");
        assertNamed("shot.%04d.exr", 7, "shot.0007.exr");
        assertNamed("shot.%d.exr", 7, "shot.7.exr");
        assertNamed("shot.$F4.exr", 7, "shot.0007.exr");
        assertNamed("shot.$F.exr", 7, "shot.7.exr");
        assertNamed("skin.<UDIM>.tif", 1012, "skin.1012.tif");
        assertNamed("skin_<UDIM>_v2.tif", 1012, "skin_1012_v2.tif");
        assertNamed("skin.<UVTILE>.tif", 1001, "skin.u1_v1.tif");
        assertNamed("skin.<UVTILE>.tif", 1020, "skin.u10_v2.tif");
        assertNamed("shot_#.exr", 7, "shot_0007.exr");
        assertNamed("shot#.exr", 7, "shot0007.exr");
        assertNamed("shot.#.tar.gz", 7, "shot.0007.tar.gz");
        assertNamed("shot.#", 7, "shot.0007");
        assertNamed("#", 7, "0007");
    }

    @Test
    void whatIsNoPlaceStandsForItself() {
        for (String name : new String[] {
            "shot.exr",
            "icon@2x.png",
            "100%done.txt",
            "cost$Final.exr",
            "#1.txt",
            "a#b.exr",
            "<UDIMS>.tif",
            "[1-5]*?.exr",
            ""
        }) {
            assertThat(FramePattern.parse(name)).as(name).isEmpty();
        }
        FramePattern literal = pattern("a[1-5]{x}*?.#.exr");
        assertThat(literal.match("a[1-5]{x}*?.1001.exr")).contains(Frame.of(1001));
        assertThat(literal.match("a1x.1001.exr")).isEmpty();
    }

    @Test
    void paddingIsRespected() {
        FramePattern four = pattern("shot.#.exr");
        assertThat(four.match("shot.1001.exr")).contains(Frame.of(1001));
        assertThat(four.match("shot.10001.exr")).contains(Frame.of(10001));
        assertThat(four.match("shot.-0001.exr")).contains(Frame.of(-1));
        assertThat(four.match("shot.1001.25.exr")).contains(Frame.parse("1001.25"));
        for (String other : new String[] {
            "shot.101.exr",
            "shot.01001.exr",
            "shot.-0000.exr",
            "shot.-001.exr",
            "shot..exr",
            "shot.exr",
            "shot.1001.jpg",
            "Shot.1001.exr",
            "shot.1001a.exr",
            "shot.1001..exr",
            "shot.+1001.exr"
        }) {
            assertThat(four.match(other)).as(other).isEmpty();
        }
        FramePattern one = pattern("shot.@.exr");
        assertThat(one.match("shot.0.exr")).contains(Frame.of(0));
        assertThat(one.match("shot.101.exr")).contains(Frame.of(101));
        assertThat(one.match("shot.007.exr")).isEmpty();
    }

    @Test
    void aFrameKeepsItsDecimals() {
        FramePattern pattern = pattern("shot.1001-1002x0.25#.exr");
        assertThat(pattern.frames().orElseThrow().frames().stream().map(pattern::name))
                .containsExactly(
                        "shot.1001.00.exr",
                        "shot.1001.25.exr",
                        "shot.1001.50.exr",
                        "shot.1001.75.exr",
                        "shot.1002.00.exr");
    }

    @Test
    void tilesHaveTheirBounds() {
        FramePattern udim = pattern("skin.<UDIM>.tif");
        assertThat(udim.padding()).isEqualTo(4);
        assertThat(udim.match("skin.1001.tif")).contains(Frame.of(1001));
        assertThat(udim.match("skin.0999.tif")).isEmpty();
        assertThat(udim.match("skin.10000.tif")).isEmpty();
        assertRefused(() -> udim.name(Frame.of(1000))).contains("tiles are 1001 to 9999");
        FramePattern uvTile = pattern("skin.<UVTILE>.tif");
        assertThat(uvTile.match("skin.u10_v2.tif")).contains(Frame.of(1020));
        assertThat(uvTile.match("skin.u11_v2.tif")).isEmpty();
        assertThat(uvTile.match("skin.u0_v1.tif")).isEmpty();
        assertRefused(() -> uvTile.name(Frame.parse("1001.5"))).contains("tiles");
    }

    @Test
    void theRangeBeforeThePlaceIsFound() {
        assertRange("shot.1001-1240#.exr", "shot.", "1001-1240");
        assertRange("shot.1-10x2%04d.exr", "shot.", "1-9x2");
        assertRange("shot.-5-5#.exr", "shot.", "-5-5");
        assertRange("shot.-10--5#.exr", "shot.", "-10--5");
        assertRange("shot.1-5,10-20$F4.exr", "shot.", "1-5,10-20");
        assertRange("shot1001-1240#.exr", "shot", "1001-1240");
        assertRange("shot_010.1001-1240#.exr", "shot_010.", "1001-1240");
        assertRange("shot_v2.5.1001-1240#.exr", "shot_v2.5.", "1001-1240");
        assertRange("shot-1001-1240#.exr", "shot-", "1001-1240");
        assertRange("shot-010-1001-1240#.exr", "shot-010-", "1001-1240");
        assertRange("a,1-5#.exr", "a,", "1-5");
        assertRange("a1,5-9#.exr", "a", "1,5-9");
        assertRange("shot.1001#.exr", "shot.", "1001");
        assertRange("skin.1001-1003<UDIM>.tif", "skin.", "1001-1003");
        assertRange("1-3#", "", "1-3");
        assertThat(pattern("scene2#.exr").frames()).isEmpty();
        assertThat(pattern("scene2%04d.exr").match("scene21001.exr")).contains(Frame.of(1001));
        assertThat(pattern("2024-01-#.exr").frames()).isEmpty();
        assertThat(pattern("shot_#.exr").frames()).isEmpty();
    }

    @Test
    void aWrongPatternIsRefused() {
        assertRefused(() -> pattern("a.#.b.#.exr")).contains("two places");
        assertRefused(() -> pattern("a.%04d.#.exr")).contains("two places");
        assertRefused(() -> pattern("a.1-10x0#.exr")).contains("step 0");
        assertRefused(() -> pattern("a.1-99999999#.exr")).contains("more than");
        for (String broken : new String[] {"a.1-10x#.exr", "a.1-5,#.exr", "a.1-10x-2#.exr", "a.1-10x2x3#.exr"}) {
            assertRefused(() -> pattern(broken)).contains("broken frame range");
        }
        assertRefused(() -> pattern("a.%4d.exr")).contains("write %04d");
        assertRefused(() -> pattern("a." + "#".repeat(17) + ".exr")).contains("64 digits");
        assertRefused(() -> pattern("a.%099999999999999999999d.exr")).contains("64 digits");
        assertRefused(() -> pattern("1-".repeat(10_000) + "#")).contains("longer");
    }

    @Property
    void aPatternKnowsTheNamesThatItMakes(@ForAll("patterns") String text, @ForAll("frames") Frame frame) {
        FramePattern pattern = pattern(text);
        String name = pattern.name(frame);
        assertThat(pattern.match(name)).as(name).contains(frame);
        assertThat(pattern.name(pattern.match(name).orElseThrow())).isEqualTo(name);
    }

    @Property
    void whatAPatternKnowsItMakes(@ForAll("patterns") String text, @ForAll("digits") String digits) {
        FramePattern pattern = pattern(text);
        String name = pattern.prefix() + digits + pattern.suffix();
        Optional<Frame> frame = pattern.match(name);
        frame.ifPresent(found -> assertThat(pattern.name(found)).isEqualTo(name));
    }

    @Property
    void anyLikenessOfAPatternIsReadOrRefused(@ForAll("likenesses") String text) {
        try {
            FramePattern.parse(text).ifPresent(pattern -> {
                String name = pattern.name(Frame.of(1001));
                assertThat(pattern.match(name)).contains(Frame.of(1001));
            });
        } catch (ProblemException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        }
    }

    @Provide
    Arbitrary<String> patterns() {
        return Combinators.combine(
                        Arbitraries.of("", "shot.", "shot_v2-", "a[1]*.", "take "),
                        Arbitraries.of("", "1001-1240", "-5-5x2", "1,3"),
                        Arbitraries.of("#", "##", "@", "@@@", "%04d", "%d", "$F3"),
                        Arbitraries.of("", ".exr", ".tar.gz", ".2k.exr"))
                .as((prefix, range, place, suffix) -> prefix + range + place + suffix);
    }

    @Provide
    Arbitrary<Frame> frames() {
        return Combinators.combine(
                        Arbitraries.longs().between(-10_000_000, 10_000_000),
                        Arbitraries.integers().between(0, 3))
                .as(Frame::new);
    }

    @Provide
    Arbitrary<String> digits() {
        return Arbitraries.strings().withChars("-.001259").ofMaxLength(8);
    }

    @Provide
    Arbitrary<String> likenesses() {
        return Arbitraries.of(
                        "#",
                        "@",
                        "%",
                        "04d",
                        "d",
                        "$F",
                        "4",
                        "<UDIM>",
                        "<UVTILE>",
                        ".",
                        "-",
                        "1",
                        "1001",
                        ",",
                        "x",
                        "y",
                        ":",
                        "a",
                        "exr",
                        " ")
                .list()
                .ofMaxSize(12)
                .map(parts -> String.join("", parts));
    }

    private static FramePattern pattern(String text) {
        return FramePattern.parse(text).orElseThrow();
    }

    private static void assertNamed(String text, long frame, String name) {
        assertThat(pattern(text).name(Frame.of(frame))).isEqualTo(name);
        assertThat(pattern(text).match(name)).as(name).contains(Frame.of(frame));
        assertThat(pattern(text)).hasToString(text);
    }

    private static void assertRange(String text, String prefix, String range) {
        FramePattern pattern = pattern(text);
        assertThat(pattern.prefix()).as(text).isEqualTo(prefix);
        assertThat(pattern.frames().orElseThrow()).as(text).hasToString(range);
    }
}
