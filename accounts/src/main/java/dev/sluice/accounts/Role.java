package dev.sluice.accounts;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// What a user is to this server.
public enum Role {
    ADMIN,
    USER,
    VIEWER;

    public Set<Right> rights() {
        return switch (this) {
            case ADMIN -> Set.of(Right.values());
            case USER -> Set.of(Right.READ, Right.WRITE);
            case VIEWER -> Set.of(Right.READ);
        };
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws ProblemException `invalid_request` where it is none
    public static Role of(String word) {
        return Arrays.stream(values())
                .filter(role -> role.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new ProblemException(
                        ErrorCode.INVALID_REQUEST,
                        "a role is admin, user or viewer, not \"" + word + "\"",
                        Map.of("field", "role")));
    }
}
