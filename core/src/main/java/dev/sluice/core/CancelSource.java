package dev.sluice.core;

import java.util.Locale;

/// Through which door a cancel came.
public enum CancelSource {
    HTTP_ENDPOINT,
    BATCH_CANCEL,
    WEBSOCKET,
    CLI,
    ADMIN;

    /// The word as it stands in documents: `http_endpoint`.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
