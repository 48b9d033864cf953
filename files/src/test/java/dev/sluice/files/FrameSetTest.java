package dev.sluice.files;

import static dev.sluice.files.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

class FrameSetTest {
    @Test
    void rangesAreWhatFileseqReadsInThem() {
        assertFrames("7", "7");
        assertFrames("1-5", "1 2 3 4 5");
        assertFrames("1-10x2", "1 3 5 7 9");
        assertFrames("1-10y3", "2 3 5 6 8 9");
        assertFrames("1-10:4", "1 5 9 4 7 10 3 2 6 8");
        assertFrames("1-3,10-12", "1 2 3 10 11 12");
        assertFrames("-2-2", "-2 -1 0 1 2");
        assertFrames("-10--8", "-10 -9 -8");
        assertFrames("-5", "-5");
        assertFrames("5-1x2", "5 3 1");
        assertFrames("5-1y2", "4 2");
        assertFrames("0010-0012", "10 11 12");
        assertFrames(" 1 , 3 ", "1 3");
    }

    @Test
    void stepsOfLessThanAFrameAreExact() {
        assertFrames("1-2x0.25", "1.00 1.25 1.50 1.75 2.00");
        assertFrames("-0.2-0.1x0.1", "-0.2 -0.1 0.0 0.1");
        assertFrames("1001.5", "1001.5");
        assertThat(FrameSet.parse("0.001-1000x0.001").size()).isEqualTo(1_000_000);
    }

    @Test
    void framesStandInTheOrderOfTheRequestAndOnce() {
        assertFrames("10-8,1-3,2-4,9", "10 9 8 1 2 3 4");
    }

    @Test
    void aStaggerWiderThanItsRangeIsLikeTheNarrowestThatCovers() {
        assertFrames("1-3:1000000000", "1 3 2");
        assertThat(FrameSet.parse("1-1000000:1000000").size()).isEqualTo(1_000_000);
    }

    @Test
    void aSetKnowsItsFramesHoweverTheyAreWritten() {
        FrameSet frames = FrameSet.parse("20,1-2x0.5");
        for (String in : new String[] {"1", "1.0", "1.50", "2.000000000", "20"}) {
            assertThat(frames.contains(Frame.parse(in))).as(in).isTrue();
        }
        for (String out : new String[] {"1.25", "1.505", "3", "-1", "999999999999999999"}) {
            assertThat(frames.contains(Frame.parse(out))).as(out).isFalse();
        }
    }

    @Test
    void whatIsNoRangeIsRefused() {
        for (String text : new String[] {"", ",", "1,", "1-", "-", "a", "1-10z2", "1-10x", "1-10x-1", "1--", "1-2-3"}) {
            assertRefused(() -> FrameSet.parse(text)).contains("broken");
        }
        assertRefused(() -> FrameSet.parse("1-10x0")).contains("step 0");
        assertRefused(() -> FrameSet.parse("1-10y0.5")).contains("step 0.5");
        assertRefused(() -> FrameSet.parse("1-10y1")).contains("no frame");
    }

    @Test
    void tooManyFramesAreRefusedBeforeThereIsMemoryForThem() {
        assertThat(FrameSet.parse("1-1000000").size()).isEqualTo(FrameSet.MAX_FRAMES);
        for (String text : new String[] {
            "0-1000000", "1-999999999999999999", "1-600000,1-600000", "1-9999999y2", "1-9999999:9", "0-1x0.000000001"
        }) {
            assertRefused(() -> FrameSet.parse(text)).contains("more than 1000000 frames");
        }
        assertRefused(() -> FrameSet.parse("1,".repeat(1_000_001) + "1")).hasSizeLessThan(300);
        assertRefused(() -> FrameSet.parse("999999999999999999,0.5")).contains("too many digits");
    }

    @Test
    void framesAreFoldedAsShortAsCanBe() {
        assertFolded("", "");
        assertFolded("1001", "1001");
        assertFolded("1 2", "1-2");
        assertFolded("1 3", "1,3");
        assertFolded("1 3 5 7 9", "1-9x2");
        assertFolded("1 2 3 4 5 10 11 12", "1-5,10-12");
        assertFolded("1 2 3 5 7 9", "1-3,5-9x2");
        assertFolded("-3 -2 -1 0 5", "-3-0,5");
        assertFolded("1001 1002 1003 1004 1009 1014 1019", "1001-1004,1009-1019x5");
        assertFolded("1.00 1.25 1.50 1.75 2.00", "1.00-2.00x0.25");
        assertFolded("1.5 2.5 3.5", "1.5-3.5");
        assertFolded("3 2 1 1", "1-3");
        assertFolded("-999999999999999999 999999999999999999", "-999999999999999999,999999999999999999");
    }

    @Property
    void whatIsFoldedIsReadAsTheSameFrames(@ForAll("frames") Set<Frame> frames) {
        String folded = FrameSet.fold(frames);
        if (frames.isEmpty()) {
            assertThat(folded).isEmpty();
            return;
        }
        FrameSet read = FrameSet.parse(folded);
        assertThat(read.frames()).containsExactlyElementsOf(new TreeSet<>(frames));
        assertThat(frames).allMatch(read::contains);
        assertThat(folded.length()).isLessThanOrEqualTo(listed(frames).length());
    }

