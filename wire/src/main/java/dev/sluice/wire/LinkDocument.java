package dev.sluice.wire;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A link to a stored file.
///
/// @param url absent where its file is not there any more
public record LinkDocument(
        String id,
        String job,
        String owner,
        Instant created,
        Instant expires,
        @Nullable String url) {}
