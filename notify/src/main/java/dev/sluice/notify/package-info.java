/// Tells users of the ends of their jobs when nobody looks at the page: by webhooks, and by Web Push.
///
/// Start at [Notifications]. The event log is the outbox: an end is in it in the very transaction that decided it.
/// [Relay] reads it from where it last was and writes, together with the new position, one delivery for everybody who
/// wants to know; [Courier] takes each to its place, again and again until it has arrived or is too old.
@NullMarked
package dev.sluice.notify;

import org.jspecify.annotations.NullMarked;
