package dev.sluice.download;

import org.jspecify.annotations.Nullable;

/// What is known of what is being fetched.
///
/// @param id at its source; of a plain file its job's
/// @param title of a plain file its name
/// @param thumbnail a URL
/// @param duration in seconds
/// @param quality what was chosen, as `1280x720`
public record Video(
        String id,
        String title,
        @Nullable String thumbnail,
        @Nullable Double duration,
        @Nullable String quality) {}
