package dev.sluice.storage;

/// Where a storage saves an upload's state; it has survived this process's death once the call returns.
@FunctionalInterface
public interface UploadStateSink {
    void save(UploadState state);
}
