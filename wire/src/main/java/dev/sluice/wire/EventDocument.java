package dev.sluice.wire;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.sluice.core.Event;
import java.time.Instant;

/// An event, in lists as in frames.
///
/// @param type always `event`
/// @param data the JSON text of an object
public record EventDocument(
        String type,
        long seq,
        Instant at,
        String job,
        String kind,
        String event,
        @JsonRawValue String data) {
    public static EventDocument of(Event event) {
        return new EventDocument(
                "event",
                event.seq(),
                event.at(),
                event.job().value(),
                event.kind().value(),
                event.type().word(),
                event.data().json());
    }
}
