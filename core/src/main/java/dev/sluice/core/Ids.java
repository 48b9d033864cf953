package dev.sluice.core;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.UUID;
import java.util.regex.Pattern;

/// The one place where identities come from: UUIDs of version 7 (RFC 9562 §5.7), in the order in
/// which they are made, with 62 random bits that nobody can guess. Safe for use by many threads.
public final class Ids {
    /// What an identity may be, for whoever brings another word: in a path `.` and `..` are none.
    public static final String SHAPE = "1 to 64 of A-Z a-z 0-9 . _ -, and neither . nor .. alone";

    private static final Pattern IDENTIFIER = Pattern.compile("(?!\\.{1,2}\\z)[A-Za-z0-9._-]{1,64}");

    private static final int COUNTER_BITS = 12;
    private static final long COUNTER = (1 << COUNTER_BITS) - 1;

    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private long last;

    public Ids(Clock clock) {
        this.clock = clock;
    }

    public JobId job() {
        return new JobId(next());
    }

    public BatchId batch() {
        return new BatchId(next());
    }

    public NodeId node() {
        return new NodeId(next());
    }

    public DebtId debt() {
        return new DebtId(next());
    }

    /// What else is to be told apart, in the order in which it was made.
    public String unique() {
        return next();
    }

    /// An unguessable word of 128 random bits, for handles that grant a right.
    public String secret() {
        var bytes = new byte[16];
        random.nextBytes(bytes);
        return java.util.HexFormat.of().formatHex(bytes);
    }

    /// The milliseconds and behind them a number, more than the last time: of those made in one millisecond, too, the
    /// later is the greater (§6.2, method 2).
    private synchronized long turn() {
        long first = clock.millis() << COUNTER_BITS | random.nextInt((int) COUNTER / 2);
        last = Math.max(first, last + 1);
        return last;
    }

    private String next() {
        long time = turn();
        long high = (time >>> COUNTER_BITS << 16) | 0x7000 | (time & COUNTER);
        long low = (random.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low).toString();
    }

    /// Whether a client may bring this word as an identity of its own.
    public static boolean isIdentifier(String word) {
        return IDENTIFIER.matcher(word).matches();
    }

    static void requireIdentifier(String what, String value) {
        if (!isIdentifier(value)) {
            throw new IllegalArgumentException("not a " + what + ", which is " + SHAPE);
        }
    }
}
