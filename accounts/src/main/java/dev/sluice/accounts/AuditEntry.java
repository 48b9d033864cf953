package dev.sluice.accounts;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Something that was done, or refused. There is no secret in it.
///
/// @param id in the order of time
/// @param who by the name of the owner; of a login that failed, the name that was tried
/// @param via how it was shown who it was
/// @param address where it came from
/// @param action in one word, as `login`
/// @param target what it was done to
/// @param outcome `done`, or the code of the problem
public record AuditEntry(
        String id,
        Instant at,
        String who,
        String via,
        String address,
        String action,
        @Nullable String target,
        String outcome,
        @Nullable String detail) {}
