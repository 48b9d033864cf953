package dev.sluice.upload;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an upload is to become. Its size is the job's `totalBytes`.
///
/// @param filename safe on every system
/// @param originalFilename as the client said it, for display
/// @param storage its name
/// @param handle the secret half of the word that lets a client send this file's bytes
/// @param metadata what else the client said of it, in the client's words
/// @param composition where the upload is a piece of another one, or made of such pieces
public record UploadSpec(
        String filename,
        String originalFilename,
        String contentType,
        String storage,
        String handle,
        @Nullable String metadata,
        @Nullable Composition composition) {

    /// Whether it becomes no file of its own, but a piece of one.
    public boolean isPiece() {
        return composition != null && composition.pieces().isEmpty();
    }

    /// Whether it is made of pieces that came before it, and takes no bytes of a client.
    public boolean isComposed() {
        return composition != null && !composition.pieces().isEmpty();
    }

    /// What it is made of.
    List<Composition.Piece> pieces() {
        return composition == null ? List.of() : composition.pieces();
    }
}
