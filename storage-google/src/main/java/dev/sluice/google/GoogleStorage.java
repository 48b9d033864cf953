package dev.sluice.google;

import dev.sluice.cloud.Answer;
import dev.sluice.cloud.BackOff;
import dev.sluice.cloud.PartLayout;
import dev.sluice.cloud.Parts;
import dev.sluice.cloud.PromisedNames;
import dev.sluice.cloud.StreamedContent;
import dev.sluice.cloud.Supplies;
import dev.sluice.cloud.Unreadable;
import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.google.Faults.Failed;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.FileNames;
import dev.sluice.storage.ObjectContent;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectSpec;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Resumed;
import dev.sluice.storage.Shape;
import dev.sluice.storage.Storage;
import dev.sluice.storage.StorageAccount;
import dev.sluice.storage.UploadState;
import dev.sluice.storage.UploadStateSink;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Objects in a bucket of Google Cloud Storage, or files in a folder of Google Drive. Every one carries the id of the
/// upload that made it (`sluice-upload`, as metadata or as property of the app): by it an upload knows its own object
/// again, whatever answers were lost.
public final class GoogleStorage implements Storage {
    private static final Logger log = LoggerFactory.getLogger(GoogleStorage.class);
    /// How long what was cut off may still land: a second in all.
    private static final BackOff LANDING = new BackOff(Duration.ofMillis(100), Duration.ofMillis(400), 5);

    private final Place place;
    private final Accounts accounts;
    private final Supplies supplies;
    private final BackOff landing;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Starts starts;
    /// Names that uploads of this node are on their way to.
    private final PromisedNames promised = new PromisedNames();

    /// @param landing how long what was cut off is looked for
    GoogleStorage(Place place, Accounts accounts, Supplies supplies, BackOff landing) {
        this.place = place;
        this.accounts = accounts;
        this.supplies = supplies;
        this.landing = landing;
        this.starts = new Starts(place, threads);
    }

    /// Makes no call yet.
    public static GoogleStorage bucket(GcsSettings settings, Accounts accounts, Supplies supplies) {
        return new GoogleStorage(place(settings, supplies), accounts, supplies, LANDING);
    }

    static Place place(GcsSettings settings, Supplies supplies) {
        return new GcsBucket(settings, calls(settings.name(), settings.toString(), supplies));
    }

    /// Makes no call yet.
    public static GoogleStorage folder(DriveSettings settings, Accounts accounts, Supplies supplies) {
        return new GoogleStorage(place(settings, supplies), accounts, supplies, LANDING);
    }

    static Place place(DriveSettings settings, Supplies supplies) {
        return new DriveFolder(settings, calls(settings.name(), settings.toString(), supplies), supplies.clock());
    }

    private static Calls calls(String name, String where, Supplies supplies) {
        return new Calls(name, "storage \"" + name + "\", " + where, supplies.transport(), supplies.backOff());
    }

    @Override
    public Shape shape() {
        // What the service has answered for, it keeps; our own tails survive the process only.
        return new Shape(place.kind(), true, false, false, false, true);
    }

    @Override
    public Executor executor() {
        return threads;
    }

    @Override
    public UploadState intend(ObjectSpec spec) {
        FileNames.requirePlain(spec.name());
        if (spec.size() > place.largest()) {
            throw new ProblemException(
                    ErrorCode.TOO_LARGE,
                    spec.name() + " has " + spec.size() + " bytes, and "
                            + place.calls().where() + " takes " + place.largest() + " at the most: cut it",
                    Map.of("limit", place.largest()));
        }
        PartLayout layout =
                PartLayout.of(spec.size(), Integer.MAX_VALUE, supplies.memory().most());
        return sealed(spec, GoogleState.intent(layout.first()));
    }

    @Override
    public ObjectUpload begin(UploadState intent, UploadStateSink saved, StopToken stop) {
        stop.check();
        return new GoogleUpload(this, intent, known(intent), null, Parts.Kept.NOTHING, saved, stop);
    }

    @Override
    public Resumed resume(UploadState state, UploadStateSink saved, StopToken stop) {
        stop.check();
        GoogleState known = known(state);
        boolean open = false;
        try {
            Resumed resumed = place.calls().told("resume " + state.name(), () -> resumed(state, known, saved, stop));
            if (resumed instanceof Resumed.Gone) {
                discard(state);
            }
            open = resumed instanceof Resumed.Open;
            return resumed;
        } finally {
            if (!open) {
                accounts.release(state.id());
            }
        }
    }

