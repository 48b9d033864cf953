package dev.sluice.download;

/// The folder in which yt-dlp works for a job, and every process that has it as its [Marked#VARIABLE].
record MediaDebt(String folder) {
    static final String TYPE = "media";
}
