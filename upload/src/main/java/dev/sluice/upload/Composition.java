package dev.sluice.upload;

import dev.sluice.core.JobId;
import java.util.List;

/// How an upload takes part in putting several together.
///
/// @param asked in the client's words
/// @param pieces what this upload is made of, in their order; none where it is such a piece itself
public record Composition(String asked, List<Piece> pieces) {
    public Composition {
        pieces = List.copyOf(pieces);
    }

    /// An upload whose bytes go into another one.
    ///
    /// @param size in bytes
    public record Piece(JobId upload, long size) {}

    public static Composition piece(String asked) {
        return new Composition(asked, List.of());
    }

    /// The bytes of all pieces; [Long#MAX_VALUE] where no number can say it.
    public long size() {
        return pieces.stream()
                .mapToLong(Piece::size)
                .reduce(0, (a, b) -> a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b);
    }
}
