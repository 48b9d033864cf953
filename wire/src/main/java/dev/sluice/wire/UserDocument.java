package dev.sluice.wire;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Somebody who can log in.
///
/// @param issuer who vouches for the user, where no password does
/// @param disabled since when
public record UserDocument(
        String name,
        String role,
        @Nullable String issuer,
        @Nullable Instant disabled,
        Instant created) {}
