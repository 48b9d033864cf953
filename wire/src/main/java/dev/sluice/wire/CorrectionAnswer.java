package dev.sluice.wire;

/// The answer of `PATCH /api/v1/transactions/{id}`.
///
/// @param id of the transaction
/// @param category that it has now
/// @param changed how many transactions have it by this: all of the same merchant
public record CorrectionAnswer(long id, String category, long changed) {}
