/// Events and progress to watchers. The [Hub] stands between the event log and the engine's ticker on one side
/// and connections on the other.
///
/// Transitions are events: a watcher gets every one that it may see, in order, from the position that it names,
/// out of memory or out of the log. Progress is state: the [ProgressBoard] keeps each running job's latest
/// sample, and a watcher that was busy gets one frame with all that changed meanwhile. Whoever joins is caught
/// up on a thread of its own ([CatchUp]) until it is level with the [Switchboard], and is live from then on.
@NullMarked
package dev.sluice.realtime;

import org.jspecify.annotations.NullMarked;