    @Override
    public void recall(UploadState state) {
        GoogleState known = known(state);
        if (known.parts() > 0 && known.name() != null) {
            promised.add(known.name(), state.id());
        }
    }

    private Resumed resumed(UploadState state, GoogleState known, UploadStateSink saved, StopToken stop) {
        Parts.Kept kept = kept(state, known);
        String name = known.name();
        if (known.account() == null || name == null) {
            return kept.all() == 0
                    ? new Resumed.Gone()
                    : new Resumed.Open(new GoogleUpload(this, state, known, null, kept, saved, stop));
        }
        Account by = accounts.resume(state.id(), known.account(), state.size() - kept.bytes());
        URI address = known.session();
        Resumable session =
                address == null ? null : new Resumable(place.calls(), by, address, state.size(), kept.bytes());
        Resumable.Told told = session == null ? new Resumable.Told.Gone() : session.ask(stop);
        if (!(told instanceof Resumable.Told.Has)) {
            Optional<Standing> made = place.made(by, state.id(), known.file(), name, stop);
            if (made.isPresent()) {
                return new Resumed.AlreadyCommitted(
                        place.ref(by, verified(state.size(), known.whole(), by, made.get())));
            }
            session = null;
        }
        boolean lost = told instanceof Resumable.Told.Has has ? has.bytes() < kept.bytes() : known.parts() > 0;
        if (lost || (session == null && kept.all() == 0)) {
            return new Resumed.Gone();
        }
        if (known.parts() > 0) {
            promised.add(name, state.id());
        }
        return new Resumed.Open(new GoogleUpload(this, state, known, session, kept, saved, stop));
    }

    private Parts.Kept kept(UploadState state, GoogleState known) {
        return supplies.kept(state, known.parts(), layout(state, known).end(known.parts()), known.crc32());
    }

    /// What is noted here: the service is not asked, since whoever asks may be looking at all jobs at once, and the
    /// service may be away.
    @Override
    public long kept(UploadState state) {
        return kept(state, known(state)).all();
    }

    /// What does not have our bytes does not stay.
    ///
    /// @param size how many bytes it has, or [ObjectSpec#UNKNOWN]
    /// @param whole the digest of all bytes, where it is known
    Standing verified(long size, @Nullable String whole, Account by, Standing made) {
        String theirs = made.checksum();
        boolean sized = size == ObjectSpec.UNKNOWN || made.size() == size;
        if (sized && (whole == null || theirs == null || whole.equals(theirs))) {
            return made;
        }
        place.delete(by, made, new StopToken());
        throw new ProblemException(
                ErrorCode.CHECKSUM_MISMATCH,
                "the service has stored " + made.name() + " with " + made.size() + " bytes and checksum " + theirs
                        + " in the place of " + size + " and " + whole + ": it has been deleted there, send it"
                        + " again");
    }

    @Override
    public void discard(UploadState state) {
        GoogleState known = known(state);
        supplies.tails().forget(state.id());
        accounts.release(state.id());
        end(state, known);
        if (known.name() != null) {
            promised.remove(known.name(), state.id());
        }
    }

    private void end(UploadState state, GoogleState known) {
        var unstopped = new StopToken();
        place.calls().told("end the upload of " + state.name(), () -> {
            Account by = account(known);
            left(state, known, by, unstopped)
                    .ifPresent(address -> Resumable.cancel(place.calls(), address, by, unstopped));
            starts.endUnheard(state.id(), address -> Resumable.cancel(place.calls(), address, by, unstopped));
            return state;
        });
    }

    /// The session that is to be ended: none where it has become an object. Its address is enough to ask it where the
    /// account is not configured any more, or is refused.
    private Optional<URI> left(UploadState state, GoogleState known, @Nullable Account by, StopToken unstopped) {
        URI address = known.session();
        if (address == null || known.whole() == null) {
            return Optional.ofNullable(address);
        }
        try {
            return open(new Resumable(place.calls(), by, address, state.size(), 0), unstopped);
        } catch (Failed e) {
            if (by == null || !Resumable.isRefusal(e)) {
                throw e;
            }
            return open(new Resumable(place.calls(), null, address, state.size(), 0), unstopped);
        }
    }

    private static Optional<URI> open(Resumable session, StopToken unstopped) {
        return session.ask(unstopped) instanceof Resumable.Told.Done ? Optional.empty() : Optional.of(session.uri());
    }

