package dev.sluice.download;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// How far a download is: its checkpoint.
///
/// @param found what was found at its source
/// @param left what is missing, where bytes go anywhere; null where they go in order
/// @param boot when the machine was started that has them: where they go anywhere they do not outlive it
/// @param digest the state of a digest of the first bytes, in Base64
/// @param digested how many those are
record Progressed(
        Found found,
        @Nullable List<Gap> left,
        String boot,
        @Nullable String digest,
        long digested) {}
