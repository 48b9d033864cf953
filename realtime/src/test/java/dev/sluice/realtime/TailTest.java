package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.core.JobId;
import dev.sluice.core.Owner;
import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.NullMarked;

@NullMarked
class TailTest {
    @Property
    void holdsTheNewestWithoutGapsAndWithinItsBounds(
            @ForAll @IntRange(min = 1, max = 16) int most,
            @ForAll @IntRange(min = 1, max = 200) int mostBytes,
            @ForAll @IntRange(max = 1000) int start,
            @ForAll @Size(max = 60) List<@IntRange(min = 1, max = 60) Integer> lengths) {
        var tail = new Tail(start, most, mostBytes);
        long seq = start;
        for (int length : lengths) {
            seq++;
            tail.add(new Told(
                    seq, new JobId("a"), Owner.LOCAL, new Message(Message.Type.EVENT, new byte[length], null)));
            long oldest = LongStream.rangeClosed(start, seq)
                    .filter(tail::reachesBackTo)
                    .findFirst()
                    .orElseThrow();
            var held = tail.after(oldest, Integer.MAX_VALUE);
            assertThat(held.stream().map(Told::seq).toList())
                    .isEqualTo(LongStream.rangeClosed(oldest + 1, seq).boxed().toList());
            assertThat(held.size()).isLessThanOrEqualTo(most);
            assertThat(held.stream()
                            .mapToInt(told -> told.message().text().length)
                            .sum())
                    .isLessThanOrEqualTo(mostBytes);
        }
        assertThat(tail.last()).isEqualTo(seq);
    }
}
