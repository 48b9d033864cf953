package dev.sluice.download;

import java.nio.ByteBuffer;

/// Where bytes of a file go. Safe for use by many threads.
interface Landing {
    /// Whether [#write] would not have to wait for bytes before this one.
    boolean isTurn(long offset);

    /// Takes all of `bytes`; blocks while the storage is slow, or while bytes before them are missing.
    void write(long offset, ByteBuffer bytes);

    /// Nobody waits here any more.
    default void close() {}
}
