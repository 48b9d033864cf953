package dev.sluice.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HashingTest {
    /// What else runs on this machine does not count.
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private static final String HASH = Passwords.hash("correct horse battery staple");

    @Test
    void aHashOpensForItsPasswordOnly() {
        assertThat(HASH).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
        assertThat(Passwords.fits("correct horse battery staple", HASH)).isTrue();
        assertThat(Passwords.fits("correct horse battery stapler", HASH)).isFalse();
        assertThat(Passwords.fits("", HASH)).isFalse();
        assertThat(Passwords.fits("correct horse battery staple", null)).isFalse();
        assertThat(Passwords.fits("x", "$2b$12$not-ours")).isFalse();
    }

    @Test
    void theTimeOfALoginDoesNotTellWhetherThereIsSuchAnAccount() {
        long known = Long.MAX_VALUE;
        long unknown = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            known = Math.min(known, nanos(HASH));
            unknown = Math.min(unknown, nanos(null));
        }
        assertThat((double) unknown / known).isBetween(0.8, 1.25);
    }

    private static long nanos(@Nullable String hash) {
        long began = THREADS.getCurrentThreadCpuTime();
        assertThat(Passwords.fits("wrong", hash)).isFalse();
        return THREADS.getCurrentThreadCpuTime() - began;
    }

    @Test
    void whoComesWhenTooManyWaitIsSentAway() {
        var go = new CountDownLatch(1);
        try (var hashing = new Hashing();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var refused = new AtomicInteger();
            for (int i = 0; i < 40; i++) {
                var unused = threads.submit(() -> {
                    try {
                        return hashing.run(() -> awaited(go));
                    } catch (ProblemException e) {
                        assertThat(e.code()).isEqualTo(ErrorCode.LIMIT_EXCEEDED);
                        return refused.incrementAndGet() > 0;
                    }
                });
            }
            await().untilAsserted(() -> assertThat(refused).hasValue(40 - 17));
            go.countDown();
        }
    }

    private static boolean awaited(CountDownLatch go) {
        try {
            go.await();
            return true;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
