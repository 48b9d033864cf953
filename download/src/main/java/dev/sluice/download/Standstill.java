package dev.sluice.download;

import java.time.Duration;

/// Whether the list of a live stream still goes on, for who looks at it now and then. Times are those of
/// [System#nanoTime()].
final class Standstill {
    /// How many times the longest piece a list may stand still.
    private static final int STILL = 3;
    /// How much longer than that pieces may fail of a list that goes on.
    private static final int FAILING = 10;
    /// How many times the longest piece a list may be behind what it was, as one is that a cache still has.
    private static final int BEHIND = 2;

    private final Duration least;
    private double longestSeconds = 1;
    private long shown = -1;
    private boolean grows;
    private boolean behind;
    private long grewNanos;
    private long cameNanos;
    private long behindNanos;

    /// @param least that is waited for at all events
    Standstill(Duration least, long now) {
        this.least = least;
        grewNanos = now;
        cameNanos = now;
    }

    /// The list was looked at.
    ///
    /// @param next the piece that is wanted
    /// @return whether it has come to that from behind, where it was for too long for a cache
    boolean looked(PieceList list, long next, long now) {
        longestSeconds = list.longestSeconds();
        grows = list.next() != shown;
        shown = list.next();
        boolean stillBehind = list.next() < next;
        boolean caughtUp = behind && !stillBehind && isAnew(false, now);
        if (stillBehind && !behind) {
            behindNanos = now;
        }
        behind = stillBehind;
        return caughtUp;
    }

    /// What it shows has been gone through: what took its time was not the list.
    void wentThrough(long now) {
        if (grows) {
            grewNanos = now;
        }
    }

    void came(long now) {
        cameNanos = now;
        grewNanos = now;
    }

    /// How long a list may show nothing new.
    Duration patience() {
        Duration still = Duration.ofMillis((long) (1000 * longestSeconds * STILL));
        return still.compareTo(least) > 0 ? still : least;
    }

    /// @param recorded whether anything has come at all
    /// @param exhausted whether nothing that it shows is left to be fetched
    boolean isStill(boolean recorded, boolean exhausted, long now) {
        long most = patience().toNanos();
        return (exhausted && now - grewNanos > most) || now - cameNanos > most * (recorded ? FAILING : 1);
    }

    /// Since when nothing has come.
    Duration silence(long now) {
        return Duration.ofNanos(now - cameNanos);
    }

    /// Whether the list has been behind what is wanted for so long that its server surely counts anew.
    ///
    /// @param overlaps whether it could still come to what is wanted
    boolean isAnew(boolean overlaps, long now) {
        double most = overlaps ? patience().toNanos() : 1e9 * longestSeconds * BEHIND;
        return behind && now - behindNanos > most;
    }

    /// It counts anew from here.
    void anew() {
        behind = false;
    }

    double longestSeconds() {
        return longestSeconds;
    }
}
