package dev.sluice.download;

import dev.sluice.core.Job;
import dev.sluice.storage.ObjectRef;
import org.jspecify.annotations.Nullable;

/// What has been found out about a download: the facts of its job, each from when it is known.
///
/// @param filename under which it is stored, or nearly so
/// @param fileSize in bytes
/// @param entries of a playlist: how many jobs were made of it
/// @param key of the stored object
/// @param stamp of its [ObjectRef]
public record DownloadFacts(
        @Nullable Video videoInfo,
        @Nullable String filename,
        @Nullable String contentType,
        @Nullable Long fileSize,
        @Nullable Integer entries,
        @Nullable String key,
        @Nullable String stamp) {

    static DownloadFacts found(Video info, @Nullable String filename, @Nullable String type, @Nullable Long size) {
        return new DownloadFacts(info, filename, type, size, null, null, null);
    }

    static DownloadFacts fetched(String filename, String type, long size) {
        return new DownloadFacts(null, filename, type, size, null, null, null);
    }

    static DownloadFacts stored(ObjectRef ref) {
        return new DownloadFacts(null, null, null, ref.size(), null, ref.key(), ref.stamp());
    }

    static DownloadFacts expanded(Video info, int entries) {
        return new DownloadFacts(info, null, null, null, entries, null, null);
    }

    public static DownloadFacts of(Job job) {
        return job.facts().as(DownloadFacts.class);
    }
}
