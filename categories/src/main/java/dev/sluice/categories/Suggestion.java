package dev.sluice.categories;

/// A category that it could be.
///
/// @param confidence 0 to 1: how often such a suggestion is right
public record Suggestion(Category category, double confidence) {}
