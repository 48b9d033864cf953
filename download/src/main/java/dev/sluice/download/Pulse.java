package dev.sluice.download;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Finds connections that have come to a standstill, or crawl while others move, so that what they were to bring is
/// asked for anew. Used by one thread.
final class Pulse {
    private static final long STANDSTILL_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final int SLOWER = 8;
    private static final long MOVED = 64 << 10;
    private static final int MOST_CUTS = 10;

    private final Patience patience;
    private final Map<Line, Sample> samples = new HashMap<>();
    private final Map<Fetcher, LeastRate> rates = new HashMap<>();
    private final String host;
    private final boolean replaces;
    private double best;
    private int cuts;
    private boolean moved;

    /// @param perSecond bytes while they were waited for; -1 where it is too early to say
    private record Sample(long sinceNanos, long bytes, long waitedNanos, double perSecond) {}

    /// @param host where the bytes come from
    /// @param replaces whether what a connection was to bring can be asked for anew
    Pulse(Patience patience, String host, boolean replaces) {
        this.patience = patience;
        this.host = host;
        this.replaces = replaces;
    }

    void look(List<Fetcher> fetchers) {
        long now = System.nanoTime();
        List<Line> lines = fetchers.stream()
                .map(Fetcher::line)
                .filter(line -> line != null && !line.isCut())
                .toList();
        samples.forEach((line, sample) -> {
            if (!lines.isEmpty() && !lines.contains(line)) {
                long waited = line.waitedNanos() - sample.waitedNanos();
                best = Math.max(best, perSecond(line.bytes() - sample.bytes(), waited));
            }
        });
        samples.keySet().retainAll(lines);
        lines.forEach(line -> sample(line, now));
        fetchers.forEach(this::requireLeastRate);
        // The last one has nobody beside it: what others did that are done is what it can be held to.
        double median = lines.size() == 1
                ? best
                : lines.stream()
                        .mapToDouble(this::rate)
                        .sorted()
                        .skip(lines.size() / 2)
                        .findFirst()
                        .orElse(0);
        for (Line line : lines) {
            moved |= line.bytes() > MOVED;
            if (replaces && cuts < MOST_CUTS && (isStill(line) || crawls(line, median))) {
                cuts++;
                line.replace("it stood still");
            }
        }
    }

    /// A server that has sent before may have forgotten this connection.
    private boolean isStill(Line line) {
        return moved && line.silence().toNanos() > STANDSTILL_NANOS;
    }

    private boolean crawls(Line line, double median) {
        double rate = rate(line);
        return median > 0 && rate >= 0 && rate * SLOWER < median;
    }

    /// -1 where it is too early to say.
    private double rate(Line line) {
        Sample sample = samples.get(line);
        return sample == null ? -1 : sample.perSecond();
    }

    private void sample(Line line, long now) {
        Sample sample = samples.get(line);
        long waited = line.waitedNanos();
        if (sample == null) {
            samples.put(line, new Sample(now, line.bytes(), waited, -1));
            return;
        }
        if (now - sample.sinceNanos() >= WINDOW_NANOS) {
            double perSecond = perSecond(line.bytes() - sample.bytes(), waited - sample.waitedNanos());
            samples.put(line, new Sample(now, line.bytes(), waited, perSecond));
        }
    }

    /// A server gains nothing by another connection for each few bytes.
    private void requireLeastRate(Fetcher fetcher) {
        rates.computeIfAbsent(fetcher, some -> new LeastRate(patience, host, 0, 0))
                .missed(fetcher.waitedNanos(), fetcher.came())
                .ifPresent(problem -> {
                    throw problem;
                });
    }

    /// A connection whose bytes wait for their turn, or for the storage, is not slow by that.
    private static double perSecond(long bytes, long waitedNanos) {
        return waitedNanos < WINDOW_NANOS / 10 ? -1 : bytes * 1e9 / waitedNanos;
    }
}
