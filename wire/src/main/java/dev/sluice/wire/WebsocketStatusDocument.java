package dev.sluice.wire;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Map;
import java.util.TreeMap;

/// The answer of `GET /api/v1/websocket/status`. Wire contract §3.
///
/// @param endpoints paths by their names
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record WebsocketStatusDocument(boolean websocketEnabled, Stats managerStats, Map<String, String> endpoints) {
    private static final Map<String, String> ENDPOINTS = Map.of(
            "upload_progress", "/ws/upload-progress/{batch_id}?token={jwt_token}",
            "websocket_token", "/api/v1/auth/websocket-token",
            "status", "/api/v1/websocket/status");

    /// @param activeBatches that somebody watches
    /// @param connectionsPerUser by the name of each who has any
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Stats(int totalConnections, int activeBatches, Map<String, Integer> connectionsPerUser) {
        public Stats {
            connectionsPerUser = Map.copyOf(connectionsPerUser);
        }
    }

    public static WebsocketStatusDocument of(boolean enabled, Stats stats) {
        return new WebsocketStatusDocument(enabled, stats, new TreeMap<>(ENDPOINTS));
    }
}
