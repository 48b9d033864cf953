package dev.sluice.wire;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A message to a webhook, and what has become of it.
///
/// @param id the same of every try: what its receiver gets as `webhook-id`
/// @param type `job.completed`, `job.failed`, `job.cancelled` or `test`
/// @param state `waiting`, `held` (its webhook is off), `delivered` or `failed`
/// @param tried when it was last tried
/// @param next when it is tried next, while it waits
/// @param status what the receiver answered last; absent where it gave no answer
/// @param answer how its answer began, or why there was none
/// @param body what is sent
public record DeliveryDocument(
        String id,
        String type,
        @Nullable String job,
        String state,
        int attempts,
        Instant created,
        @Nullable Instant tried,
        @Nullable Instant next,
        @Nullable Integer status,
        @Nullable String answer,
        String body) {}
