package dev.sluice.upload;

/// How far an upload's digest has come.
///
/// @param offset bytes that the digest covers
/// @param crc32 of those bytes
/// @param resumable whether a client that can resume has ever opened it
record Checkpoint(long offset, long crc32, boolean resumable) {
    static final Checkpoint NONE = new Checkpoint(0, 0, false);
}
