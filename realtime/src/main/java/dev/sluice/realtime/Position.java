package dev.sluice.realtime;

import java.util.Optional;

/// Where a watcher stands in an event log: it has seen all up to `seq` of the incarnation `epoch`. Its text is
/// `EPOCH:SEQ`.
public record Position(String epoch, long seq) {

    /// The position that a client named, or nothing where the text is none.
    public static Optional<Position> parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1 || colon + 1 == text.length() || text.length() - colon > 19) {
            return Optional.empty();
        }
        for (int i = colon + 1; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return Optional.empty();
            }
        }
        return Optional.of(new Position(text.substring(0, colon), Long.parseLong(text, colon + 1, text.length(), 10)));
    }

    @Override
    public String toString() {
        return epoch + ":" + seq;
    }
}
