package dev.sluice.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class ProgressedTest {
    private static Progressed progressed(boolean ranges, long size, List<Gap> left, long digested) {
        var found = new Found(size, ranges, "\"one\"", null, "film.mp4", "video/mp4");
        return new Progressed(found, left, "boot", digested == 0 ? null : "state", digested);
    }

    @Property
    void inOrderNoByteIsMissedAndNoneComesTwice(
            @ForAll boolean ranges,
            @ForAll @LongRange(min = 0, max = 50) long size,
            @ForAll @LongRange(min = 0, max = 50) long durable) {
        Assume.that(durable <= size);
        Optional<Progressed.Missing> missing =
                progressed(ranges, size, List.of(), 0).missing(durable, "another boot", false, false);
        if (durable == size || ranges) {
            assertThat(missing.orElseThrow().gaps())
                    .isEqualTo(durable == size ? List.of() : List.of(new Gap(durable, size)));
        } else {
            assertThat(missing).isEmpty();
        }
    }

    @Property
    void aDigestSeesEachByteOnce(
            @ForAll boolean ranges,
            @ForAll @LongRange(min = 0, max = 50) long size,
            @ForAll @LongRange(min = 0, max = 50) long durable,
            @ForAll @LongRange(min = 0, max = 50) long digested) {
        Assume.that(durable <= size && digested <= size);
        Optional<Progressed.Missing> missing =
                progressed(ranges, size, List.of(), digested).missing(durable, "boot", false, true);
        long seen = digested <= durable ? digested : 0;
        if (seen < size && !ranges) {
            assertThat(missing).isEmpty();
            return;
        }
        assertThat(missing.orElseThrow().digest().digested()).isEqualTo(seen);
        assertThat(missing.orElseThrow().gaps()).isEqualTo(seen == size ? List.of() : List.of(new Gap(seen, size)));
    }

    @Property
    void whatCannotBeKnownAgainIsNotGoneOnWith(
            @ForAll @LongRange(min = 0, max = 50) long size,
            @ForAll @LongRange(min = 0, max = 50) long durable,
            @ForAll boolean anywhere) {
        Assume.that(durable <= size);
        var found = new Found(size, true, null, null, "film.mp4", "video/mp4");
        List<Gap> left = durable == size ? List.of() : List.of(new Gap(durable, size));
        Optional<Progressed.Missing> missing =
                new Progressed(found, left, "boot", null, 0).missing(durable, "boot", anywhere, false);
        assertThat(missing.isPresent()).isEqualTo(durable == 0 || durable == size);
    }

    @Property
    void whatGoesAnywhereStandsUntilTheMachineIsStartedAnew(
            @ForAll @Size(min = 0, max = 6) List<@LongRange(min = 1, max = 9) Long> steps,
            @ForAll boolean sameBoot,
            @ForAll @LongRange(min = 0, max = 3) long durable) {
        var left = new ArrayList<Gap>();
        long at = 0;
        for (long step : steps) {
            left.add(new Gap(at + step, at + 2 * step));
            at += 3 * step;
        }
        long size = at + 1;
        Progressed.Missing missing = progressed(true, size, left, 0)
                .missing(durable, sameBoot ? "boot" : "another boot", true, false)
                .orElseThrow();
        assertThat(missing.gaps()).isEqualTo(sameBoot && durable > 0 ? left : List.of(new Gap(0, size)));
    }
}