    @Property(tries = 300)
    void noOtherPartsAreShorter(@ForAll("few") Set<Integer> numbers) {
        List<Frame> frames = numbers.stream().sorted().map(Frame::of).toList();
        assertThat(FrameSet.fold(frames)).hasSize(shortest(frames) - 1);
    }

    @Property
    void framesComeBackWithTheDecimalsThatTheyHad(@ForAll("decimals") Set<Frame> frames) {
        assertThat(FrameSet.parse(FrameSet.fold(frames)).frames().stream().map(Frame::toString))
                .containsExactlyElementsOf(
                        new TreeSet<>(frames).stream().map(Frame::toString).toList());
    }

    @Property
    void anyLikenessOfARangeIsReadOrRefused(@ForAll("likenesses") String text) {
        try {
            FrameSet frames = FrameSet.parse(text);
            assertThat(frames.size()).isPositive().isLessThanOrEqualTo(FrameSet.MAX_FRAMES);
            assertThat(frames.frames())
                    .hasSize(frames.size())
                    .doesNotHaveDuplicates()
                    .allMatch(frames::contains);
        } catch (ProblemException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        }
    }

    @Test
    void aHundredThousandFramesAreFoldedAtOnce() {
        var random = new Random(7);
        var frames = new ArrayList<Frame>();
        for (int i = 0; i < 100_000; i++) {
            frames.add(Frame.of(random.nextInt(200_000)));
        }
        // The time that this thread works, so that a machine with much to do does not matter.
        var clock = ManagementFactory.getThreadMXBean();
        long begin = clock.getCurrentThreadCpuTime();
        FrameSet.fold(frames);
        assertThat(Duration.ofNanos(clock.getCurrentThreadCpuTime() - begin)).isLessThan(Duration.ofSeconds(1));
    }

    @Provide
    Arbitrary<Set<Frame>> frames() {
        Arbitrary<Frame> frame = Combinators.combine(
                        Arbitraries.longs().between(-3_000, 3_000),
                        Arbitraries.frequency(Tuple.of(5, 0), Tuple.of(1, 1), Tuple.of(1, 3)))
                .as(Frame::new);
        return Arbitraries.oneOf(frame.set().ofMaxSize(200), few().map(numbers -> {
            var set = new TreeSet<Frame>();
            numbers.forEach(number -> set.add(Frame.of(number)));
            return set;
        }));
    }

    @Provide
    Arbitrary<Set<Frame>> decimals() {
        return Combinators.combine(
                        Arbitraries.longs()
                                .between(-300, 300)
                                .set()
                                .ofMinSize(1)
                                .ofMaxSize(60),
                        Arbitraries.integers().between(0, 3))
                .as((numbers, decimals) -> {
                    var set = new TreeSet<Frame>();
                    numbers.forEach(number -> set.add(new Frame(number, decimals)));
                    return set;
                });
    }

    @Provide
    Arbitrary<Set<Integer>> few() {
        return Arbitraries.integers().between(-5, 25).set().ofMinSize(1).ofMaxSize(12);
    }

    @Provide
    Arbitrary<String> likenesses() {
        return Arbitraries.of("1", "0", "9", "1000", "-", "-", "x", "y", ":", ",", ".", "0.5", " ")
                .list()
                .ofMaxSize(12)
                .map(parts -> String.join("", parts));
    }

    /// By trying all the ways to cut the frames into parts: the characters, with a comma after each part.
    private static int shortest(List<Frame> frames) {
        var lengths = new int[frames.size() + 1];
        for (int end = 1; end <= frames.size(); end++) {
            lengths[end] = Integer.MAX_VALUE;
            for (int begin = 0; begin < end; begin++) {
                List<Frame> part = frames.subList(begin, end);
                long step =
                        part.size() < 2 ? 1 : part.get(1).units() - part.get(0).units();
                boolean even = true;
                for (int i = 1; i < part.size(); i++) {
                    even &= part.get(i).units() - part.get(i - 1).units() == step;
                }
                if (even) {
                    String text = part.size() == 1
                            ? part.getFirst().toString()
                            : part.getFirst() + "-" + part.getLast() + (step == 1 ? "" : "x" + step);
                    lengths[end] = Math.min(lengths[end], lengths[begin] + text.length() + 1);
                }
            }
        }
        return lengths[frames.size()];
    }

    private static String listed(Set<Frame> frames) {
        return String.join(",", frames.stream().map(Frame::toString).toList());
    }

    private static void assertFrames(String range, String frames) {
        assertThat(FrameSet.parse(range).frames().stream().map(Frame::toString))
                .as(range)
                .containsExactly(frames.split(" "));
    }

    private static void assertFolded(String frames, String range) {
        assertThat(FrameSet.fold(Stream.of(frames.split(" "))
                        .filter(text -> !text.isEmpty())
                        .map(Frame::parse)
                        .toList()))
                .isEqualTo(range);
    }
}
