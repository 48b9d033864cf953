package dev.sluice.wire;

import java.util.Optional;

/// What the socket of a download tells and is told. Wire contract §2.
public record DownloadMessage(String type, DownloadStatus data) {
    private static final String PONG = "{\"type\":\"pong\"}";

    public static DownloadMessage of(DownloadStatus status) {
        return new DownloadMessage("status", status);
    }

    /// What a client's message is answered with: a `ping`, also as an object, with a pong, others with nothing.
    public static Optional<String> answer(String message) {
        return message.strip().equals("ping") || WatcherMessage.parse(message) instanceof WatcherMessage.Ping
                ? Optional.of(PONG)
                : Optional.empty();
    }
}
