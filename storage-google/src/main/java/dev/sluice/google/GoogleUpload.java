package dev.sluice.google;

import dev.sluice.cloud.PartLayout;
import dev.sluice.cloud.PartedUpload;
import dev.sluice.cloud.Parts;
import dev.sluice.cloud.PromisedNames;
import dev.sluice.core.Commit;
import dev.sluice.core.StopToken;
import dev.sluice.google.Faults.Failed;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.Precondition;
import dev.sluice.storage.UploadState;
import dev.sluice.storage.UploadStateSink;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An object on its way to Google. Its last bytes make it visible: they stay here until the commit.
final class GoogleUpload extends PartedUpload {
    /// One part is sent, and the digest of one is taken.
    private static final int FLYING = 2;

    private final GoogleStorage storage;
    private final Place place;
    private final StopToken stop;
    private final Parts parts;
    private final Sending sending;
    private @Nullable String whole;

    /// @param session that goes on, or null
    GoogleUpload(
            GoogleStorage storage,
            UploadState state,
            GoogleState known,
            @Nullable Resumable session,
            Parts.Kept kept,
            UploadStateSink saved,
            StopToken stop) {
        this.storage = storage;
        this.place = storage.place();
        this.stop = stop;
        PartLayout layout = storage.layout(state, known);
        this.sending = new Sending(storage, state, known, session, kept.bytes(), saved, stop);
        var plan = new Parts.Plan(state, layout, FLYING, true);
        this.parts = new Parts(storage.supplies(), storage.threads(), plan, kept, sending, stop);
    }

    @Override
    public UploadState state() {
        return sending.state();
    }

    @Override
    protected Parts parts() {
        return parts;
    }

    // ------------------------------------------------------------ the commit

    /// Begins the session under a free name, so that the debt that is recorded next knows it.
    @Override
    public ObjectRef target() {
        // Until it has landed the first part may still go to another account.
        var unused = parts.rest();
        return place.calls().told("find a name for " + state().name(), this::free);
    }

    private ObjectRef free() {
        String fixed = sending.fixed();
        if (fixed != null && !place.renames()) {
            Optional<Standing> there = sending.named(fixed);
            if (there.isPresent() && !isOurs(there.get())) {
                throw PromisedNames.lost(fixed);
            }
            return new ObjectRef(fixed, size());
        }
        return new ObjectRef(PromisedNames.first(state().spec(), name -> isUsable(name, fixed)), size());
    }

    private boolean isUsable(String name, @Nullable String fixed) {
        if (!name.equals(fixed) && storage.promised().contains(name)) {
            return false;
        }
        Optional<Standing> there = sending.named(name);
        return there.isPresent() ? isOurs(there.get()) : fixed != null || sending.beginsAt(name);
    }

    private boolean isOurs(Standing there) {
        return state().id().equals(there.upload());
    }

    @Override
    protected ObjectRef place(ObjectRef target, Precondition when) throws Commit.TargetTaken {
        boolean mine = target.key().equals(sending.fixed());
        if (!mine && !storage.promised().add(target.key(), state().id())) {
            throw new Commit.TargetTaken(target.key(), null);
        }
        try {
            return made(target.key(), when == Precondition.ABSENT);
        } catch (Failed e) {
            throw place.calls().problem("complete " + target.key(), e);
        } finally {
            if (!mine) {
                storage.promised().remove(target.key(), state().id());
            }
        }
    }

    private ObjectRef made(String name, boolean free) throws Commit.TargetTaken {
        Parts.Part last = parts.rest();
        String all = whole;
        if (all == null) {
            all = sending.digested(last);
            whole = all;
        }
        if (free && place.renames()) {
            Optional<Standing> there = sending.named(name);
            if (there.isPresent() && !isOurs(there.get())) {
                throw new Commit.TargetTaken(name, null);
            }
        }
        Standing made = sending.made(name).orElse(null);
        if (made == null) {
            sending.ready(name, free);
            made = sending.end(last, all, name, free);
        }
        Account by = sending.account(stop);
        Standing verified = storage.verified(size(), all, by, made);
        return place.ref(by, place.settle(by, verified, name, !free, stop));
    }

    @Override
    public void close() {
        parts.close();
        storage.pool().release(state().id());
    }
}
