package dev.sluice.files;

import static dev.sluice.files.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.files.Renaming.LetterCase;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RenamingTest {
    private static final Renaming NOTHING = new Renaming(null, 0, null, null, null, null, null);

    @Test
    void aPatternBecomesAnother() {
        assertThat(to("take.%05d.exr", 0).apply("shot.1001.exr")).isEqualTo("take.01001.exr");
        assertThat(to("take.#.exr", -1000).apply("shot.1001.exr")).isEqualTo("take.0001.exr");
        assertThat(to("take.@.exr", -1002).apply("shot.1001.exr")).isEqualTo("take.-1.exr");
        assertThat(to("skin.<UDIM>.tif", 0).apply("s_1011.tif")).isEqualTo("skin.1011.tif");
        assertThat(to("hero.exr", 0).apply("shot.exr")).isEqualTo("hero.exr");
        assertThat(new Renaming("Take.#.EXR", 0, null, LetterCase.LOWER, null, null, null).apply("s.1.exr"))
                .isEqualTo("take.0001.exr");
    }

    @Test
    void framesMoveAndKeepTheirDigits() {
        assertThat(moved(1, null).apply("shot.0999.exr")).isEqualTo("shot.1000.exr");
        assertThat(moved(-1000, null).apply("shot.1001.exr")).isEqualTo("shot.0001.exr");
        assertThat(moved(1, null).apply("shot.9999.exr")).isEqualTo("shot.10000.exr");
        assertThat(moved(-2, null).apply("shot.0001.exr")).isEqualTo("shot.-0001.exr");
        assertThat(moved(2, null).apply("shot.-0001.exr")).isEqualTo("shot.0001.exr");
        assertThat(moved(0, 6).apply("shot_1001.tar.gz")).isEqualTo("shot_001001.tar.gz");
        assertThat(moved(0, 1).apply("shot.0001.exr")).isEqualTo("shot.1.exr");
    }

    @Test
    void theSequenceTellsWhatTheNameAloneDoesNot() {
        FramePattern unpadded = FramePattern.of("a.", 1, ".x");
        assertThat(moved(-1, null).apply("a.10.x", unpadded)).isEqualTo("a.9.x");
        assertThat(moved(-1, null).apply("a.10.x")).isEqualTo("a.09.x");
        FramePattern between = FramePattern.parse("a.#.x").orElseThrow();
        assertThat(moved(10, null).apply("a.1001.25.x", between)).isEqualTo("a.1011.25.x");
        FramePattern tiles = FramePattern.parse("s.<UVTILE>.tif").orElseThrow();
        assertThat(moved(10, null).apply("s.u2_v1.tif", tiles)).isEqualTo("s.u2_v2.tif");
        assertThat(replaced("s.", "skin.").apply("s.u2_v1.tif", tiles)).isEqualTo("skin.u2_v1.tif");
    }

    @Test
    void separatorsBecomeOneButTheDotBeforeTheFrameStays() {
        assertThat(separated("_").apply("my shot - v2.1001.exr")).isEqualTo("my_shot_v2.1001.exr");
        assertThat(separated("-").apply("my shot_v2_1001.exr")).isEqualTo("my-shot-v2-1001.exr");
        assertThat(separated(".").apply("my shot_1001.exr")).isEqualTo("my.shot.1001.exr");
        assertThat(separated("").apply("my shot_1001.exr")).isEqualTo("myshot1001.exr");
        assertThat(separated("_").apply("my.old file.tar.gz")).isEqualTo("my_old_file.tar.gz");
        assertThat(separated("_").apply(".my file")).isEqualTo(".my_file");
        assertThat(separated("$1\\").apply("a b.txt")).isEqualTo("a$1\\b.txt");
        assertThat(separated("_").apply("shot .-0001.exr")).isEqualTo("shot.-0001.exr");
    }

    @Test
    void lettersGetTheirCaseAndTextIsReplacedLiterally() {
        assertThat(new Renaming(null, 0, null, LetterCase.LOWER, null, null, null).apply("My Shot.1001.EXR"))
                .isEqualTo("my shot.1001.exr");
        assertThat(new Renaming(null, 0, null, LetterCase.UPPER, null, null, null).apply("ti.exr"))
                .isEqualTo("TI.EXR");
        assertThat(replaced("v2", "v3").apply("comp_v2.exr")).isEqualTo("comp_v3.exr");
        assertThat(replaced(".jpeg", ".jpg").apply("a.1001.jpeg")).isEqualTo("a.1001.jpg");
        assertThat(replaced("a.b", null).apply("xa.bx_aab")).isEqualTo("xx_aab");
        assertThat(new Renaming(null, 1, 4, LetterCase.LOWER, "_", "Old", "New").apply("Old Shot 7.EXR"))
                .isEqualTo("new_shot_0008.exr");
    }

    @Test
    void aNameThatNeedsAFrameAndHasNoneIsRefused() {
        assertRefused(() -> to("take.#.exr", 0).apply("shot.exr")).contains("\"shot.exr\" has no frame");
        assertRefused(() -> moved(1, null).apply("clip.mp4")).contains("no frame");
        assertRefused(() -> moved(0, 4).apply("clip.mp4")).contains("no frame");
        assertThat(NOTHING.apply("clip.mp4")).isEqualTo("clip.mp4");
    }

    @Test
    void aFrameThatCannotBeWrittenIsRefused() {
        assertRefused(() -> to("skin.<UDIM>.tif", 0).apply("s.0999.tif")).contains("tiles");
        assertRefused(() -> moved(Long.MAX_VALUE, null).apply("s.1.tif")).contains("too far");
        assertRefused(() -> separated("").apply("take 2 1001.exr")).contains("cannot be read again");
        assertRefused(() -> separated("_-").apply("take 1001.exr")).contains("cannot be read again");
    }

    @Test
    void whatIsNoNameOfAFileIsRefused() {
        assertRefused(() -> replaced("a", "b/c").apply("a.txt")).contains("no file's name");
        assertRefused(() -> replaced("a", null).apply("a")).contains("no file's name");
        assertRefused(() -> replaced("a", null).apply("a..")).contains("no file's name");
        assertRefused(() -> to("..", 0).apply("a")).contains("no file's name");
        assertRefused(() -> to("x/#", 0).apply("a1")).contains("no file's name");
        assertRefused(() -> to("", 0).apply("a1")).contains("no file's name");
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() {
        assertRefused(() -> moved(0, 0)).contains("1 to 64");
        assertRefused(() -> replaced("", "a")).contains("nothing cannot be replaced");
        assertRefused(() -> new Renaming(null, 0, null, null, null, null, "a")).contains("is not said");
        assertRefused(() -> new Renaming("a.#.b", 0, 4, null, null, null, null)).contains("whole new name");
        assertRefused(() -> to("hero.exr", 1)).contains("no place for a frame");
        assertRefused(() -> to("a.1-5#.exr", 1)).contains("leave the range out");
        assertRefused(() -> to("a.#.#", 1)).contains("two places");
    }

    @Test
    void itTravelsAsJson() throws Exception {
        var json = JsonMapper.builder().build();
        var whole = new Renaming(null, -5, 4, LetterCase.UPPER, "_", "a", "b");
        assertThat(json.readValue(json.writeValueAsString(whole), Renaming.class))
                .isEqualTo(whole);
        assertThat(json.readValue("{}", Renaming.class)).isEqualTo(NOTHING);
    }

    @Property
    void nothingChangesWhereNothingIsSaid(@ForAll("names") String name) {
        assertThat(NOTHING.apply(name)).isEqualTo(name);
    }

    /// What a text cannot say of a name would stand there as another letter.
    @Test
    void aNameThatIsNoUtf8IsKeptOrGivenAnewInWhole() {
        String name = "caf\uFFFD.1001.exr";
        assertRefused(() -> moved(1, null).apply(name)).contains("the whole new name");
        assertThat(to("cafe.#.exr", 0).apply(name)).isEqualTo("cafe.1001.exr");
        assertThat(replaced("caf\uFFFD", "cafe").apply(name)).isEqualTo("cafe.1001.exr");
    }

    @Property
    void movingThereAndBackIsNoChange(@ForAll("names") String name, @ForAll @IntRange(min = -50, max = 50) int offset) {
        try {
            int width = Numbered.of(name).map(Numbered::width).orElse(1);
            FramePattern pattern = Numbered.of(name).map(Numbered::pattern).orElse(null);
            String there = moved(offset, null).apply(name);
            assertThat(moved(-offset, width).apply(there, pattern)).isEqualTo(name);
        } catch (ProblemException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        }
    }

    @Provide
    Arbitrary<String> names() {
        return Arbitraries.of("a", "1", "0", "1001", "-", "_", ".", " ", "exr", "tar", "é")
                .list()
                .ofMinSize(1)
                .ofMaxSize(8)
                .map(parts -> "n" + String.join("", parts));
    }

    private static Renaming to(String to, long offset) {
        return new Renaming(to, offset, null, null, null, null, null);
    }

    private static Renaming moved(long offset, @Nullable Integer padding) {
        return new Renaming(null, offset, padding, null, null, null, null);
    }

    private static Renaming separated(String separator) {
        return new Renaming(null, 0, null, null, separator, null, null);
    }

    private static Renaming replaced(String replace, @Nullable String with) {
        return new Renaming(null, 0, null, null, null, replace, with);
    }
}
