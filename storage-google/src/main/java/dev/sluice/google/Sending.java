package dev.sluice.google;

import dev.sluice.cloud.Parts;
import dev.sluice.cloud.PromisedNames;
import dev.sluice.core.Commit;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.google.Faults.Failed;
import dev.sluice.google.Faults.Remedy;
import dev.sluice.storage.UploadState;
import dev.sluice.storage.UploadStateSink;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the parts of one object into its session, one after the other, and takes their digest on the way. While
/// nothing is at the service it may begin again: with another account, or with another session where one is gone.
///
/// The first part may do so on the thread that it flies on, when nothing else touches the session.
final class Sending implements Parts.Carrier {
    private static final Logger log = LoggerFactory.getLogger(Sending.class);
    private static final Duration DAY = Duration.ofDays(1);
    /// So often a session that is gone at once is begun again.
    private static final int SESSIONS = 3;

    private final GoogleStorage storage;
    private final Place place;
    private final UploadStateSink saved;
    private final StopToken stop;
    private final Turns turns;
    /// A part's digest is taken while the one before it is sent.
    private final Turns digests;
    private final Digest digest;

    private final Lock saving = new ReentrantLock();
    private volatile Noted noted;
    private volatile @Nullable Account by;
    private volatile @Nullable Resumable session;
    /// Whether the session was begun for a name where nothing may stand.
    private volatile boolean free = true;
    /// Whether a part has been sent: the session's name is then what it is.
    private boolean launched;

    private record Noted(GoogleState known, UploadState state) {}

    /// @param begin where the first part begins that is still to be sent
    Sending(
            GoogleStorage storage,
            UploadState state,
            GoogleState known,
            @Nullable Resumable session,
            long begin,
            UploadStateSink saved,
            StopToken stop) {
        this.storage = storage;
        this.place = storage.place();
        this.noted = new Noted(known, state);
        this.by = session == null ? null : session.account();
        this.saved = saved;
        this.stop = stop;
        this.turns = new Turns(begin);
        this.digests = new Turns(begin);
        this.digest = place.digest(known.digest());
        this.launched = known.parts() > 0;
        if (session != null) {
            use(session);
        }
    }

    UploadState state() {
        return noted.state();
    }

    private GoogleState known() {
        return noted.known();
    }

    /// What landed is noted by who writes, and where the session went by who sends: one after the other, so that the
    /// newer one is saved last.
    private void save(UnaryOperator<GoogleState> change) {
        saving.lock();
        try {
            GoogleState next = change.apply(known());
            noted = new Noted(next, storage.sealed(state().spec(), next));
            saved.save(noted.state());
        } finally {
            saving.unlock();
        }
    }

    private void follow(URI there) {
        try {
            save(before -> before.moved(there));
        } catch (RuntimeException e) {
            storage.starts().unheard(state().id(), there);
            throw e;
        }
    }

    private void use(Resumable opened) {
        opened.onMove(this::follow);
        if (!opened.uri().equals(known().session())) {
            save(before -> before.moved(opened.uri()));
        }
        session = opened;
    }

    /// The name that the object has once its bytes are on their way; null before.
    @Nullable
    String fixed() {
        return launched ? known().name() : null;
    }

    Account account(StopToken until) {
        Account chosen = by;
        if (chosen == null) {
            chosen = storage.pool().reserve(state().id(), state().size(), until);
            by = chosen;
        }
        return chosen;
    }

    private Resumable session() {
        Resumable open = session;
        if (open == null) {
            throw new IllegalStateException("no session was begun");
        }
        return open;
    }

    // ------------------------------------------------------------ sessions

    /// What stands under a name, that is not this upload's own where there is both.
    Optional<Standing> named(String name) {
        while (true) {
            Account account = account(stop);
            try {
                return place.named(account, name, state().id(), stop);
            } catch (Failed e) {
                if (launched || e.fault().remedy() != Remedy.OTHER_ACCOUNT) {
                    throw e;
                }
                change(account, e, stop);
            }
        }
    }

