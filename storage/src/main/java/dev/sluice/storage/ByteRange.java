package dev.sluice.storage;

/// A run of bytes of an object.
///
/// @param first zero-based, inclusive
/// @param length not negative
public record ByteRange(long first, long length) {
    public ByteRange {
        if (first < 0 || length < 0 || first > Long.MAX_VALUE - length) {
            throw new IllegalArgumentException("no range starts at " + first + " and has " + length + " bytes");
        }
    }

    public long end() {
        return first + length;
    }
}
