package dev.sluice.realtime;

/// What the hub counts, at one moment.
///
/// @param watchers connections now, those that are being caught up included
/// @param sent messages whose send has completed
/// @param conflated progress frames that a busy watcher did not get by themselves: a later one told the same
/// @param slow watchers closed because they did not read fast enough
/// @param outboxBytes of texts that wait for watchers now; a text that waits for many counts for each
public record Counters(int watchers, long sent, long conflated, long slow, long outboxBytes) {}
