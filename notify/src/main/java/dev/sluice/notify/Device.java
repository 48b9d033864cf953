package dev.sluice.notify;

import dev.sluice.core.Owner;
import java.time.Instant;

/// A browser that is reached through its maker's push service.
///
/// @param label what its owner knows it by
public record Device(String id, Owner owner, String label, Instant created) {}
