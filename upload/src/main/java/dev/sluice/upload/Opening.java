package dev.sluice.upload;

/// How a client opens an upload.
public enum Opening {
    /// From byte 0, by a client that knows nothing of resuming: when it is lost, the upload soon fails.
    FRESH,
    /// From byte 0, by a client that could resume.
    FRESH_RESUMABLE,
    /// From where the storage has kept its bytes.
    RESUME,
    /// From byte 0, and it ends with its request.
    ONCE;

    boolean fresh() {
        return this != RESUME;
    }

    boolean resumable() {
        return this == RESUME || this == FRESH_RESUMABLE;
    }
}
