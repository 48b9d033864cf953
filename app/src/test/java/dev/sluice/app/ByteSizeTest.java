package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ByteSizeTest {
    @Test
    void sizesAreReadAsPeopleWriteThem() {
        assertSize("0", 0);
        assertSize("1048576", 1_048_576);
        assertSize(" 512 B ", 512);
        assertSize("256 KiB", 256 << 10);
        assertSize("256kib", 256 << 10);
        assertSize("10 GiB", 10L << 30);
        assertSize("10Gi", 10L << 30);
        assertSize("2 GB", 2_000_000_000L);
        assertSize("2g", 2_000_000_000L);
        assertSize("1 TiB", 1L << 40);
    }

    @Test
    void whatIsNoSizeIsRefusedWithAnExample() {
        for (String text : new String[] {"", "lots", "-1", "1.5 GiB", "10 PB", "KiB", "0x10"}) {
            assertThatThrownBy(() -> ByteSize.parse(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("\"" + text + "\" is no size; write it as 1048576, 256 KiB, 10 GiB or 2 GB");
        }
    }

    @Test
    void moreThanCanBeCountedIsRefused() {
        assertThatThrownBy(() -> ByteSize.parse("999999999999 TiB"))
                .hasMessageContaining("more bytes than can be counted");
        assertThatThrownBy(() -> new ByteSize(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertSize(String text, long bytes) {
        assertThat(ByteSize.parse(text)).as(text).isEqualTo(new ByteSize(bytes));
    }
}
