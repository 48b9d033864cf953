package dev.sluice.google;

import org.jspecify.annotations.Nullable;

/// An object that a service has.
///
/// @param name in the storage, without a prefix
/// @param id by which the service tells this very object from others: Cloud Storage's generation, Drive's id
/// @param size -1 where it has none, as a document of Google's editors
/// @param checksum as its [Digest] writes it; null where the service tells none
/// @param upload whose object it is, where one of Sluice's uploads made it
record Standing(
        String name,
        String id,
        long size,
        @Nullable String checksum,
        @Nullable String upload) {}
