package dev.sluice.upload;

import dev.sluice.core.Batch;
import dev.sluice.core.BatchId;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.Ids;
import dev.sluice.core.Problem;
import dev.sluice.core.ProblemException;
import dev.sluice.storage.SafeName;
import dev.sluice.storage.Storages;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Which files are taken, and as what: their limits, names and types, the storage that is meant, the batches that
/// they may join. Safe for use by many threads.
final class UploadPolicy {
    private final Storages storages;
    private final Ids ids;
    private final UploadSettings settings;

    UploadPolicy(Storages storages, Ids ids, UploadSettings settings) {
        this.storages = storages;
        this.ids = ids;
        this.settings = settings;
    }

    /// What a file becomes that is taken.
    ///
    /// @param metadata what else the client says of it
    /// @throws ProblemException `invalid_request`, `too_large`, `type_blocked`
    UploadSpec accept(FileRequest file, @Nullable String metadata, @Nullable Composition composition) {
        Long size = file.size();
        if (file.filename().isBlank()) {
            throw Uploads.invalid("a file needs a name", "filename");
        }
        if (size != null && size < 0) {
            throw Uploads.invalid("a size is not negative: " + size, "size");
        }
        if (size != null && size > settings.maxSize()) {
            throw new ProblemException(tooLarge(size, settings.maxSize()), null);
        }
        String name = SafeName.of(file.filename());
        requireUnblocked(file, name);
        return new UploadSpec(
                name,
                file.filename(),
                file.contentType(),
                storages.resolve(file.storage()),
                ids.secret(),
                metadata,
                composition);
    }

    private void requireUnblocked(FileRequest file, String name) {
        int dot = name.lastIndexOf('.');
        String extension = dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
        String type = file.contentType()
                .toLowerCase(Locale.ROOT)
                .replaceFirst(";.*", "")
                .strip();
        boolean blockedByName = settings.blockedExtensions().contains(extension);
        if (blockedByName || settings.blockedTypes().contains(type)) {
            throw new ProblemException(
                    ErrorCode.TYPE_BLOCKED,
                    "\"" + file.filename() + "\" is refused: "
                            + (blockedByName
                                    ? "names that end in ." + extension + " are blocked (upload.blocked-extensions)"
                                    : "the type " + type + " is blocked (upload.blocked-types)"),
                    Map.of("filename", file.filename(), "content_type", file.contentType()));
        }
    }

    /// @throws ProblemException `invalid_request` where a batch of its own may not have so many files
    void requireCount(int files) {
        if (files < 1 || files > settings.maxFiles()) {
            throw Uploads.invalid("a batch has 1 to " + settings.maxFiles() + " files, not " + files, "files");
        }
    }

    /// @param batch what is known of it; null where a file would make it
    /// @throws ProblemException `invalid_request` where the batch takes no more files, or may not be called so
    void requirePlace(BatchId id, @Nullable Batch batch) {
        if (batch == null && !isUuid(id.value())) {
            throw Uploads.invalid("there is no batch " + id + ", and a new one is called by a UUID", "batch");
        }
        if (batch != null && batch.counts().total() >= settings.maxFiles()) {
            throw Uploads.invalid("a batch has at most " + settings.maxFiles() + " files", "batch");
        }
    }

    private static boolean isUuid(String word) {
        try {
            return UUID.fromString(word).toString().equalsIgnoreCase(word);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    static Problem tooLarge(long size, long most) {
        return new Problem(
                ErrorCode.TOO_LARGE,
                "a file of " + size + " bytes is over the limit of " + most,
                Map.of("limit", most));
    }
}
