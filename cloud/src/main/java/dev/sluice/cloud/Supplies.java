package dev.sluice.cloud;

import dev.sluice.secrets.Vault;
import dev.sluice.storage.ObjectSpec;
import dev.sluice.storage.UploadState;
import java.time.Clock;
import java.util.zip.CRC32;

/// What a cloud storage is given to work with.
///
/// @param memory its share of the budget for parts
/// @param tails where the last bytes of uploads lie
/// @param vault seals what it must remember
/// @param backOff how it waits between tries
public record Supplies(
        Transport transport, Buffers.Share memory, KeptTails tails, Vault vault, Clock clock, BackOff backOff) {

    /// What there is of an upload of which the provider has `bytes` bytes in whole parts: those, and what is kept
    /// behind them in the data folder.
    ///
    /// @param crc32 of the bytes in parts
    public Parts.Kept kept(UploadState upload, int parts, long bytes, long crc32) {
        requireOurs(upload);
        var digest = new CRC32();
        long tail = tails.replay(upload.id(), bytes, digest::update);
        if (upload.sized() && bytes + tail > upload.size()) {
            tails.forget(upload.id());
            tail = 0;
            digest.reset();
        }
        return new Parts.Kept(parts, bytes, crc32, tail, digest.getValue());
    }

    /// To another key the tail would look as if a crash had cut it off.
    private void requireOurs(UploadState upload) {
        var unused = opened(upload);
    }

    /// What there is to remember of an upload, sealed.
    ///
    /// @param token of the storage's own; it may name secrets
    public UploadState sealed(ObjectSpec spec, String token) {
        return new UploadState(spec.id(), spec.name(), spec.size(), spec.contentType(), vault.seal(spec.id(), token));
    }

    /// The token that was [#sealed].
    public String opened(UploadState upload) {
        return vault.open(upload.id(), upload.token());
    }
}
