package dev.sluice.storage;

import java.nio.ByteBuffer;

/// The bytes of a stored object, to be read in order by one thread at a time.
public interface ObjectContent extends AutoCloseable {
    /// Bytes left to read.
    long remaining();

    /// Reads some bytes into `target`, at least one where any are left.
    ///
    /// @return how many; -1 at the end
    /// @throws dev.sluice.core.ProblemException where the storage cannot read
    int read(ByteBuffer target);

    @Override
    void close();
}
