package dev.sluice.server;

import dev.sluice.core.Job;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.download.DownloadFacts;
import dev.sluice.download.Downloads;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.ObjectContent;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.Storage;
import dev.sluice.storage.Storages;
import dev.sluice.upload.UploadFacts;
import dev.sluice.upload.Uploads;
import dev.sluice.wire.InitiateRequest;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a completed job has stored, for those who read it.
///
/// @param name that it is to have where it arrives
record StoredFile(Job job, Storage storage, ObjectRef ref, String contentType, String name, String etag) {
    private static final String UNKNOWN_TYPE = "application/octet-stream";

    /// Of an upload or a download.
    ///
    /// @throws ProblemException `conflict` (with `state`) where it has not completed; `gone` where it has stored
    /// nothing
    ///     by itself; `upstream_unavailable` where its storage is not configured any more
    static StoredFile of(Job job, Storages storages) {
        return job.kind().equals(Downloads.KIND) ? ofDownload(job, storages) : ofUpload(job, storages);
    }

    private static StoredFile ofUpload(Job job, Storages storages) {
        UploadFacts facts = UploadFacts.of(job);
        return new StoredFile(
                job,
                storages.named(facts.storage()),
                facts.ref(),
                Uploads.spec(job).contentType(),
                job.name(),
                "\"" + job.id() + "-" + facts.crc32() + "\"");
    }

    /// Its CRC-32 is not known; an id can be used again, but not at the same moment.
    private static StoredFile ofDownload(Job job, Storages storages) {
        ObjectRef ref = Downloads.stored(job);
        DownloadFacts facts = DownloadFacts.of(job);
        Instant ended = job.ended() == null ? job.created() : job.ended();
        String type = facts.contentType();
        return new StoredFile(
                job,
                storages.named(Downloads.spec(job).storage()),
                ref,
                // Another server has said it.
                type != null && InitiateRequest.isMediaType(type) ? type : UNKNOWN_TYPE,
                nameOf(job),
                "\"" + job.id() + "-" + Long.toHexString(ended.toEpochMilli()) + "\"");
    }

    /// What a download's file is called.
    static String nameOf(Job job) {
        String filename = DownloadFacts.of(job).filename();
        return filename == null ? job.name() : filename;
    }

    long size() {
        return ref.size();
    }

    @Nullable
    Instant modified() {
        return job.ended();
    }

    /// @throws ProblemException what the storage throws where it cannot be read just now, with its `file_id`
    void requireReadable() {
        try {
            storage.call(() -> {
                storage.read(ref, new ByteRange(0, 0), new StopToken()).close();
                return storage;
            });
        } catch (ProblemException e) {
            throw new ProblemException(
                    new Problem(
                            e.code(),
                            "file " + job.id() + " (" + job.name() + ") cannot be read: "
                                    + e.problem().message(),
                            Map.of("file_id", job.id().value())),
                    e);
        }
    }

    ObjectContent read(ByteRange range) {
        return storage.call(() -> storage.read(ref, range, new StopToken()));
    }
}
