package dev.sluice.wire;

import dev.sluice.core.Event;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The events of a job, or of a batch, that are still held, oldest first: `GET …/{id}/events`.
///
/// @param epoch the incarnation of the log that the numbers belong to
/// @param next what `after` of the next page is; absent at the end
public record EventListDocument(
        String epoch, List<EventDocument> events, @Nullable String next) {
    /// @param most how many events a page has: a full one may be followed by another
    public static EventListDocument of(String epoch, List<Event> events, int most) {
        return new EventListDocument(
                epoch,
                events.stream().map(EventDocument::of).toList(),
                events.size() < most ? null : Long.toString(events.getLast().seq()));
    }
}
