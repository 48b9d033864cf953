package dev.sluice.wire;

import dev.sluice.core.Event;
import java.util.List;

/// The events of one job that are still held, oldest first: `GET …/{id}/events`.
///
/// @param epoch the incarnation of the log that the numbers belong to
public record EventListDocument(String epoch, List<EventDocument> events) {
    public static EventListDocument of(String epoch, List<Event> events) {
        return new EventListDocument(
                epoch, events.stream().map(EventDocument::of).toList());
    }
}