    /// Null where it is not configured any more.
    private @Nullable Account account(GoogleState known) {
        try {
            return known.account() == null ? null : accounts.named(known.account());
        } catch (ProblemException e) {
            log.warn("{}", e.problem().message());
            return null;
        }
    }

    /// Bytes whose connection was cut may still become an object, even when their session was ended: it is looked for
    /// more than once.
    @Override
    public void takeBack(UploadState state, ObjectRef ref) {
        GoogleState known = known(state);
        if (known.account() == null) {
            return;
        }
        end(state, known);
        var unstopped = new StopToken();
        Account by = accounts.named(known.account());
        place.calls().told("take back " + ref.key(), () -> {
            for (int look = 1; !takenBack(state, known, ref, by, unstopped) && look < landing.tries(); look++) {
                landing.await(look, null, unstopped);
            }
            return ref;
        });
    }

    private boolean takenBack(UploadState state, GoogleState known, ObjectRef ref, Account by, StopToken unstopped) {
        Optional<Standing> made = place.made(by, state.id(), known.file(), ref.key(), unstopped);
        made.ifPresent(object -> place.delete(by, object, unstopped));
        return made.isPresent();
    }

    @Override
    public ObjectContent read(ObjectRef ref, ByteRange range, StopToken stop) {
        stop.check();
        return place.calls().told("read " + ref.key(), () -> content(ref, range, stop));
    }

    private ObjectContent content(ObjectRef ref, ByteRange range, StopToken stop) {
        Standing there = place.at(accounts, ref, stop).orElseThrow(() -> Unreadable.notFound(ref.key()));
        if (!place.fits(ref, there)) {
            throw Unreadable.changed(ref.key());
        }
        if (range.end() > there.size()) {
            throw Unreadable.beyond(ref.key(), range);
        }
        if (range.length() == 0) {
            return new StreamedContent(ref.key(), null, 0, stop);
        }
        Answer answer;
        try {
            answer = place.open(place.owner(accounts, ref, stop), there, range, stop);
        } catch (Failed e) {
            throw e.fault().status() == 404 ? Unreadable.notFound(ref.key()) : e;
        }
        if (answer.status() != 206 && range.length() != there.size()) {
            answer.close();
            throw new ProblemException(
                    ErrorCode.UPSTREAM_REFUSED, place.calls().where() + " gives no ranges of " + ref.key());
        }
        return new StreamedContent(ref.key(), answer.body(), range.length(), stop);
    }

    @Override
    public void delete(ObjectRef ref) {
        var unstopped = new StopToken();
        place.calls().told("delete " + ref.key(), () -> {
            Optional<Standing> there = place.at(accounts, ref, unstopped);
            if (there.isPresent() && !place.fits(ref, there.get())) {
                log.warn(
                        "{} in {} is another object now than the one that was stored: it stays",
                        ref.key(),
                        place.calls().where());
                return ref;
            }
            there.ifPresent(object -> place.delete(place.owner(accounts, ref, unstopped), object, unstopped));
            return ref;
        });
    }

    /// The accounts know how much room they have: an upload asks for one that has enough.
    @Override
    public void requireSpace(long bytes) {}

    @Override
    public List<StorageAccount> accounts() {
        return accounts.standing();
    }

    @Override
    public StorageAccount connect(String grant) {
        return accounts.connect(grant);
    }

    @Override
    public void disconnect(String account) {
        accounts.disconnect(account);
    }

    @Override
    public void close() {
        threads.shutdown();
        accounts.close();
    }

    // ------------------------------------------------------------ for its uploads

    Place place() {
        return place;
    }

    Accounts pool() {
        return accounts;
    }

    Supplies supplies() {
        return supplies;
    }

    Starts starts() {
        return starts;
    }

    ExecutorService threads() {
        return threads;
    }

    PartLayout layout(UploadState state, GoogleState known) {
        return new PartLayout(
                known.partSize(),
                state.size(),
                Integer.MAX_VALUE,
                supplies.memory().most());
    }

    private GoogleState known(UploadState state) {
        return GoogleState.of(supplies.opened(state));
    }

    UploadState sealed(ObjectSpec spec, GoogleState known) {
        return supplies.sealed(spec, known.token());
    }

    /// Names that uploads of this node are on their way to.
    PromisedNames promised() {
        return promised;
    }
}
