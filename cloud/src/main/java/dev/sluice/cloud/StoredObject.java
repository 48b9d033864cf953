package dev.sluice.cloud;

import org.jspecify.annotations.Nullable;

/// An object that stands under a key, as its provider tells of it.
public interface StoredObject {
    String key();

    long size();

    /// The provider's word for this very object.
    String stamp();

    /// Whose object it is, where one of Sluice's uploads made it.
    @Nullable
    String upload();
}
