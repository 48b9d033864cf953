package dev.sluice.wire;

/// The answer of `POST /api/v1/imports/{id}/undo`.
///
/// @param id that was asked for, a job's or a batch's
/// @param imports how many were taken back
/// @param removed how many rows went with them
public record ImportUndoAnswer(String id, int imports, long removed) {}
