package dev.sluice.upload;

import dev.sluice.core.BatchId;
import org.jspecify.annotations.Nullable;

/// An upload as a client asks for it that can resume.
///
/// @param file with a blank name where the client says none
/// @param metadata what else the client says of it, to be kept as it is
/// @param batch to join: one that is open, or a new UUID of the client's own
/// @param composition where the upload is a piece of another one, or made of such pieces
/// @param atOnce whether the request that makes the upload brings bytes, too, and is the first to open it
public record Creation(
        FileRequest file,
        @Nullable String metadata,
        @Nullable BatchId batch,
        @Nullable Composition composition,
        boolean atOnce) {}
