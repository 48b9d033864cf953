package dev.sluice.google;

import java.nio.ByteBuffer;

/// The checksum that a service keeps of an object, taken from bytes in order. Confined to one thread at a time.
interface Digest {
    /// Takes the remaining bytes of `bytes`, whose position stays.
    void update(ByteBuffer bytes);

    /// What it takes to go on with it later: a word without spaces.
    String state();

    /// The checksum of all bytes so far, as the service writes it; it can be gone on with.
    String value();
}
