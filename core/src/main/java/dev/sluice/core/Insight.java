package dev.sluice.core;

import java.time.Duration;
import java.time.LocalDate;
import java.util.List;

/// What the jobs that ended since some moment tell together.
///
/// @param days sums of each day in UTC, kind and final state, the oldest day first
/// @param failures how often each kind failed, by code, the most frequent first; of its newest 200 failures
/// @param cancels receipts of the newest 200 cancels of each kind
public record Insight(List<Day> days, List<Failures> failures, List<CancelReceipt> cancels) {
    public Insight {
        days = List.copyOf(days);
        failures = List.copyOf(failures);
        cancels = List.copyOf(cancels);
    }

    /// @param busy from the jobs' beginnings to their ends, added up
    public record Day(LocalDate date, Kind kind, JobState state, long jobs, long bytes, Duration busy) {}

    public record Failures(Kind kind, ErrorCode code, long jobs) {}
}
