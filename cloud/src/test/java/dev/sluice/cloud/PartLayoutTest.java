package dev.sluice.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.core.ProblemException;
import dev.sluice.storage.ObjectSpec;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullMarked
class PartLayoutTest {
    private static final int MOST = 10_000;
    private static final long LARGEST = 64L << 20;

    @ParameterizedTest
    @ValueSource(longs = {1, 8L << 20, (8L << 20) + 1, MOST * (8L << 20), MOST * (8L << 20) + 1, MOST * LARGEST})
    void partsOfAKnownSizeAreNeverTooManyAndMakeUpTheWhole(long size) {
        PartLayout layout = PartLayout.of(size, MOST, LARGEST);
        long begin = 0;
        int parts = 0;
        while (begin < size) {
            long room = layout.room(++parts, begin);
            assertThat(room).isPositive().isLessThanOrEqualTo(LARGEST);
            begin += room;
        }
        assertThat(begin).isEqualTo(size);
        assertThat(parts).isLessThanOrEqualTo(MOST);
        assertThat(layout.end(parts)).isEqualTo(size);
    }

    @Test
    void partsOfAnUnknownSizeGrow() {
        PartLayout layout = PartLayout.of(ObjectSpec.UNKNOWN, MOST, LARGEST);
        assertThat(layout.room(1, 0)).isEqualTo(8L << 20);
        assertThat(layout.room(1_001, 0)).isEqualTo(16L << 20);
        assertThat(layout.room(MOST, 0)).isEqualTo(LARGEST);
        assertThat(layout.end(MOST)).isEqualTo(504_000L << 20);
    }

    @Test
    void whatNeedsLargerPartsThanMemoryIsGivenForIsRefused() {
        assertThatThrownBy(() -> PartLayout.of(MOST * LARGEST + 1, MOST, LARGEST))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("upload.buffers");
    }
}
