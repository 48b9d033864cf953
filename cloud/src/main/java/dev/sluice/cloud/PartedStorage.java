package dev.sluice.cloud;

import dev.sluice.core.ErrorCode;
import dev.sluice.core.ProblemException;
import dev.sluice.core.StopToken;
import dev.sluice.storage.ByteRange;
import dev.sluice.storage.ObjectContent;
import dev.sluice.storage.ObjectRef;
import dev.sluice.storage.ObjectSpec;
import dev.sluice.storage.ObjectUpload;
import dev.sluice.storage.Resumed;
import dev.sluice.storage.Shape;
import dev.sluice.storage.Storage;
import dev.sluice.storage.UploadState;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Objects under keys, at a provider that takes them in [Parts]: what is the same for all of these. Every object
/// carries the id of the upload that made it: by it an upload knows its own object again, whatever answers were lost.
///
/// What is public beside the port is for the storage's uploads, its [PartedUpload]s.
///
/// @param <O> what stands under a key
public abstract class PartedStorage<O extends StoredObject> implements Storage {
    /// How long what was cut off may still land: a second in all.
    private static final BackOff LANDING = new BackOff(Duration.ofMillis(100), Duration.ofMillis(400), 5);

    private final Logger log = LoggerFactory.getLogger(getClass());
    private final Shape shape;
    private final String where;
    private final String prefix;
    private final Supplies supplies;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final PromisedNames promised = new PromisedNames();
    private final Stragglers stragglers = new Stragglers();

    /// @param kind as [Shape#kind]
    /// @param where it is, for people
    /// @param prefix what stands before the name of an object in its key
    protected PartedStorage(String kind, String where, String prefix, Supplies supplies) {
        // What the service has answered for, it keeps; our own tails survive the process only.
        this.shape = new Shape(kind, true, false, false, false, true);
        this.where = where;
        this.prefix = prefix;
        this.supplies = supplies;
    }

    // ------------------------------------------------------------ what each has its own way for

    protected abstract Optional<O> look(String key, StopToken stop);

    /// Deletes this very object; one that is not there does no harm.
    ///
    /// @return false where it may still be there, since it has been written to
    protected abstract boolean remove(O object, StopToken stop);

    /// Opens a run of the bytes of an object, at least one.
    protected abstract ObjectContent open(ObjectRef ref, ByteRange range, StopToken stop);

    /// The key that an upload has parts under, and so cannot change; null where it has none yet.
    protected abstract @Nullable String fixedKey(UploadState state);

    // ------------------------------------------------------------ the port

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public Executor executor() {
        return threads;
    }

    /// The provider has room for everything.
    @Override
    public void requireSpace(long bytes) {}

    @Override
    public void recall(UploadState state) {
        String key = fixedKey(state);
        if (key != null) {
            promised.add(name(key), state.id());
        }
    }

    /// Takes up an upload that has no parts at the provider: it has become an object, or something of it is kept here,
    /// or it is gone.
    ///
    /// @param open goes on from what is kept
    protected Resumed resumed(UploadState state, StopToken stop, Function<Parts.Kept, ObjectUpload> open) {
        Optional<O> made =
                PromisedNames.made(state.spec(), name -> look(key(name), stop), there -> isOf(there, state.id()));
        if (made.isPresent()) {
            return new Resumed.AlreadyCommitted(ref(made.get()));
        }
        Parts.Kept kept = supplies.kept(state, 0, 0, 0);
        return kept.tail() == 0 ? new Resumed.Gone() : new Resumed.Open(open.apply(kept));
    }

    /// A put whose connection was cut may still become an object: it is looked for more than once. What was made of
    /// parts may not, once they are gone. What was written to in between, as by a set tag, is still ours.
    @Override
    public void takeBack(UploadState state, ObjectRef ref) {
        discard(state);
        var unstopped = new StopToken();
        String key = key(ref.key());
        for (int look = 1; ; look++) {
            Optional<O> own = own(key, state.id(), unstopped);
            if (own.isPresent() && remove(own.get(), unstopped)) {
                return;
            }
            if (look == LANDING.tries()) {
                if (own.isPresent()) {
                    throw new ProblemException(
                            ErrorCode.UPSTREAM_UNAVAILABLE, key + " in " + where + " is written to all the time");
                }
                return;
            }
            LANDING.await(look, null, unstopped);
        }
    }

    @Override
    public ObjectContent read(ObjectRef ref, ByteRange range, StopToken stop) {
        stop.check();
        return range.length() == 0 ? nothing(ref, range, stop) : open(ref, range, stop);
    }

    /// No provider gives a range without bytes: whether there could be one is looked at here.
    private ObjectContent nothing(ObjectRef ref, ByteRange range, StopToken stop) {
        O there = look(key(ref.key()), stop).orElseThrow(() -> Unreadable.notFound(ref.key()));
        if (!fits(ref, there)) {
            throw Unreadable.changed(ref.key());
        }
        if (range.end() > there.size()) {
            throw Unreadable.beyond(ref.key(), range);
        }
        return new StreamedContent(ref.key(), null, 0, stop);
    }

    @Override
    public void delete(ObjectRef ref) {
        var unstopped = new StopToken();
        Optional<O> there = look(key(ref.key()), unstopped);
        if (there.isPresent() && !fits(ref, there.get())) {
            log.warn("{} in {} is another object now than the one that was stored: it stays", ref.key(), where);
            return;
        }
        there.ifPresent(object -> remove(object, unstopped));
    }

    private static boolean fits(ObjectRef ref, StoredObject there) {
        return ref.stamp() == null || ref.stamp().equals(there.stamp());
    }

    @Override
    public void close() {
        threads.shutdown();
    }

    // ------------------------------------------------------------ for its uploads

    public Supplies supplies() {
        return supplies;
    }

    /// Names that uploads of this node have parts on their way to.
    public PromisedNames promised() {
        return promised;
    }

    public Stragglers stragglers() {
        return stragglers;
    }

    public String key(String name) {
        return prefix + name;
    }

    public String name(String key) {
        return key.substring(prefix.length());
    }

    public ObjectRef ref(O there) {
        return new ObjectRef(name(there.key()), there.size(), there.stamp());
    }

    /// What stands under a key, if that upload has made it.
    public Optional<O> own(String key, String upload, StopToken stop) {
        return look(key, stop).filter(there -> isOf(there, upload));
    }

    private static boolean isOf(StoredObject there, String upload) {
        return upload.equals(there.upload());
    }

    /// Where an upload goes that cannot change its key any more.
    ///
    /// @throws ProblemException `conflict` where something else stands there
    public ObjectRef fixed(String key, String upload, long size, StopToken stop) {
        Optional<O> there = look(key, stop);
        if (there.isPresent() && !isOf(there.get(), upload)) {
            throw PromisedNames.lost(name(key));
        }
        return new ObjectRef(name(key), size);
    }

    /// A key that nothing stands at and no upload is on its way to: it cannot be changed once parts are there.
    ///
    /// @param free whether the provider has nothing there
    /// @param noted remembers it
    protected String promise(ObjectSpec spec, Predicate<String> free, Consumer<String> noted) {
        return key(promised.promise(spec, name -> {
            String key = key(name);
            boolean isFree = free.test(key);
            if (isFree) {
                noted.accept(key);
            }
            return isFree;
        }));
    }
}
