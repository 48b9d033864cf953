package dev.sluice.azure;

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
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An object on its way into a container. One that is known to fit into one part stays in memory until its commit.
///
/// The service computes no digest of a blob that is made of blocks. It has compared each block with its MD5 when it
/// came, and the id of a block names its CRC-32: the blob is verified by the list of its blocks, their ids and sizes
/// in order, which is the CRC-32 of the whole in pieces.
final class AzureUpload extends PartedUpload {
    private static final int FLYING = 4;

    private final AzureStorage storage;
    private final UploadStateSink saved;
    private final StopToken stop;
    private final Parts parts;
    private final String owner;
    private final List<Container.Stored> blocks;

    private volatile UploadState state;
    private volatile AzureState known;

    /// @param stored the blocks that the service has of it, in order
    AzureUpload(
            AzureStorage storage,
            UploadState state,
            AzureState known,
            List<Container.Stored> stored,
            Parts.Kept kept,
            UploadStateSink saved,
            StopToken stop) {
        this.storage = storage;
        this.state = state;
        this.known = known;
        this.saved = saved;
        this.stop = stop;
        this.owner = BlockId.owner(state.id());
        this.blocks = new ArrayList<>(stored);
        PartLayout layout = storage.layout(state, known);
        var plan = new Parts.Plan(state, layout, FLYING, layout.single());
        this.parts = new Parts(storage.supplies(), storage.executor(), plan, kept, new Flights(), stop);
    }

    @Override
    public UploadState state() {
        return state;
    }

    private void save(AzureState next) {
        known = next;
        state = storage.sealed(state.spec(), next);
        saved.save(state);
    }

    /// Parts as blocks: the service needs nothing to be begun for them.
    private final class Flights implements Parts.Carrier {
        @Override
        public void open() {
            if (known.key() == null) {
                storage.promise(state.spec(), key -> save(known.begun(key)), stop);
            }
        }

        @Override
        public String send(Parts.Part part, StopToken cut) {
            String id = new BlockId(owner, part.number(), part.crc32()).written();
            storage.container()
                    .block(String.valueOf(known.key()), id, part.memory().from(0), cut);
            return id + " " + part.length();
        }

        @Override
        public void landed(List<Parts.Landed> landed, Parts.Progress all) {
            for (Parts.Landed part : landed) {
                String[] words = part.word().split(" ", 2);
                blocks.add(new Container.Stored(words[0], Long.parseLong(words[1])));
            }
            save(known.stored(all.parts(), all.bytes(), all.crc32()));
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
        return new ObjectRef(
                PromisedNames.first(
                        state.spec(),
                        name -> storage.isFree(name, stop)
                                || own(storage.key(name)).isPresent()),
                size());
    }

    private Optional<Container.Standing> own(String key) {
        return storage.own(key, state.id(), stop);
    }

    @Override
    protected ObjectRef place(ObjectRef target, Precondition when) throws Commit.TargetTaken {
        String key = storage.key(target.key());
        boolean free = when == Precondition.ABSENT;
        return storage.ref(known.key() == null ? put(key, free) : complete(key, free));
    }

    private Container.Standing put(String key, boolean free) throws Commit.TargetTaken {
        List<ByteBuffer> whole = parts.rest().memory().from(0);
        String md5 = Container.md5(whole);
        Container.Standing made = Made.settled(
                key,
                () -> storage.container().put(key, state.id(), state.contentType(), whole, md5, free, stop),
                () -> own(key));
        boolean same = made.md5() == null || md5.equals(made.md5());
        return verified(made, same, "MD5 " + made.md5() + " in the place of " + md5);
    }

    private Container.Standing complete(String key, boolean free) throws Commit.TargetTaken {
        if (!key.equals(known.key())) {
            throw new ProblemException(
                    ErrorCode.CONFLICT, state.name() + " can only become " + known.key() + ": blocks of it are there");
        }
        parts.landAll();
        List<String> ids = blocks.stream().map(Container.Stored::id).toList();
        Container.Standing made = Made.settled(
                key,
                () -> storage.container().commit(key, state.id(), state.contentType(), ids, free, stop),
                () -> own(key));
        List<Container.Stored> theirs = storage.container().committed(key, stop).orElse(List.of());
        return verified(made, theirs.equals(blocks), "blocks that are not those that were sent");
    }

    /// What does not have our bytes does not stay.
    private Container.Standing verified(Container.Standing there, boolean same, String difference) {
        if (there.size() == size() && same) {
            return there;
        }
        storage.container().delete(there, new StopToken());
        throw new ProblemException(
                ErrorCode.CHECKSUM_MISMATCH,
                "the service has stored " + there.key() + " with "
                        + (same ? there.size() + " bytes in the place of " + size() : difference)
                        + ": it does not stay there, send it again");
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
