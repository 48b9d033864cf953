package dev.sluice.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class FoldingTest {
    @Test
    void framesOfOneNameAreASequence() {
        Folded shot = only("shot.1003.exr", "shot.1001.exr", "shot.1002.exr");
        assertThat(shot.text()).isEqualTo("shot.1001-1003#.exr");
        assertThat(shot.names()).containsExactly("shot.1001.exr", "shot.1002.exr", "shot.1003.exr");
        assertThat(shot.frames()).containsExactly(Frame.of(1001), Frame.of(1002), Frame.of(1003));
        assertThat(shot.missing()).isEmpty();
        assertThat(shot.pattern()).hasToString("shot.#.exr");
    }

    @Test
    void missingFramesAreSaid() {
        assertThat(only("a.1.x", "a.2.x", "a.5.x", "a.6.x").missing()).isEqualTo("3-4");
        assertThat(only("a.1.x", "a.3.x", "a.5.x", "a.7.x").missing()).isEqualTo("2-6x2");
        assertThat(only("a.1.x", "a.3.x", "a.9.x").missing()).isEqualTo("2,4-8");
        Folded far = only("a.1.x", "a.100000000000000000.x");
        assertThat(far.missing()).isEqualTo("2-99999999999999999");
    }

    @Test
    void theFrameIsTheLastNumberBeforeTheExtension() {
        assertTexts("shot_010_v2.1001-1002#.exr", "shot_010_v2.1001.exr", "shot_010_v2.1002.exr");
        assertTexts("name1001-1002#.exr", "name1001.exr", "name1002.exr");
        assertTexts("name_1001-1002#.exr", "name_1001.exr", "name_1002.exr");
        assertTexts("name.1001-1002#.tar.gz", "name.1001.tar.gz", "name.1002.tar.gz");
        assertTexts("name.1001-1002#", "name.1001", "name.1002");
        assertTexts("1-2@", "1", "2");
        assertTexts("shot-1001-1002#.exr", "shot-1001.exr", "shot-1002.exr");
        assertTexts("shot.-1-1#.exr", "shot.-0001.exr", "shot.0000.exr", "shot.0001.exr");
    }

    @Test
    void whatHasNoFrameStandsAlone() {
        for (String name : new String[] {"clip.mp4", "shot_v2_final.exr", "readme", "", ".bashrc", "a.1001b.exr"}) {
            Folded alone = only(name);
            assertThat(alone).isEqualTo(Folded.alone(name));
            assertThat(alone.isSequence()).isFalse();
        }
        assertTexts("clip.mp3", "clip.mp3");
        assertThat(Folding.of(List.of("clip.mp3", "clip.mp4"))).hasSize(2);
        assertThat(Folding.of(List.of("a." + "1".repeat(19) + ".x", "a." + "2".repeat(19) + ".x")))
                .hasSize(2);
    }

    @Test
    void oneFrameIsNoSequence() {
        assertThat(only("shot.1001.exr")).isEqualTo(Folded.alone("shot.1001.exr"));
        assertThat(Folding.of(List.of("shot.1001.exr", "shot.1001.exr"))).hasSize(1);
    }

    @Test
    void differentPaddingsAreDifferentSequences() {
        assertThat(Folding.of(List.of("a.01.x", "a.02.x", "a.001.x", "a.002.x", "a.1.x", "a.2.x", "a.100.x", "a.10.x")))
                .extracting(Folded::text)
                .containsExactly("a.1-2,10@@.x", "a.1-2,100@@@.x", "a.1-2@.x");
        assertTexts("a.8-11@.x", "a.8.x", "a.9.x", "a.10.x", "a.11.x");
        assertTexts("a.999-1001@@@.x", "a.999.x", "a.1000.x", "a.1001.x");
        assertTexts("a.999-1001#.x", "a.0999.x", "a.1000.x", "a.1001.x");
    }

    @Test
    void aRangeThatWouldRunTogetherWithTheNameIsLeftOut() {
        assertTexts("shot-010-#.exr", "shot-010-1001.exr", "shot-010-1003.exr");
        assertTexts("shot-010-1001-1002#.exr", "shot-010-1001.exr", "shot-010-1002.exr");
    }

    @Test
    void theOrderIsThatOfTheFirstNames() {
        assertThat(Folding.of(List.of("z.txt", "b.2.x", "a.txt", "b.1.x", "c.5.x")))
                .extracting(Folded::text)
                .containsExactly("z.txt", "b.1-2@.x", "a.txt", "c.5.x");
    }

    @Test
    void aHundredThousandNamesAreFoldedAtOnce() {
        var names = new ArrayList<String>();
        for (int i = 0; i < 100_000; i++) {
            names.add(
                    i % 5 == 0
                            ? "single_" + i + "_of.exr"
                            : "shot_%03d_beauty_v012.%04d.exr".formatted(i % 7, 1001 + i / 3));
        }
        Collections.shuffle(names, new Random(7));
        Folding.of(names.subList(0, 10_000));
        // The time that this thread works, so that a machine with much to do does not matter.
        var clock = ManagementFactory.getThreadMXBean();
        long begin = clock.getCurrentThreadCpuTime();
        assertThat(Folding.of(names)).isNotEmpty();
        assertThat(Duration.ofNanos(clock.getCurrentThreadCpuTime() - begin)).isLessThan(Duration.ofSeconds(1));
    }

    @Property
    void everyNameIsInOneSequenceOfWhichThePatternKnowsIt(@ForAll("folders") Set<String> names) {
        List<Folded> folded = Folding.of(names);
        var found = new ArrayList<String>();
        for (Folded each : folded) {
            found.addAll(each.names());
            FramePattern pattern = each.pattern();
            if (pattern == null) {
                assertThat(each.names()).containsExactly(each.text());
                continue;
            }
            assertThat(each.names()).hasSizeGreaterThan(1);
            for (int i = 0; i < each.names().size(); i++) {
                assertThat(pattern.match(each.names().get(i)))
                        .contains(each.frames().get(i));
                assertThat(pattern.name(each.frames().get(i)))
                        .isEqualTo(each.names().get(i));
            }
            FramePattern read = FramePattern.parse(each.text()).orElseThrow();
            assertThat(read.prefix()).isEqualTo(pattern.prefix());
            read.frames().ifPresent(frames -> assertThat(frames.frames()).isEqualTo(each.frames()));
            assertAllThere(each);
        }
        assertThat(found).containsExactlyInAnyOrderElementsOf(names);
    }

    private static void assertAllThere(Folded sequence) {
        var all = new HashSet<>(sequence.frames());
        if (!sequence.missing().isEmpty()) {
            List<Frame> missing = FrameSet.parse(sequence.missing()).frames();
            assertThat(missing).doesNotContainAnyElementsOf(sequence.frames());
            all.addAll(missing);
        }
        Frame first = sequence.frames().getFirst();
        Frame last = sequence.frames().getLast();
        assertThat(all).hasSize((int) (last.units() - first.units() + 1));
    }

    @Provide
    Arbitrary<Set<String>> folders() {
        return Combinators.combine(
                        Arbitraries.of("", "shot.", "shot_", "shot-", "shot-010-", "shot.-", "v2.", "a b"),
                        Arbitraries.integers().between(0, 120),
                        Arbitraries.integers().between(1, 5),
                        Arbitraries.of("", ".exr", ".mp4", "_final.exr", ".tar.gz", "."))
                .as((prefix, frame, width, suffix) -> prefix + Frame.of(frame).padded(width) + suffix)
                .set()
                .ofMaxSize(60);
    }

    private static Folded only(String... names) {
        List<Folded> folded = Folding.of(List.of(names));
        assertThat(folded).hasSize(1);
        return folded.getFirst();
    }

    private static void assertTexts(String text, String... names) {
        assertThat(only(names).text()).isEqualTo(text);
    }
}
