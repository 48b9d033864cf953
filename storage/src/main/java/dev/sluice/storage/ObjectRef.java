package dev.sluice.storage;

import org.jspecify.annotations.Nullable;

/// An object that a storage holds, or is about to hold.
///
/// @param key its name in the storage
/// @param stamp the storage's own word for this very object, by which it tells it from another one that came
///     under its name; null where it is not there yet, or was stored before there were stamps
public record ObjectRef(String key, long size, @Nullable String stamp) {
    public ObjectRef(String key, long size) {
        this(key, size, null);
    }
}
