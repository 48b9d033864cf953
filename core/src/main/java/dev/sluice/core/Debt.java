package dev.sluice.core;

import java.time.Instant;

/// Something that must not stay: recorded before it is made, struck off once it is gone.
///
/// @param type which [DebtPayer] can pay it
/// @param detail what the payer has to know, a record of its type
/// @param attempts how often paying has failed
public record Debt(
        DebtId id,
        JobId job,
        String type,
        When when,
        Document detail,
        Instant created,
        int attempts,
        Instant notBefore) {

    /// When a debt falls due.
    public enum When {
        /// Once its job has ended, whichever way.
        ENDED,
        /// Unless its job is completed: as soon as nobody works on the job.
        UNLESS_COMPLETED,
        /// At once.
        NOW
    }
}
