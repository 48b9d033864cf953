package dev.sluice.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class MeterTest {
    private static final JobId JOB = new JobId("job-1");
    private final Meter meter = new Meter();

    @Test
    void bytesAreAddedAndTakenBack() {
        meter.from(100);
        meter.add(50);
        meter.back(20);
        assertThat(meter.bytes()).isEqualTo(130);
    }

    @Test
    void theFractionIsByBytesWhereTheirTotalIsKnown() {
        meter.total(200);
        meter.add(50);
        meter.items(9, 10);
        assertThat(meter.fraction()).isEqualTo(0.25);
    }

    @Test
    void theFractionIsByItemsWhereOnlyThoseAreCounted() {
        assertThat(meter.fraction()).isZero();
        meter.items(3, 4);
        assertThat(meter.fraction()).isEqualTo(0.75);
        meter.items(0, 0);
        assertThat(meter.fraction()).isZero();
    }

    @Test
    void nothingToDoIsDone() {
        meter.total(0);
        assertThat(meter.fraction()).isEqualTo(1.0);
    }

    @Test
    void theTimeLeftFollowsFromTheRate() {
        meter.total(1000);
        meter.add(400);
        meter.current("a.bin");
        Progress progress = meter.read(JOB, 40.0, 200.0);
        assertThat(progress.eta()).isEqualTo(3.0);
        assertThat(progress).isEqualTo(new Progress(JOB, 40.0, 400, 1000L, 200.0, 3.0, null, null, "a.bin"));
    }

    @Test
    void anUnknownTimeLeftIsAbsent() {
        meter.add(400);
        assertThat(meter.read(JOB, 0, 200.0).eta()).as("no total").isNull();
        meter.total(1000);
        assertThat(meter.read(JOB, 0, null).eta()).as("no rate").isNull();
        assertThat(meter.read(JOB, 0, 0.5).eta()).as("next to no rate").isNull();
    }

    @Test
    void noByteIsLostBetweenThreads() throws Exception {
        try (var pool = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 4; i++) {
                pool.execute(() -> {
                    for (int n = 0; n < 10_000; n++) {
                        meter.add(3);
                        meter.back(1);
                    }
                });
            }
        }
        assertThat(meter.bytes()).isEqualTo(80_000);
    }
}
