package dev.sluice.upload;

import org.jspecify.annotations.Nullable;

/// What an upload is to become.
///
/// @param filename safe on every system
/// @param originalFilename as the client said it, for display
/// @param size in bytes, or absent where only the end will tell
/// @param storage its name
/// @param handle the secret half of the word that lets a client send this file's bytes
public record UploadSpec(
        String filename,
        String originalFilename,
        @Nullable Long size,
        String contentType,
        String storage,
        String handle) {}
