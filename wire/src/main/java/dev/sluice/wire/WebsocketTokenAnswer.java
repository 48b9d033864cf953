package dev.sluice.wire;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/// The answer of `POST /api/v1/auth/websocket-token`. Wire contract §3.
///
/// @param expiresIn seconds
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record WebsocketTokenAnswer(String websocketToken, long expiresIn, String tokenType) {
    public WebsocketTokenAnswer(String websocketToken, long expiresIn) {
        this(websocketToken, expiresIn, "websocket");
    }
}
