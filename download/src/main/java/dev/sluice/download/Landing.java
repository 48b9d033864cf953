package dev.sluice.download;

import java.nio.ByteBuffer;

/// Where bytes of a file go. Safe for use by many threads.
interface Landing {
    /// Whether bytes go anywhere, so that only its gaps say what is there; else they go in order.
    boolean isAnywhere();

    /// Whether [#write] would not have to wait for bytes before this one.
    boolean isTurn(long offset);

    /// How many of the first of these bytes are there already, and come once more.
    default int known(long offset, int length) {
        return 0;
    }

    /// Takes all of `bytes`; blocks while the storage is slow, or while bytes before them are missing.
    void write(long offset, ByteBuffer bytes);

    /// Nobody waits here any more.
    default void close() {}
}
