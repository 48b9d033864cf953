package dev.sluice.storage;

/// An object that a storage holds, or is about to hold.
///
/// @param key its name in the storage
public record ObjectRef(String key, long size) {}
