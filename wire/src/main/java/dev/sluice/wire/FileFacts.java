package dev.sluice.wire;

import org.jspecify.annotations.Nullable;

/// What a file document tells beside its job.
///
/// @param filename safe on every system
/// @param sizeBytes absent while a client has not told it yet
/// @param storageLocation where the bytes are, once they are there
/// @param offset durable bytes
public record FileFacts(
        String filename,
        String originalFilename,
        @Nullable Long sizeBytes,
        String contentType,
        @Nullable String storageLocation,
        long offset) {}
