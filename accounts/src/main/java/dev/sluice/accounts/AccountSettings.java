package dev.sluice.accounts;

import java.time.Duration;

/// @param sessionAge how long a session lasts after a login or a refresh
/// @param sessionLimit how long it lasts at the most, however often it is refreshed
/// @param freeFailures logins of an account that may fail before the next one has to wait
/// @param auditAge how long entries of the audit log are kept
public record AccountSettings(Duration sessionAge, Duration sessionLimit, int freeFailures, Duration auditAge) {
    public static final AccountSettings DEFAULT =
            new AccountSettings(Duration.ofHours(12), Duration.ofDays(30), 5, Duration.ofDays(365));
}
