package dev.sluice.storage;

/// What became of an unfinished upload.
public sealed interface Resumed {
    /// It goes on from [ObjectUpload#durable()].
    record Open(ObjectUpload upload) implements Resumed {}

    /// It had been committed before whoever committed it could say so.
    record AlreadyCommitted(ObjectRef ref) implements Resumed {}

    /// The storage knows nothing of it any more: it starts over.
    record Gone() implements Resumed {}
}
