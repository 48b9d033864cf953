package dev.sluice.categories;

/// Hashes of 64 bits for words and rows of words (FNV-1a, finished as in MurmurHash3). They stand for the words: of a
/// few hundred thousand, two are the same with a chance of one in 10⁸.
final class Hash {
    static final long START = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;

    private Hash() {}

    static long step(long hash, int character) {
        return (hash ^ character) * PRIME;
    }

    static long done(long hash) {
        long mixed = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }

    /// A row of words and one more.
    static long then(long row, long word) {
        return done((row ^ word) * PRIME + 0x9e3779b97f4a7c15L);
    }

    static long of(CharSequence word) {
        long hash = START;
        for (int at = 0; at < word.length(); at++) {
            hash = step(hash, word.charAt(at));
        }
        return done(hash);
    }
}
