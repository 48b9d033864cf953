package dev.sluice.wire;

import dev.sluice.core.Job;
import dev.sluice.core.JobState;
import dev.sluice.core.Progress;
import dev.sluice.download.DownloadFacts;
import org.jspecify.annotations.Nullable;

/// How far a download is, as the front ends in the field read it. Wire contract §2.
///
/// @param status `queued` `processing` `completed` `failed` `cancelled`
/// @param progress 0–100
/// @param downloadUrl where its bytes are, once it is completed
/// @param error why it failed
/// @param storageProvider the kind of storage that it goes to
/// @param fileSize bytes
public record DownloadStatus(
        String jobId,
        String status,
        int progress,
        @Nullable Video videoInfo,
        @Nullable String downloadUrl,
        @Nullable String error,
        String storageProvider,
        @Nullable Long fileSize) {
    private static final String QUEUED = "queued";
    private static final int NOT_DONE = 99;

    /// What is known of what is being fetched.
    ///
    /// @param title of a plain file its name
    /// @param duration in seconds, without a fraction where there is none
    public record Video(
            String id,
            String title,
            @Nullable String thumbnail,
            @Nullable Number duration,
            @Nullable String quality) {
        private static @Nullable Video of(dev.sluice.download.@Nullable Video known) {
            return known == null
                    ? null
                    : new Video(
                            known.id(), known.title(), known.thumbnail(), seconds(known.duration()), known.quality());
        }

        private static @Nullable Number seconds(@Nullable Double seconds) {
            if (seconds == null || !Double.isFinite(seconds)) {
                return null;
            }
            return seconds == Math.rint(seconds) ? (Number) seconds.longValue() : seconds;
        }
    }

    /// @param live how far it is just now, where it runs here
    /// @param storageProvider a storage's kind
    /// @param downloadUrl where its bytes will be
    public static DownloadStatus of(
            Job job, @Nullable Progress live, String storageProvider, @Nullable String downloadUrl) {
        DownloadFacts facts = DownloadFacts.of(job);
        var error = job.error();
        return new DownloadStatus(
                job.id().value(),
                word(job),
                progress(job, live),
                Video.of(facts.videoInfo()),
                job.state() == JobState.COMPLETED && facts.key() != null ? downloadUrl : null,
                job.state() == JobState.FAILED && error != null ? error.message() : null,
                storageProvider,
                facts.fileSize());
    }

    static String word(Job job) {
        return switch (job.state()) {
            case PENDING -> job.everRan() ? "processing" : QUEUED;
            case RUNNING, PAUSED -> "processing";
            case COMPLETED, FAILED, CANCELLED -> job.state().word();
        };
    }

    private static int progress(Job job, @Nullable Progress live) {
        return switch (job.state()) {
            case COMPLETED -> 100;
            case RUNNING -> notDone(live == null ? JobDocument.recordedPercent(job, null) : live.percent());
            case PENDING, PAUSED, FAILED, CANCELLED ->
                job.everRan() ? notDone(JobDocument.recordedPercent(job, null)) : 0;
        };
    }

    private static int notDone(double percent) {
        return (int) Math.clamp(JobDocument.percent(percent), 0, NOT_DONE);
    }

    /// The same where it has not gone back: to whoever was told more, a new attempt begins where the last one ended.
    public DownloadStatus noLessThan(@Nullable DownloadStatus told) {
        return told == null
                ? this
                : new DownloadStatus(
                        jobId,
                        status.equals(QUEUED) ? told.status : status,
                        Math.max(progress, told.progress),
                        videoInfo,
                        downloadUrl,
                        error,
                        storageProvider,
                        fileSize);
    }
}
