package dev.sluice.download;

/// Bytes that are missing.
///
/// @param from the first one
/// @param to behind the last one
record Gap(long from, long to) {}
