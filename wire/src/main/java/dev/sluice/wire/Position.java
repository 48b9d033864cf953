package dev.sluice.wire;

import dev.sluice.core.Ids;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A place in the events: `EPOCH:SEQ`, the id of a Server-Sent Event and the `since` of a watcher.
///
/// @param epoch the incarnation of the event log, 1–64 characters of `A-Z a-z 0-9 . _ -`
/// @param seq the number of the last event seen, 0 for none
public record Position(String epoch, long seq) {
    private static final Pattern TEXT = Pattern.compile("([A-Za-z0-9._-]{1,64}):(0|[1-9][0-9]{0,17})");

    public Position {
        if (!Ids.isIdentifier(epoch) || seq < 0) {
            throw new IllegalArgumentException("no position: " + Texts.printable(epoch) + ":" + seq);
        }
    }

    /// @return nothing where the text is no position: the watcher then starts with a snapshot
    public static Optional<Position> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? Optional.of(new Position(matcher.group(1), Long.parseLong(matcher.group(2))))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return epoch + ":" + seq;
    }
}
