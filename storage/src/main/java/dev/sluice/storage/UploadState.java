package dev.sluice.storage;

/// What a storage must remember of an unfinished upload to resume or discard it, after a crash too. It may hold
/// secrets of the provider and never leaves the server.
///
/// @param id of the [ObjectSpec]
/// @param token the storage's own words
public record UploadState(String id, String name, long size, String contentType, String token) {
    /// Whether the size was known from the start.
    public boolean sized() {
        return size != ObjectSpec.UNKNOWN;
    }

    public ObjectSpec spec() {
        return new ObjectSpec(id, name, size, contentType);
    }
}
