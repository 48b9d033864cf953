package dev.sluice.scan;

import java.util.List;
import java.util.Optional;

/// What the built-in checks know of a file.
///
/// @param size in bytes, as read
/// @param findings the gravest first, each kind once
record Examined(long size, String sha256, List<Finding> findings) {
    Optional<Finding> refusing() {
        return findings.stream().filter(Finding::refuses).findFirst();
    }
}
