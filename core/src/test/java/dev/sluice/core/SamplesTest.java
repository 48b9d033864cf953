package dev.sluice.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SamplesTest {
    private static final long TENTH = TimeUnit.MILLISECONDS.toNanos(100);

    @Test
    void oneSampleASecondIsKeptAtFirst() {
        assertThat(afterTicks(95))
                .hasSize(10)
                .extracting(Progress.Sample::bytes)
                .contains(0L, 10L, 90L);
    }

    @Property(tries = 60)
    void thereAreNeverMoreThanThreeHundred(@ForAll @IntRange(max = 40_000) int ticks) {
        assertThat(afterTicks(ticks)).hasSizeLessThan(301);
    }

    @Property(tries = 30)
    void whatIsKeptIsEvenlySpread(@ForAll @IntRange(min = 5_000, max = 40_000) int ticks) {
        List<Progress.Sample> kept = afterTicks(ticks);
        long widest = 0;
        long narrowest = Long.MAX_VALUE;
        for (int i = 2; i < kept.size() - 1; i++) {
            long gap = kept.get(i).bytes() - kept.get(i - 1).bytes();
            assertThat(gap).isPositive();
            widest = Math.max(widest, gap);
            narrowest = Math.min(narrowest, gap);
        }
        assertThat(kept).hasSizeGreaterThan(140);
        assertThat(kept.getFirst().bytes()).isZero();
        assertThat(widest).isLessThanOrEqualTo(3 * narrowest);
    }

    @Test
    void aResumedJobGoesOnWithWhatWasKept() {
        List<Progress.Sample> earlier =
                LongStream.range(0, 1_000).mapToObj(SamplesTest::sample).toList();
        var samples = new Samples(earlier, 0);
        assertThat(samples.list()).hasSizeBetween(140, 299).contains(sample(0), sample(999));
        samples.add(sample(1_000), 0);
        assertThat(samples.list()).endsWith(sample(999), sample(1_000));
    }

    private static List<Progress.Sample> afterTicks(int ticks) {
        var samples = new Samples(List.of(), 0);
        for (int tick = 0; tick < ticks; tick++) {
            samples.add(sample(tick), tick * TENTH);
        }
        return samples.list();
    }

    private static Progress.Sample sample(long n) {
        return new Progress.Sample(Instant.EPOCH.plusMillis(n), 0, n, 0);
    }
}
