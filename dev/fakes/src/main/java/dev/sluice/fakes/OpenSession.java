package dev.sluice.fakes;

import java.time.Instant;

/// A session that was neither completed nor cancelled, and has not expired.
///
/// @param id as it stands in `upload_id`
/// @param total -1 where it is not known
public record OpenSession(String id, String name, long received, long total, Instant lastUsed) {}
