package dev.sluice.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class SafeNameTest {
    @Test
    void namesStayWhatTheyAreWhereTheyMay() {
        assertSanitized("report 2026.tar.gz", "report 2026.tar.gz");
        assertSanitized("日本語 👩‍👩‍👧.txt", "日本語 👩‍👩‍👧.txt");
        assertSanitized("A\u030a.txt", "Å.txt");
    }

    @Test
    void pathsLoseTheirFolders() {
        assertSanitized("../../etc/passwd", "passwd");
        assertSanitized("C:\\fakepath\\x.txt", "x.txt");
        assertSanitized("a/..", "a");
        assertSanitized("a/b/", "b");
    }

    @Test
    void whatSomeSystemForbidsIsReplaced() {
        assertSanitized("a<b>c:d\"e|f?g*.txt", "a_b_c_d_e_f_g_.txt");
        assertSanitized("con", "_con");
        assertSanitized("NUL.tar.gz", "_NUL.tar.gz");
        assertSanitized("aux .txt", "_aux .txt");
        assertSanitized("COM¹", "_COM¹");
        assertSanitized("console.log", "console.log");
        assertSanitized(".bashrc", "_bashrc");
        assertSanitized("a. . ", "a");
        assertSanitized("a\u0000b\r\nc\u202etxt.exe", "abctxt.exe");
        assertSanitized("\ud800.txt", "_.txt");
    }

    @Test
    void whatIsNothingIsAFile() {
        for (String nothing : new String[] {"", " ", ".", "..", "...", "/", "\u202e", "\u00a0"}) {
            assertSanitized(nothing, "file");
        }
    }

    @Test
    void longNamesKeepTheirExtension() {
        assertThat(SafeName.of("x".repeat(300) + ".jpeg")).hasSize(200).endsWith("x.jpeg");
        assertThat(SafeName.of("ä".repeat(300) + ".jpeg").getBytes(StandardCharsets.UTF_8))
                .hasSizeBetween(199, 200);
        assertThat(SafeName.of("a." + "x".repeat(300))).hasSize(200);
    }

    @Property
    void everyNameIsSafeAndStaysSo(@ForAll("names") String original) {
        String name = SafeName.of(original);
        assertThat(SafeName.of(name)).isEqualTo(name);
        assertThat(name)
                .isNotEmpty()
                .doesNotContain("..")
                .doesNotContainPattern("[/\\\\<>:\"|?*\\p{Cntrl}\\u202a-\\u202e\\u2066-\\u2069]")
                .doesNotMatch("(?s)^\\..*|.*[. ]$")
                .doesNotMatch("(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\\..*)?");
        assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(name)).isTrue();
        assertThat(Normalizer.isNormalized(name, Normalizer.Form.NFC)).isTrue();
        assertThat(name.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(200);
    }

    @Provide
    Arbitrary<String> names() {
        Arbitrary<String> nasty = Arbitraries.of(
                        "a",
                        ".",
                        " ",
                        "/",
                        "\\",
                        "con",
                        "NUL",
                        "_",
                        "\u0301",
                        "\u202e",
                        "\u200d",
                        "\ud800",
                        "😀",
                        "A",
                        ":",
                        "?",
                        "\u037e",
                        "\u00a0",
                        "x".repeat(60),
                        ".txt",
                        "\n",
                        "\ufeff",
                        "ﬁ",
                        "\uffff")
                .list()
                .ofMaxSize(14)
                .map(parts -> String.join("", parts));
        return Arbitraries.oneOf(nasty, Arbitraries.strings().ofMaxLength(300));
    }

    private static void assertSanitized(String original, String expected) {
        assertThat(SafeName.of(original)).as(original).isEqualTo(expected);
    }
}