    /// Begins the session under that name, where it is not begun.
    ///
    /// @return false where something stands there
    boolean beginsAt(String name) {
        try {
            ready(name, true);
            return true;
        } catch (Commit.TargetTaken taken) {
            return false;
        }
    }

    /// Sees to a session under that name.
    void ready(String name, boolean nothingThere) throws Commit.TargetTaken {
        if (launched) {
            if (!place.renames() && !name.equals(known().name())) {
                throw new ProblemException(
                        ErrorCode.CONFLICT,
                        state().name() + " can only become " + known().name() + ": parts of it are there");
            }
            return;
        }
        if (session == null || !name.equals(known().name()) || (nothingThere != free && !place.renames())) {
            try {
                begin(name, nothingThere, stop);
            } catch (Failed e) {
                if (e.fault().status() == 412) {
                    throw new Commit.TargetTaken(name, e);
                }
                throw e;
            }
        }
    }

    /// Begins a session in the place of the one that there was, with the first account that will have it.
    private void begin(String name, boolean nothingThere, StopToken until) {
        leave(until);
        while (true) {
            Account account = account(until);
            try {
                String file = file(account, until);
                save(before -> before.meant(account.id(), name, file));
                var start =
                        new Place.Start(state().id(), name, file, state().contentType(), state().size(), nothingThere);
                URI address = storage.starts().begin(account, start, until);
                try {
                    save(before -> before.begun(address));
                } catch (RuntimeException e) {
                    storage.starts().unheard(state().id(), address);
                    throw e;
                }
                use(new Resumable(place.calls(), account, address, state().size(), 0));
                free = nothingThere;
                return;
            } catch (Failed e) {
                if (e.fault().remedy() != Remedy.OTHER_ACCOUNT) {
                    throw e;
                }
                change(account, e, until);
            }
        }
    }

    /// The same one in a new session: a debt may know it.
    private @Nullable String file(Account account, StopToken until) {
        String reserved = known().file();
        return reserved != null && account.id().equals(known().account()) ? reserved : place.reserve(account, until);
    }

    private void leave(StopToken until) {
        Resumable earlier = session;
        if (earlier == null) {
            return;
        }
        try {
            Resumable.cancel(place.calls(), earlier.uri(), earlier.account(), until);
        } catch (Failed e) {
            log.warn("a session of {} stays until it expires: {}", state().name(), e.getMessage());
        }
        session = null;
    }

    /// Goes to another account.
    ///
    /// @throws ProblemException where there is none: why this one takes no more
    private void change(Account full, Failed failed, StopToken until) {
        ProblemException why = place.calls().problem("send " + state().name() + " as " + full.id(), failed);
        Instant again =
                failed.fault().daily() ? storage.supplies().clock().instant().plus(DAY) : null;
        full.setAside(why, again);
        leave(until);
        Account next = storage.pool().reserve(state().id(), state().size(), until);
        if (next.id().equals(full.id())) {
            throw why;
        }
        log.info(
                "[{}] goes with account {}, since {}",
                state().id(),
                next.id(),
                why.problem().message());
        by = next;
    }

    // ------------------------------------------------------------ parts

    @Override
    public void open() {
        // Once the first part is on its way, only the thread that it flies on touches the session.
        if (!launched && session == null) {
            place.calls().told("begin " + state().name(), () -> {
                promise();
                return state().name();
            });
        }
        launched = true;
    }

    /// Under a name where nothing stands and that no upload is on its way to: it may not be changed any more.
    private void promise() {
        storage.promised().promise(state().spec(), name -> named(name).isEmpty() && beginsAt(name));
    }

