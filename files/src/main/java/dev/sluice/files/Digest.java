package dev.sluice.files;

import java.nio.ByteBuffer;

/// A hash in the making: fed piece by piece, read once at the end. For one thread at a time.
interface Digest {
    /// Takes in what remains of `bytes` and leaves nothing of it; whatever its byte order, which stays.
    void update(ByteBuffer bytes);

    /// The hash of all that was taken in, in small hexadecimal digits. Nothing may be taken in after it.
    String hex();
}
