package dev.sluice.storage;

/// The object that an upload is to become.
///
/// @param id unique among all uploads of this storage, 1–64 characters of `A-Z a-z 0-9 . _ -`
/// @param name a file name that is safe on every system: no separators, no control characters, at most 255
///     bytes
/// @param size in bytes, or [#UNKNOWN] until the last byte has come
public record ObjectSpec(String id, String name, long size, String contentType) {
    public static final long UNKNOWN = -1;
}
