package dev.sluice.realtime;

import dev.sluice.core.Event;
import dev.sluice.core.JobId;
import dev.sluice.core.Owner;

/// An event as watchers get it: written down once, for all of them.
record Told(long seq, JobId job, Owner owner, Message message) {
    static Told of(Event event, String epoch, Frames frames) {
        return new Told(
                event.seq(),
                event.job(),
                event.owner(),
                new Message(Message.Type.EVENT, frames.event(event), new Position(epoch, event.seq())));
    }
}