    /// @return the digest's state behind the part
    @Override
    public String send(Parts.Part part, StopToken cut) {
        long end = part.begin() + part.length();
        try {
            digests.await(part.begin(), cut);
            part.memory().from(0).forEach(digest::update);
            String digested = digest.state();
            digests.pass(end);
            turns.await(part.begin(), cut);
            sent(part, cut);
            turns.pass(end);
            return digested;
        } catch (RuntimeException | Error e) {
            digests.fail(end, e);
            turns.fail(end, e);
            throw e;
        }
    }

    private void sent(Parts.Part part, StopToken cut) {
        for (int tried = 1; ; tried++) {
            try {
                switch (session().send(part.begin(), part.length(), part.memory()::from, false, cut)) {
                    case Resumable.Told.Has has -> {
                        return;
                    }
                    case Resumable.Told.Done done ->
                        throw new ProblemException(
                                ErrorCode.UPSTREAM_REFUSED,
                                place.calls().where() + " takes " + state().name() + " for complete, which it is not");
                    case Resumable.Told.Gone gone -> again(part, tried, cut);
                }
            } catch (Failed e) {
                moved(part, e, cut);
            }
        }
    }

    /// The session is gone: what is all in memory goes into a new one.
    private void again(Parts.Part part, int tried, StopToken cut) {
        if (part.begin() > 0 || tried >= SESSIONS) {
            throw new ProblemException(
                    ErrorCode.UPSTREAM_UNAVAILABLE,
                    "the upload of " + state().name() + " is no more, "
                            + place.calls().where() + ": it starts over from the first byte");
        }
        begin(String.valueOf(known().name()), free, cut);
    }

    private void moved(Parts.Part part, Failed failed, StopToken cut) {
        if (!canMove(part, failed)) {
            throw place.calls().problem("send " + state().name(), failed);
        }
        change(session().account(), failed, cut);
        again(part, 0, cut);
    }

    /// Whether it may go to another account: nothing of it is at the service.
    private boolean canMove(Parts.Part part, Failed failed) {
        return failed.fault().remedy() == Remedy.OTHER_ACCOUNT
                && part.begin() == 0
                && session().has() == 0;
    }

    @Override
    public void landed(List<Parts.Landed> parts, Parts.Progress all) {
        save(before -> before.landed(all.parts(), all.crc32(), parts.getLast().word()));
    }

    // ------------------------------------------------------------ the end

    /// The digest of everything, with the last part.
    String digested(Parts.Part last) {
        last.memory().from(0).forEach(digest::update);
        return digest.value();
    }

    /// What this upload has become already.
    Optional<Standing> made(String name) {
        return known().whole() == null
                ? Optional.empty()
                : place.made(account(stop), state().id(), known().file(), name, stop);
    }

    /// Sends the last part, which makes the object visible.
    ///
    /// @param whole the digest of all bytes
    Standing end(Parts.Part last, String whole, String name, boolean nothingThere) throws Commit.TargetTaken {
        for (int tried = 1; ; tried++) {
            save(before -> before.ending(whole));
            try {
                switch (session().send(last.begin(), last.length(), last.memory()::from, true, stop)) {
                    case Resumable.Told.Done done -> {
                        return place.standing(done.resource());
                    }
                    case Resumable.Told.Has has -> throw new IllegalStateException("an end that is none");
                    case Resumable.Told.Gone gone -> {
                        Optional<Standing> made = made(name);
                        if (made.isPresent()) {
                            return made.get();
                        }
                        again(last, tried, stop);
                    }
                }
            } catch (Failed e) {
                ended(last, e, name, nothingThere);
            }
        }
    }

    private void ended(Parts.Part last, Failed failed, String name, boolean nothingThere) throws Commit.TargetTaken {
        if (failed.fault().status() == 412) {
            if (launched) {
                throw PromisedNames.lost(name);
            }
            throw new Commit.TargetTaken(name, failed);
        }
        if (!canMove(last, failed)) {
            throw failed;
        }
        change(session().account(), failed, stop);
        if (nothingThere) {
            // What is to be taken back has another name now: it is recorded first.
            throw new Commit.TargetTaken(name, failed);
        }
        again(last, 0, stop);
    }
}
