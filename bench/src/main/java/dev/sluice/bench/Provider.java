package dev.sluice.bench;

/// A service that objects are brought to, in a process of its own.
interface Provider extends AutoCloseable {
    /// Fails the run unless an object is what was sent.
    void requireStored(String name, Cargo sent, long size);

    /// Waits until there is nothing of an object any more, nor of one that is not whole.
    void awaitEmpty();

    @Override
    void close();
}
