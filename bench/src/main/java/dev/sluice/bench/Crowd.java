package dev.sluice.bench;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/// Watchers that all get the same messages, and what they got: how many, how late, how far apart. A message is
/// a frame of progress, which says when it was made, or an event.
final class Crowd implements AutoCloseable {
    private static final int KEEP = 64;
    private static final byte[] FRAME = "{\"type\":\"progress\",\"at\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EVENT = "{\"type\":\"event\",".getBytes(StandardCharsets.US_ASCII);

    /// Between the wall's clock and `System.nanoTime()`.
    private final long offsetMicros =
            ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()) - System.nanoTime() / 1000;

    private final Object lock = new Object();
    private final int[] frames;
    private final int[] events;
    private final long[] lastFrame;
    private final Watchers watchers;
    private byte[] time = new byte[0];
    private long timeMicros;
    private float[] latencies = new float[1 << 16];
    private int latencyCount;
    private long longestGap;
    private long frameBytes;
    private long eventBytes;
    private long lastNanos;

    /// What has come since the last time that somebody asked.
    static final class Heard {
        private final int[] frames;
        private final int[] events;
        private final double[] latencies;
        private final double longestGap;
        private final double frameLength;
        private final double eventLength;
        private final long lastNanos;

        private Heard(Crowd crowd) {
            frames = crowd.frames.clone();
            events = crowd.events.clone();
            latencies = new double[crowd.latencyCount];
            for (int i = 0; i < latencies.length; i++) {
                latencies[i] = crowd.latencies[i];
            }
            longestGap = crowd.longestGap / 1e6;
            frameLength = crowd.frameBytes / (double) Math.max(1, frameCount());
            eventLength = crowd.eventBytes / (double) Math.max(1, eventCount());
            lastNanos = crowd.lastNanos;
        }

        /// Of all watchers.
        long frameCount() {
            return Arrays.stream(frames).asLongStream().sum();
        }

        /// Of all watchers.
        long eventCount() {
            return Arrays.stream(events).asLongStream().sum();
        }

        /// Frames of the watcher that got the fewest.
        int fewestFrames() {
            return Arrays.stream(frames).min().orElse(0);
        }

        /// How many events watchers did not get, or got twice, of those that each of them should have got.
        long wrongEvents(int expected) {
            return Arrays.stream(events)
                    .mapToLong(got -> Math.abs(expected - got))
                    .sum();
        }

        /// Of every frame, from the time that it says to when it was read, in milliseconds.
        double[] latencies() {
            return latencies;
        }

        /// Of any watcher between two frames, in milliseconds.
        double longestGap() {
            return longestGap;
        }

        /// The mean, in bytes.
        double frameLength() {
            return frameLength;
        }

        /// The mean, in bytes.
        double eventLength() {
            return eventLength;
        }

        /// When the last message came, as `System.nanoTime()`.
        long lastNanos() {
            return lastNanos;
        }
    }

    Crowd(InetSocketAddress address, String path, int count) {
        frames = new int[count];
        events = new int[count];
        lastFrame = new long[count];
        watchers = Watchers.connect(address, path, count, KEEP, this::message);
    }

    private void message(int watcher, byte[] text, int kept, long length, long nanos) {
        synchronized (lock) {
            if (begins(text, kept, FRAME)) {
                frame(watcher, text, nanos);
                frameBytes += length;
            } else if (begins(text, kept, EVENT)) {
                events[watcher]++;
                eventBytes += length;
            } else {
                return;
            }
            lastNanos = nanos;
        }
    }

    private static boolean begins(byte[] text, int kept, byte[] word) {
        return kept > word.length && Arrays.equals(text, 0, word.length, word, 0, word.length);
    }

    private void frame(int watcher, byte[] text, long nanos) {
        int end = FRAME.length;
        while (text[end] != '"') {
            end++;
        }
        if (!Arrays.equals(text, FRAME.length, end, time, 0, time.length)) {
            time = Arrays.copyOfRange(text, FRAME.length, end);
            Instant at = Instant.parse(new String(time, StandardCharsets.US_ASCII));
            timeMicros = ChronoUnit.MICROS.between(Instant.EPOCH, at);
        }
        if (latencyCount == latencies.length) {
            latencies = Arrays.copyOf(latencies, 2 * latencies.length);
        }
        latencies[latencyCount++] = (nanos / 1000 + offsetMicros - timeMicros) / 1000f;
        if (lastFrame[watcher] != 0) {
            longestGap = Math.max(longestGap, nanos - lastFrame[watcher]);
        }
        lastFrame[watcher] = nanos;
        frames[watcher]++;
    }

    /// Gives what has come, and begins anew.
    Heard heard() {
        watchers.requireAll();
        synchronized (lock) {
            var heard = new Heard(this);
            Arrays.fill(frames, 0);
            Arrays.fill(events, 0);
            Arrays.fill(lastFrame, 0);
            latencyCount = 0;
            longestGap = 0;
            frameBytes = 0;
            eventBytes = 0;
            return heard;
        }
    }

    /// Waits until every watcher has got `count` events, or nothing more comes.
    void awaitEvents(int count, long patienceMillis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        while (!all(count) && System.nanoTime() < until) {
            Pause.millis(5);
        }
    }

    private boolean all(int count) {
        synchronized (lock) {
            return Arrays.stream(events).allMatch(got -> got >= count);
        }
    }

    /// Waits until nothing has come for a while.
    void awaitQuiet() {
        long before;
        long now = lastNanos();
        do {
            before = now;
            Pause.millis(500);
            now = lastNanos();
        } while (before != now);
    }

    private long lastNanos() {
        synchronized (lock) {
            return lastNanos;
        }
    }

    @Override
    public void close() {
        watchers.close();
    }
}
