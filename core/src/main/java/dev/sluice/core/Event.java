package dev.sluice.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Something that happened to a job, recorded in the same transaction as the happening.
///
/// @param seq its number: without gaps, in the order in which the transactions committed
public record Event(
        long seq,
        Instant at,
        JobId job,
        @Nullable BatchId batch,
        Owner owner,
        Kind kind,
        EventType type,
        Document data) {}
