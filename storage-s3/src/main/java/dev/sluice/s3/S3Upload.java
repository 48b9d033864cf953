package dev.sluice.s3;

import dev.sluice.cloud.Made;
import dev.sluice.cloud.PartLayout;
import dev.sluice.cloud.PartedUpload;
import dev.sluice.cloud.Parts;
import dev.sluice.cloud.PromisedNames;
import dev.sluice.core.Commit;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.Precondition;
import dev.sluice.storage.UploadState;
import dev.sluice.storage.UploadStateSink;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/// An object on its way into a bucket. An object that is known to fit into one part stays in memory until its commit.
final class S3Upload extends PartedUpload {
    private static final int FLYING = 4;

    private final S3Storage storage;
    private final UploadStateSink saved;
    private final StopToken stop;
    private final Parts parts;
    private final List<String> tags = new ArrayList<>();

    private volatile UploadState state;
    private volatile S3State known;

    /// @param stored the parts that the service has of it
    S3Upload(
            S3Storage storage,
            UploadState state,
            S3State known,
            List<Bucket.Stored> stored,
            Parts.Kept kept,
            UploadStateSink saved,
            StopToken stop) {
        this.storage = storage;
        this.state = state;
        this.known = known;
        this.saved = saved;
        this.stop = stop;
        stored.forEach(part -> tags.add(part.tag()));
        PartLayout layout = storage.layout(state, known);
        var plan = new Parts.Plan(state, layout, FLYING, layout.single());
        this.parts = new Parts(storage.supplies(), storage.executor(), plan, kept, new Flights(), stop);
    }

    @Override
    public UploadState state() {
        return state;
    }

    private void save(S3State next) {
        known = next;
        state = storage.sealed(state.spec(), next);
        saved.save(state);
    }

    /// The parts of a multipart upload.
    private final class Flights implements Parts.Carrier {
        @Override
        public void open() {
            if (known.uploadId() == null) {
                String key = storage.promise(
                        state.spec(),
                        free -> save(
                                known.begun(free, storage.supplies().clock().instant())),
                        stop);
                save(known.known(storage.begin(key, known.since(), state, stop)));
            }
        }

        @Override
        public String send(Parts.Part part, StopToken cut) {
            S3State into = known;
            return storage.bucket()
                    .part(
                            String.valueOf(into.key()),
                            String.valueOf(into.uploadId()),
                            part.number(),
                            part.memory().from(0),
                            part.crc32(),
                            cut);
        }

        @Override
        public void landed(List<Parts.Landed> landed, Parts.Progress all) {
            landed.forEach(part -> tags.add(part.word()));
            save(known.stored(all.parts(), all.crc32()));
        }
    }

    @Override
    protected Parts parts() {
        return parts;
    }

    // ------------------------------------------------------------ the commit

    @Override
    public ObjectRef target() {
        String fixed = known.key();
        if (fixed != null) {
            return storage.fixed(fixed, state.id(), size(), stop);
        }
        return new ObjectRef(PromisedNames.first(state.spec(), this::isUsable), size());
    }

    private boolean isUsable(String name) {
        return !storage.promised().contains(name)
                && storage.bucket()
                        .look(storage.key(name), stop)
                        .map(there -> state.id().equals(there.upload()))
                        .orElse(true);
    }

    private Optional<Bucket.Standing> own(String key) {
        return storage.own(key, state.id(), stop);
    }

    @Override
    protected ObjectRef place(ObjectRef target, Precondition when) throws Commit.TargetTaken {
        String key = storage.key(target.key());
        return storage.ref(known.key() == null ? put(key, when) : complete(key, when));
    }

    private Bucket.Standing put(String key, Precondition when) throws Commit.TargetTaken {
        Parts.Part whole = parts.rest();
        Bucket.Standing made = Made.settled(
                key,
                () -> storage.bucket()
                        .put(
                                key,
                                state.id(),
                                state.contentType(),
                                whole.memory().from(0),
                                whole.crc32(),
                                when == Precondition.ABSENT,
                                stop),
                () -> own(key));
        return verified(made, whole.crc32());
    }

    private Bucket.Standing complete(String key, Precondition when) throws Commit.TargetTaken {
        if (!key.equals(known.key())) {
            throw new ProblemException(
                    ErrorCode.CONFLICT, state.name() + " can only become " + known.key() + ": parts of it are there");
        }
        long crc32 = parts.landAll().crc32();
        var completed = new ArrayList<CompletedPart>(tags.size());
        for (String tag : tags) {
            completed.add(CompletedPart.builder()
                    .partNumber(completed.size() + 1)
                    .eTag(tag)
                    .build());
        }
        String uploadId = String.valueOf(known.uploadId());
        Bucket.Standing made = Made.settled(
                key,
                () -> storage.bucket().complete(key, uploadId, completed, crc32, when == Precondition.ABSENT, stop),
                () -> own(key));
        return verified(made, crc32);
    }

    /// What does not have our bytes does not stay.
    private Bucket.Standing verified(Bucket.Standing there, long crc32) {
        Long theirs = there.crc32();
        if (there.size() == size() && (theirs == null || theirs == crc32)) {
            return there;
        }
        storage.bucket().delete(there, new StopToken());
        throw new ProblemException(
                ErrorCode.CHECKSUM_MISMATCH,
                "the service has stored " + there.key() + " with " + there.size() + " bytes"
                        + (theirs == null ? "" : " and CRC-32 " + Long.toHexString(theirs)) + " in the place of "
                        + size() + " and " + Long.toHexString(crc32) + ": it has been deleted there, send it again");
    }

    @Override
    public void close() {
        String key = known.key();
        parts.close();
        if (key != null && !isCommitted()) {
            storage.stragglers().cutOff(key);
        }
    }
}
