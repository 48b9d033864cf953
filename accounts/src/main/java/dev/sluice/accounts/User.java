package dev.sluice.accounts;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Somebody who can log in.
///
/// @param issuer who vouches for the user; null where a password does
public record User(
        String name,
        Role role,
        @Nullable String issuer,
        @Nullable Instant disabled,
        Instant created) {}
