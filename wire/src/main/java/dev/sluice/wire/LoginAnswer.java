package dev.sluice.wire;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/// The answer of `POST /api/v1/auth/login`. Wire contract §3.
///
/// @param expiresIn seconds
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record LoginAnswer(String accessToken, String tokenType, long expiresIn) {
    public LoginAnswer(String accessToken, long expiresIn) {
        this(accessToken, "bearer", expiresIn);
    }
}
