package dev.sluice.scan;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/// That windows cut nothing, whatever the place of a pattern is.
class SweepTest {
    private static final String EICAR =
            "X5O!P%@AP[4\\PZX54(P^)7CC)7}".concat("$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");
    private static final Map<Finding.Kind, String> PATTERNS = Map.of(
            Finding.Kind.EICAR, EICAR,
            Finding.Kind.SCRIPT, "<?php ",
            Finding.Kind.MARKUP, "<script>",
            Finding.Kind.BASE64_EXECUTABLE, "TVqQAAMAAAAEAAAA" + "AAAAAAAAAAA\r\n".repeat(12),
            Finding.Kind.BIDI, "\u202e",
            Finding.Kind.NULS, "\0",
            Finding.Kind.CONTROLS, "\u0007");

    private static String row(int length) {
        return "2025-01-31;-12,50;EUR;Coffee\n".repeat(length / 29 + 1).substring(0, length);
    }

    @Property(tries = 120)
    void aPatternIsFoundOnceWithItsPlaceAroundTheEndsOfWindows(
            @ForAll Finding.Kind kind,
            @ForAll @IntRange(min = 1, max = 2) int window,
            @ForAll @IntRange(min = -700, max = 700) int around) {
        String pattern = PATTERNS.get(kind);
        Assume.that(pattern != null);
        int offset = (window << 20) + around;
        byte[] table = row((5 << 19)).getBytes(US_ASCII);
        byte[] bytes = ("\n" + pattern + "\n").getBytes(UTF_8);
        System.arraycopy(bytes, 0, table, offset, bytes.length);

        Examined examined = Scanned.examined(table);

        assertThat(examined.findings()).hasSize(1);
        assertThat(examined.findings().getFirst().kind()).isEqualTo(kind);
        assertThat(examined.findings().getFirst().offset()).isEqualTo(offset + 1);
        assertThat(examined.findings().getFirst().count()).isEqualTo(1);
    }

    @Property(tries = 60)
    void soItIsInUtf16(
            @ForAll Finding.Kind kind,
            @ForAll @IntRange(min = 1, max = 2) int window,
            @ForAll @IntRange(min = -700, max = 700) int around) {
        String pattern = PATTERNS.get(kind);
        Assume.that(pattern != null);
        int offset = (window << 19) + around;
        String before = row(offset);
        byte[] table = ("\ufeff" + before + "\n" + pattern + "\n" + row(100_000)).getBytes(UTF_16LE);

        Examined examined = Scanned.examined(table);

        assertThat(examined.findings()).hasSize(1);
        assertThat(examined.findings().getFirst().kind()).isEqualTo(kind);
        assertThat(examined.findings().getFirst().offset()).isEqualTo(2L * (offset + 2));
    }

    @Property(tries = 40)
    void anyBytesAreDigestedWholeAndThrowNothing(
            @ForAll long seed, @ForAll @LongRange(min = 0, max = 2_200_000) long size) throws NoSuchAlgorithmException {
        var bytes = new byte[(int) size];
        new Random(seed).nextBytes(bytes);

        Examined examined = Scanned.examined(bytes);

        assertThat(examined.size()).isEqualTo(size);
        assertThat(examined.sha256())
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
        assertThat(size < 2000 || examined.refusing().isPresent()).isTrue();
    }
}
