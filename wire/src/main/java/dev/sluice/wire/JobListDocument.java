package dev.sluice.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A page of jobs.
///
/// @param next the opaque `after` of the next page, absent on the last one
public record JobListDocument(
        List<JobDocument> jobs, @Nullable String next) {
    public JobListDocument {
        jobs = List.copyOf(jobs);
    }
}
